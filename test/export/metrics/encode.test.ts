// Metrics as text: both formats, escaping of hostile names, and counters that outlive their containers.
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../../src/detectors/monitor-state.ts'
import type { MetricsInput } from '../../../src/export/metrics/collect.ts'
import { encodeMetrics, escapeLabel, pickFormat } from '../../../src/export/metrics/encode.ts'
import { FAMILIES } from '../../../src/export/metrics/families.ts'
import { KillCounter } from '../../../src/export/metrics/kill-counter.ts'
import { createKmsg, createMeminfo, KILLED } from '../../detectors/readings.ts'
import { session } from '../../fixtures.ts'
import { createRandom } from '../../seeded-random.ts'

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
