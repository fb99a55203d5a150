// The rules for Prometheus: checked and unit-tested by promtool, and about metrics that exist.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FAMILIES } from '../../src/export/metrics/families.ts'
import { testUnless } from '../helpers/test-unless.ts'

const folder = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url))
const noPromtool =
  spawnSync('promtool', ['--version']).status === 0 ? undefined : 'promtool is missing: apt-get install prometheus'

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
  return status === 0 ? 'ok' : `${stdout}${stderr}`
}

testUnless(noPromtool)('are accepted by promtool', () => {
  expect(promtool('check', 'rules', 'kmemtop.rules.yml')).toBe('ok')
})

testUnless(noPromtool)('fire and resolve as their tests say', () => {
  expect(promtool('test', 'rules', 'kmemtop.rules.test.yml')).toBe('ok')
})

test('name only metrics that kmemtop serves', () => {
  const known = new Set(FAMILIES.flatMap(({ name, type }) => [type === 'counter' ? `${name}_total` : name]))
  const rules = readFileSync(`${folder}kmemtop.rules.yml`, 'utf8')
  const used = [...rules.matchAll(/(?<![:\w])kmemtop_\w+/g)]
    .map(([name]) => name)
    .filter(name => !name.startsWith('kmemtop_alert_severity:'))
  expect(used.filter(name => !known.has(name))).toEqual([])
})
