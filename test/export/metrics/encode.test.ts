// Metrics as text: both formats, escaping of hostile names, and counters that outlive their containers.
import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../../src/detectors/monitor-state.ts'
import type { MetricsInput } from '../../../src/export/metrics/collect.ts'
import { encodeMetrics, escapeLabel, pickFormat } from '../../../src/export/metrics/encode.ts'
import { FAMILIES } from '../../../src/export/metrics/families.ts'
import { KillCounter } from '../../../src/export/metrics/kill-counter.ts'
import type { Reading } from '../../../src/history.ts'
import { createV2Tree } from '../../detectors/kills.ts'
import { createKmsg, createMeminfo, KILLED, V2 } from '../../detectors/readings.ts'
import { buildHistory, session } from '../../fixtures.ts'
import { createRandom } from '../../seeded-random.ts'

const HOSTILE_PATH = '/x"\x1b'
const HOSTILE = 'a"b\\c\nd\x1b[31m{}=,#\ud800'

function build(kills: MetricsInput['kills'] = []): MetricsInput {
  const { history, alerts } = [createMeminfo(1000), createMeminfo(2000)].reduce(
    (state, reading) => applyReading(state, reading, defaultThresholds),
    createMonitorState(session),
  )
  return { history, alerts, kills, own: { cpuSeconds: 1.5, rss: 1e8 }, version: '1.0' }
}

test('names follow the conventions: units at the end, counters without _total in the table', () => {
  for (const { name, unit, type } of FAMILIES) {
    expect(name).toMatch(/^kmemtop_[a-z0-9_]+$/)
    expect(name.endsWith('_total')).toBe(false)
    if (unit !== undefined && type !== 'info') expect(name.endsWith(`_${unit}`)).toBe(true)
  }
  expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length)
})

describe('each format', () => {
  const last = { labels: { kmsg_sequence: '12', victim: 'ja"va' }, value: 1, time: 1.5 }
  const kills = [{ namespace: 'shop', pod: 'web-0', count: 3, last }]
  const openmetrics = encodeMetrics(build(kills), 'openmetrics')
  const text = encodeMetrics(build(kills), 'text')

  test('OpenMetrics has units and its end, and the family name without _total', () => {
    expect(openmetrics).toContain('# TYPE kmemtop_oom_kills counter\n')
    expect(openmetrics).toContain(
      'kmemtop_oom_kills_total{namespace="shop",pod="web-0"} 3 # {kmsg_sequence="12",victim="ja\\"va"} 1 1.500\n',
    )
    expect(openmetrics).toContain('# UNIT kmemtop_meminfo_bytes bytes\n')
    expect(openmetrics.endsWith('# EOF\n')).toBe(true)
  })

  test('the text format has the sample name in its head, and no unit or end', () => {
    expect(text).toContain('# TYPE kmemtop_oom_kills_total counter\n')
    expect(text).not.toMatch(/# UNIT|# EOF/)
  })

  test('no sample is NaN or undefined, and none comes twice', () => {
    const samples = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    expect(samples.filter(line => !/ -?\d+(\.\d+)?(e[+-]?\d+)?$/.test(line))).toEqual([])
    const metrics = samples.map(line => line.slice(0, line.lastIndexOf(' ')))
    expect(new Set(metrics).size).toBe(metrics.length)
  })
})

test('a label is one line in quotes, whatever it is made of', () => {
  const random = createRandom(1)
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: 20 }, () => String.fromCharCode(Math.floor(random() * 300))).join('')
    expect(`"${escapeLabel(text)}"`).toMatch(/^"(?:[^"\\\n]|\\[\\n"])*"$/)
  }
  expect(escapeLabel(HOSTILE)).toBe('a\\"b\\\\c\\nd\\\\x1b[31m{}=,#\ufffd')
})

test.each([
  ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5', 'openmetrics'],
  ['text/plain', 'text'],
  [undefined, 'text'],
  ['*/*', 'text'],
])('Accept %j gives %s', (accept, format) => {
  expect(pickFormat(accept)).toBe(format)
})

test('kills are counted once, from the start on, and stay when the container is gone', () => {
  const counter = new KillCounter()
  let state = createMonitorState(session)
  const step = (...readings: ReturnType<typeof createMeminfo>[]): void => {
    for (const reading of readings) state = applyReading(state, reading, defaultThresholds)
    counter.update(state.history)
  }
  step(createKmsg(500, KILLED), createMeminfo(1000))
  expect(counter.listTotals()).toEqual([])
  step(createKmsg(2000, KILLED), createMeminfo(5000))
  step(createMeminfo(6000))
  step(createMeminfo(3_600_000))
  expect(counter.listTotals().reduce((sum, { count }) => sum + count, 0)).toBe(1)
})

describe('cgroups', () => {
  const tree = createV2Tree(1000, '', '/a', '/b', HOSTILE_PATH)
  const use = (time: number, sizes: Readonly<Record<string, number>>): Reading => ({
    time,
    collector: 'cgroups',
    files: Object.fromEntries(
      Object.entries(sizes).map(([path, size]) => [`${V2}${path}/memory.current`, `${size}\n`]),
    ),
  })
  const input = (): MetricsInput => {
    const readings = [tree, use(2000, { '': 99, '/a': 1, '/b': 3, [HOSTILE_PATH]: 2 })]
    return { ...build(), history: buildHistory(readings) }
  }
  const list = (text: string): readonly string[] => text.match(/^kmemtop_cgroup_memory_bytes\{.*$/gm) ?? []

  test('have no series unless they are asked for: the largest, not the root', () => {
    expect(list(encodeMetrics(input(), 'text'))).toEqual([])
    const lines = list(encodeMetrics({ ...input(), cgroupSeries: 2 }, 'text'))
    expect(lines).toEqual([
      'kmemtop_cgroup_memory_bytes{cgroup="/b",namespace="",pod="",kind="current"} 3',
      'kmemtop_cgroup_memory_bytes{cgroup="/x\\"\\\\x1b",namespace="",pod="",kind="current"} 2',
    ])
  })

  test('that an alert is about have some, and at most fifty', () => {
    const { history } = input()
    const alert = { detector: 'cgroup-limit', subject: '/a', severity: 'warning', summary: '' } as Alert
    expect(list(encodeMetrics({ ...input(), history, alerts: [alert] }, 'text'))).toEqual([
      'kmemtop_cgroup_memory_bytes{cgroup="/a",namespace="",pod="",kind="current"} 1',
    ])
    const paths = Array.from({ length: 80 }, (_, i) => `/p${i}`)
    const many = buildHistory([
      createV2Tree(1000, ...paths),
      use(2000, Object.fromEntries(paths.map(path => [path, 1]))),
    ])
    const alerts = paths.map(subject => ({ ...alert, subject }))
    expect(list(encodeMetrics({ ...input(), history: many, alerts }, 'text'))).toHaveLength(50)
  })
})
