// OpenMetrics text: names, units and escaping.
import { expect, test } from 'vitest'
import { collectSamples } from '../../src/export/metric-samples.ts'
import { formatFamilyHead, formatMetric, formatPoint } from '../../src/export/openmetrics.ts'
import { toStateJson } from '../../src/export/state-json.ts'
import { fullState } from '../playback/states.ts'

const samples = [...collectSamples(toStateJson(fullState.history, fullState.alerts))]
const metrics = samples.map(sample => formatMetric(sample, 'node "7"\\'))

test('no metric occurs twice, whatever the names', () => {
  expect(metrics.length).toBeGreaterThan(200)
  expect(new Set(metrics).size).toBe(metrics.length)
})

test('every metric is one line in the format', () => {
  const LABEL = /[a-z]+="(?:[^"\\\n]|\\\\|\\")*"/
  for (const metric of metrics)
    expect(metric).toMatch(new RegExp(`^kmemtop_[a-z0-9_]+\\{${LABEL.source}(?:,${LABEL.source})*\\}$`))
  expect(metrics.filter(metric => /\p{Cc}/u.test(metric))).toEqual([])
})

test('a unit ends the name of its family, a counter ends in _total', () => {
  for (const { family } of samples) {
    if (family.unit) expect(family.name).toMatch(new RegExp(`_${family.unit}$`))
    expect(formatFamilyHead(family)).toMatch(/^# HELP \S+ .+\n# TYPE \S+ (gauge|counter)\n(# UNIT \S+ \w+\n)?$/)
  }
  for (const [i, { family }] of samples.entries())
    expect(metrics[i]!.includes('_total{')).toBe(family.type === 'counter')
})

test('in a point, no limit is +Inf and time is in seconds', () => {
  expect(formatPoint(Number.POSITIVE_INFINITY, 1_795_479_983_971.6)).toBe('+Inf 1795479983.972\n')
  expect(samples.find(({ field }) => field === 'pressure.some.avg60')).toMatchObject({
    value: 0.05,
    labels: { window: '60s' },
  })
})
