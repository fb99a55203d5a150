// An error storm beside memory: named with the growth that goes with it, and with none where none does.
import { expect, test } from 'vitest'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { session } from '../fixtures.ts'
import { createMeminfo, createReading, GiB, MINUTE, MiB, repeatReadings } from './readings.ts'

const LOG = '/var/log/pods/shop_web-0_1/web/0.log'

/** Errors come in waves of `wave` seconds; memory grows by `grow` bytes for each error, `lag` seconds later. */
function runStorm({ grow, lag = 0, wave = 20 }: { grow: number; lag?: number; wave?: number }): Alert | undefined {
  const isStorm = (second: number): boolean => second > 240 && Math.floor(second / wave) % 2 === 0
  let anon = 4 * GiB
  const readings = repeatReadings(8 * MINUTE, 1000, time => {
    const second = time / 1000
    if (isStorm(second - lag)) anon += 40 * grow
    const counts = isStorm(second) ? '50 40 0\n40 failed to decrypt token ID' : '10 0 0'
    return [createReading(time, 'applog', { [LOG]: counts }), createMeminfo(time, { AnonPages: anon })]
  })
  const initial = createMonitorState(session)
  const { alerts } = readings.reduce((state, reading) => applyReading(state, reading, defaultThresholds), initial)
  return alerts.find(({ detector }) => detector === 'error-storm')
}

test('memory that grows with the errors is named, with pattern, agreement and order', () => {
  const alert = runStorm({ grow: 40 * 1024, lag: 10 })
  expect(alert?.severity).toBe('warning')
  expect(alert?.summary).toMatch(
    /0\.log has errors at .*: "failed to decrypt token ID"; AnonPages grew \+\d.* in step \(r = [01]\.\d+, 10 s later\)/,
  )
})

test('memory that grows evenly all the time does not go with the errors', () => {
  const readings = repeatReadings(8 * MINUTE, 1000, time => [
    createReading(time, 'applog', {
      [LOG]: time > 4 * MINUTE && Math.floor(time / 20_000) % 2 === 0 ? '50 40 0' : '10 0 0',
    }),
    createMeminfo(time, { AnonPages: 4 * GiB + (time / 1000) * MiB }),
  ])
  const initial = createMonitorState(session)
  const { alerts } = readings.reduce((state, reading) => applyReading(state, reading, defaultThresholds), initial)
  const alert = alerts.find(({ detector }) => detector === 'error-storm')
  expect([alert?.severity, alert?.summary.includes('in step')]).toEqual(['info', false])
})

test('errors without growth are an information, not a warning', () => {
  expect(runStorm({ grow: 0 })?.severity).toBe('info')
})
