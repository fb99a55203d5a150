// The clock: timers that are longer than those of Node.
import { afterEach, expect, test, vi } from 'vitest'
import { DAY } from '../../src/base/units.ts'
import { createSystemClock, repeatEvery } from '../../src/sampling/clock.ts'

afterEach(() => void vi.useRealTimers())

test('an interval of 30 days is not one of a millisecond', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let count = 0
  const stop = repeatEvery(30 * DAY, () => count++)
  vi.advanceTimersByTime(DAY)
  expect(count).toBe(0)
  vi.advanceTimersByTime(29 * DAY)
  stop()
  expect(count).toBe(1)
})

test('a sleep of 60 days ends after 60 days', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] })
  let isOver = false
  const clock = createSystemClock()
  const sleeping = clock.sleepUntil(60 * DAY).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(59 * DAY)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(DAY)
  await sleeping
  expect(clock.now()).toBeGreaterThanOrEqual(60 * DAY)
})
