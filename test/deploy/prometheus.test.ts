// The rules for Prometheus: checked and unit-tested by promtool, and about metrics that exist.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { FAMILIES } from '../../src/export/metrics/families.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { formatDetectorRules, listDetectorRules, readDetectorRules } from '../tools/prometheus-rules.ts'

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

testUnless(noPromtool)('fire for each detector, by severity, and resolve', () => {
  const file = join(createTemporaryFolder(), 'detectors.test.yml')
  const expectAlert = (alertname: string, eval_time: string, alerts: readonly object[]): object => ({
    alertname,
    eval_time,
    exp_alerts: alerts,
  })
  const rulesOfDetector = Map.groupBy(listDetectorRules(), ({ detector }) => detector)
  const tests = Array.from(rulesOfDetector, ([detector, detectorRules]) => {
    const series = `kmemtop_alert_severity{instance="a", detector="${detector}"}`
    const [critical, warning] = detectorRules.map(({ severity, summary, description }) => ({
      exp_labels: { severity, instance: 'a', detector },
      exp_annotations: { summary: summary.replace('{{ $labels.instance }}', 'a'), description },
    }))
    return {
      interval: '1m',
      input_series: [{ series, values: '0 3x4 2x14 0x4' }], // critical from 1 to 5 min, warning from 6 to 20
      alert_rule_test: [
        expectAlert('KernelMemoryCritical', '1m', []),
        expectAlert('KernelMemoryCritical', '3m', [critical!]),
        expectAlert('KernelMemoryCritical', '8m', []),
        expectAlert('KernelMemoryWarning', '8m', []),
        expectAlert('KernelMemoryWarning', '17m', [warning!]),
        expectAlert('KernelMemoryWarning', '22m', []),
      ],
    }
  })
  const rules = { rule_files: [`${folder}kmemtop.rules.yml`], evaluation_interval: '1m', tests }
  writeFileSync(file, JSON.stringify(rules)) // JSON is YAML
  expect(promtool('test', 'rules', file)).toBe('ok')
})

test('say of each detector what its alert means and what to do, as the detector does; npm run docs writes it', () => {
  expect(readDetectorRules()).toBe(formatDetectorRules())
})

test('name only metrics that kmemtop serves', () => {
  const endings = { gauge: '', counter: '_total', info: '_info' }
  const known = new Set(FAMILIES.map(({ name, type }) => `${name}${endings[type]}`))
  const rules = readFileSync(`${folder}kmemtop.rules.yml`, 'utf8')
  const used = [...rules.matchAll(/(?<![:\w])kmemtop_\w+/g)]
    .map(([name]) => name)
    .filter(name => !name.startsWith('kmemtop_alert_severity:'))
  expect(used.filter(name => !known.has(name))).toEqual([])
})
