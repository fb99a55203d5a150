// The wall clock is set, or the machine sleeps: it is noted once, and times after it are those of the new clock.
import { describe, expect, test } from 'vitest'
import { toWallTime } from '../../src/collectors/wall-clock.ts'
import { createClockWatch } from '../../src/sampling/clock-watch.ts'
import { buildHistory, session } from '../fixtures.ts'

const HOUR = 3_600_000

/** Clocks that a test moves: time goes on in all, `set` and `sleep` only in some. */
function createClocks() {
  let [now, wall, slept] = [0, session.wallClock, 0]
  const monotonic = session.monotonic!
  return {
    advance: (ms: number) => {
      now += ms
    },
    set: (by: number) => {
      wall += by
    },
    sleep: (ms: number) => {
      wall += ms
      slept += ms
    },
    readUptime: () => monotonic + now + slept,
    clock: {
      wallClock: session.wallClock,
      monotonic,
      now: () => now,
      readWallClock: () => wall + now,
      sleepUntil: () => Promise.resolve(),
    },
  }
}

describe('the clock watch', () => {
  test('is silent while the clocks go together, and for what NTP corrects by and by', () => {
    const clocks = createClocks()
    const check = createClockWatch(clocks.clock, clocks.readUptime)
    for (let i = 0; i < 10; i++) {
      clocks.advance(1000)
      clocks.set(5)
      expect(check()).toBeUndefined()
    }
  })

  test('notes a step once, and times after it are of the new clock', () => {
    const clocks = createClocks()
    const check = createClockWatch(clocks.clock, clocks.readUptime)
    clocks.advance(60_000)
    clocks.set(2.5 * HOUR)
    const reading = check()!
    expect(reading.files['/clock']).toMatch(/^step \d+ \d+ 9000000\n$/)
    expect(check()).toBeUndefined()
    const history = buildHistory([reading])
    expect(toWallTime(history.session, 59_000)).toBe(session.wallClock + 59_000)
    expect(toWallTime(history.session, 61_000)).toBe(session.wallClock + 61_000 + 2.5 * HOUR)
    expect(history.clock.steps).toMatchObject([{ kind: 'step', by: 2.5 * HOUR, time: 60_000 }])
  })

  test('distinguishes a suspend from a step, and a step back from a step forward', () => {
    const clocks = createClocks()
    const check = createClockWatch(clocks.clock, clocks.readUptime)
    clocks.advance(1000)
    clocks.sleep(8 * HOUR)
    check()
    clocks.advance(1000)
    clocks.set(-HOUR)
    const history = buildHistory([check()!])
    expect(history.clock.steps.map(({ kind, by }) => [kind, by])).toEqual([
      ['suspend', 8 * HOUR],
      ['step', -HOUR],
    ])
    expect(toWallTime(history.session, 2000)).toBe(session.wallClock + 2000 + 7 * HOUR)
  })

  test('calls it a step where the time since boot cannot be read', () => {
    const clocks = createClocks()
    const check = createClockWatch(clocks.clock, () => undefined)
    clocks.sleep(HOUR)
    expect(check()!.files['/clock']).toMatch(/^step /)
  })
})
