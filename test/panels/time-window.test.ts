// The axis of charts: in a young session it begins with the session and grows in steps.
import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/base/units.ts'
import { formatWindow, getChartRange } from '../../src/panels/time-window.ts'
import { emptyState } from '../playback/states.ts'

const getRangeAt = (time: number): ReturnType<typeof getChartRange> =>
  getChartRange({ ...emptyState, history: { ...emptyState.history, time } }, 100 * HOUR)

const ages = [
  ...Array.from({ length: 3600 }, (_, i) => (i + 1) * SECOND),
  ...Array.from({ length: 4000 }, (_, i) => HOUR + i * MINUTE),
]

test('covers the whole session, with at most a third of it blank after 10 s', () => {
  for (const time of ages) {
    const { begin, end, newest } = getRangeAt(time)
    expect([begin, newest]).toEqual([0, time])
    expect(end).toBeGreaterThanOrEqual(time)
    if (time >= 10 * SECOND) expect((end - time) / end, `${time} ms`).toBeLessThan(1 / 3)
  }
})

test('stays for several samples, then takes one step', () => {
  const ends = ages.slice(0, 900).map(time => getRangeAt(time).end)
  expect(ends.toSorted((a, b) => a - b)).toEqual(ends)
  expect(new Set(ends).size).toBeLessThan(30)
})

test('begins with room for ten samples: an interval of 300 s on an axis of 10 s would be one value', () => {
  const history = { ...emptyState.history, time: 1, session: { ...emptyState.history.session, interval: 300 * SECOND } }
  expect(getChartRange({ ...emptyState, history })).toEqual({ begin: 0, end: 50 * MINUTE, newest: 1 })
})

test('a session as old as the window is shown up to its newest sample', () => {
  expect(getRangeAt(101 * HOUR)).toEqual({ begin: HOUR, end: 101 * HOUR, newest: 101 * HOUR })
})

test.each([
  [10 * SECOND, '10 s'],
  [75 * SECOND, '75 s'],
  [MINUTE, '1 min'],
  [150 * SECOND, '150 s'],
  [15 * MINUTE, '15 min'],
  [36 * HOUR, '36 h'],
  [2.5 * HOUR, '2.5 h'],
])('a window of %i ms is %s in a heading', (span, heading) => expect(formatWindow(span)).toBe(heading))
