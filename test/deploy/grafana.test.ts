// The dashboard of Grafana: made from the table of metrics, with queries that Prometheus takes.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAMILIES } from '../../src/export/metrics/families.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { formatDashboard, NOT_SHOWN, readDashboard, resolveVariables } from '../tools/grafana-dashboard.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const panels: readonly Panel[] = JSON.parse(readDashboard()).panels
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const noPromtool = spawnSync('promtool', ['--version']).error
  ? 'promtool is missing: apt-get install prometheus'
  : undefined

test('the file is what npm run docs writes', () => expect(readDashboard()).toBe(formatDashboard()))

test('every metric has a panel, or is known to have none', () => {
  const shown = FAMILIES.map(({ name }) => name).filter(name => queries.some(query => query.includes(name)))
  expect([...shown, ...NOT_SHOWN].sort()).toEqual(FAMILIES.map(({ name }) => name).sort())
})

test('docs/metrics.md names every metric as it is served', () => {
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const endings = { gauge: '', counter: '_total', info: '_info' }
  const served = FAMILIES.map(({ name, type }) => `${name}${endings[type]}`)
  expect(served.filter(name => !new RegExp(`\`${name}[{\`]`).test(text))).toEqual([])
})

test('panels have ids and places of their own', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})

testUnless(noPromtool)('promtool takes every query, and no other', () => {
  const check = (expressions: readonly string[]): string => {
    const rules = expressions.map((query, i) => ({ record: `query:${i}`, expr: resolveVariables(query) }))
    const file = join(createTemporaryFolder(), 'queries.yml')
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] })) // JSON is YAML
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
    return status === 0 ? 'ok' : stderr
  }
  expect(queries.length).toBeGreaterThan(10)
  expect(check(queries)).toBe('ok')
  expect(check(['max by (instance (kmemtop_cgroups)'])).toMatch(/could not parse/)
})
