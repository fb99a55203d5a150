// A wall clock that was set while a session lasted: times before a step are of the old clock, times after it of the new one.
import { describe, expect, test } from 'vitest'
import { parseTime, type TimeSpan } from '../../src/base/parse-time.ts'
import { computeWallTime, findSessionTime, listClockSegments } from '../../src/base/wall-time.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const NOON = new Date(2026, 2, 4, 12, 0, 0).getTime()
const stepBy = (by: number): TimeSpan => ({
  begin: 0,
  end: HOUR,
  wallClock: NOON,
  clockSteps: [{ time: 30 * MINUTE, wallClock: NOON + by }],
})
const forward = stepBy(6 * HOUR)
const back = stepBy(-HOUR / 4)

describe.each([
  ['forward', forward],
  ['back', back],
])('set %s', (_, clock) => {
  test('every session time is found again from its wall clock, where that came only once', () => {
    for (let time = 0; time <= HOUR; time += MINUTE) {
      const wall = computeWallTime(clock, time)
      const found = findSessionTime(clock, wall, 0, HOUR)
      expect(computeWallTime(clock, found)).toBe(wall)
      expect(found).toBeGreaterThanOrEqual(time)
    }
  })

  test('the parts between two steps cover the span without a gap', () => {
    const parts = listClockSegments(clock, 0, HOUR)
    expect(parts.map(({ begin, end }) => [begin, end])).toEqual([
      [0, 30 * MINUTE],
      [30 * MINUTE, HOUR],
    ])
    expect(listClockSegments(clock, 40 * MINUTE, 50 * MINUTE)).toHaveLength(1)
  })
})

test.each([
  ['12:10', forward, 10 * MINUTE],
  ['18:40', forward, 40 * MINUTE],
  ['2026-03-04T18:40:00', forward, 40 * MINUTE],
  ['15:00', forward, 30 * MINUTE], // the clock left it out: the moment at which it was set
  ['2026-03-04T15:00', forward, 30 * MINUTE],
  ['12:20', back, 20 * MINUTE],
  ['12:40', back, 55 * MINUTE],
  ['2026-03-04T12:20', back, 35 * MINUTE], // it came twice: the later one
])('%s is a session time', (text, span, time) => {
  expect(parseTime(text, span)).toBe(time)
})

test('a time outside is refused with the clocks of the beginning and the end', () => {
  expect(() => parseTime('20:00', forward)).toThrow('from 2026-03-04 12:00:00 to 2026-03-04 19:00:00')
})
