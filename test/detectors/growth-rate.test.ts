// Rate, plateau and time left: the same figures in the banner, the row and the page.
import { describe, expect, test } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { appendPoint, createSeries, type Series } from '../../src/base/series.ts'
import { GiB, HOUR, MINUTE, MiB, SECOND } from '../../src/base/units.ts'
import { measureGrowth } from '../../src/detectors/growth/growth-rate.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { buildMemoryView } from '../../src/panels/memory/rows.ts'
import { forecastCache } from '../../src/panels/slab/rows.ts'
import { session } from '../fixtures.ts'
import { createMeminfo, createReading, repeatReadings } from './readings.ts'

const build = (length: number, value: (time: number) => number): Series =>
  Array.from({ length: length / SECOND + 1 }, (_, i) => i * SECOND).reduce(
    (series, time) => appendPoint(series, time, value(time)),
    createSeries(),
  )

describe('the rate of a series', () => {
  test('is unknown with less than five minutes of data', () => {
    const series = build(4 * MINUTE, time => time)
    expect(measureGrowth(series, 0, 4 * MINUTE)).toBeUndefined()
  })

  test('is its growth per hour while it grows', () => {
    const series = build(10 * MINUTE, time => (6 * MiB * time) / HOUR)
    expect(measureGrowth(series, 0, 10 * MINUTE)?.perHour).toBeCloseTo(6 * MiB, -3)
  })

  test('is 0 after a step, which is not extrapolated to an hour', () => {
    const series = build(10 * MINUTE, time => (time < MINUTE ? 0 : 80 * MiB))
    expect(measureGrowth(series, 0, 10 * MINUTE)).toEqual({ perHour: 0, span: 10 * MINUTE, levelFor: 9 * MINUTE })
  })

  test('is negative while it falls, and 0 after the fall', () => {
    const falling = build(10 * MINUTE, time => GiB - time)
    const fallen = build(10 * MINUTE, time => GiB - Math.min(time, MINUTE))
    expect(measureGrowth(falling, 0, 10 * MINUTE)?.perHour).toBeLessThan(0)
    expect(measureGrowth(fallen, 0, 10 * MINUTE)?.perHour).toBe(0)
  })
})

const run = (readings: readonly Reading[]): MonitorState =>
  readings.reduce((state, one) => applyReading(state, one, defaultThresholds), createMonitorState(session))

const leak = (perHour: number, until = Number.POSITIVE_INFINITY): readonly Reading[] =>
  repeatReadings(2 * HOUR, MINUTE, time => {
    const leaked = (perHour * Math.min(time, until)) / HOUR
    return [
      createReading(time, 'slabinfo', {
        '/proc/slabinfo': `slabinfo - version: 2.1\n# name\nfilp 9 9 4096 1 1 : tunables 0 0 0 : slabdata 9 ${Math.round((GiB + leaked) / 4096)} 0\n`,
      }),
      createMeminfo(time, { SUnreclaim: GiB + leaked, MemAvailable: 40 * GiB - leaked }),
    ]
  })

test('banner, memory row and slab row have the rate and time left of the alert', () => {
  const { history, alerts } = run(leak(2 * GiB))
  const [alert] = alerts.filter(({ detector }) => detector === 'slab-growth')
  const row = buildMemoryView(history, alerts, 99).rows.find(({ name }) => name === 'SUnreclaim')!
  const state = { ...createInitialState(history), alerts }
  const cache = history.slabinfo.caches.find(({ name }) => name === 'filp')!
  expect(alert?.forecast?.timeLeft).toBeGreaterThan(HOUR)
  expect([row.perHour, row.timeLeft]).toEqual([alert!.forecast!.perHour, alert!.forecast!.timeLeft])
  expect(forecastCache(state, cache)?.timeLeft).toBe(alert!.forecast!.timeLeft)
})

test('a row without an alert shows no rate and no time left once its growth has stopped', () => {
  const { history } = run(leak(2 * GiB, HOUR))
  const row = buildMemoryView(history, [], 99).rows.find(({ name }) => name === 'SUnreclaim')!
  expect([row.perHour, row.timeLeft]).toEqual([0, undefined])
})

test('an alert that has ended shows its peak and its whole growth', () => {
  const readings = repeatReadings(5 * HOUR, MINUTE, time => {
    const grown = (600 * MiB * Math.min(time, 3 * HOUR)) / HOUR
    return createMeminfo(time, { SUnreclaim: GiB + (time > 4 * HOUR ? grown / 10 : grown) })
  })
  const [alert] = run(readings).alerts.filter(({ detector }) => detector === 'slab-growth')
  expect(alert?.resolvedAt).toBeDefined()
  expect(alert?.summary).toMatch(/^SUnreclaim \+1\.7\d GiB in [23] h/)
})
