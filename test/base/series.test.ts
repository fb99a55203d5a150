// Series: bounded, spans the whole session, and equal to a store that keeps everything, except for old values.
import { describe, expect, test } from 'vitest'
import {
  appendPoint,
  computeGrowthSince,
  computeRate,
  createSeries,
  getFirstTime,
  getLatest,
  getValueAt,
  getValueOrFirst,
  insertMoment,
  type Series,
  sampleSeries,
  slicePoints,
} from '../../src/base/series.ts'
import { createRandom } from '../seeded-random.ts'

type Points = readonly (readonly [time: number, value: number])[]

const seriesOf = (points: Points, capacity?: number): Series =>
  points.reduce((series, [time, value]) => appendPoint(series, time, value), createSeries(capacity))

/** The store that forgets nothing. */
const heldAt = (points: Points, time: number): number | undefined => points.findLast(point => point[0] <= time)?.[1]

/** `length` points at uneven steps; now and then the value stays. */
function walk(seed: number, length: number): Points {
  const random = createRandom(seed)
  let time = Math.floor(random() * 1e6)
  let value = 0
  return Array.from({ length }, () => {
    time += 1 + Math.floor(random() * 2000)
    if (random() < 0.7) value += Math.round(random() * 100 - 50)
    return [time, value] as const
  })
}

describe('a series below its capacity', () => {
  test.each([1, 2, 3, 4, 5])('has the value of a store that keeps everything at any time (seed %i)', seed => {
    const points = walk(seed, 1000)
    const series = seriesOf(points, 1200)
    const random = createRandom(seed + 100)
    const [begin, end] = [points[0]![0], points.at(-1)![0]]
    for (let i = 0; i < 500; i++) {
      const time = begin - 1000 + random() * (end - begin + 2000)
      expect(getValueAt(series, time)).toBe(heldAt(points, time))
    }
    for (const [time] of points.slice(0, 50)) expect(getValueAt(series, time)).toBe(heldAt(points, time))
  })

  test('costs nothing while the value stays', () => {
    const series = seriesOf(Array.from({ length: 5000 }, (_, i) => [i, 7] as const))
    expect(series.length).toBe(1)
    expect(appendPoint(series, 9999, 7)).toBe(series)
  })

  test('ignores a point from the past', () => {
    const series = seriesOf([
      [1000, 1],
      [2000, 2],
    ] as const)
    expect(appendPoint(series, 1500, 9)).toBe(series)
  })

  test('is undefined before its first point and when it is empty', () => {
    expect(getValueAt(createSeries(), 0)).toBeUndefined()
    expect(getLatest(createSeries())).toBeUndefined()
    expect(getLatest(undefined)).toBeUndefined()
    expect(getFirstTime(createSeries())).toBeUndefined()
    expect(getValueAt(seriesOf([[10, 1]]), 9)).toBeUndefined()
    expect(sampleSeries(seriesOf([[10, 1]]), 0, 20, 3)).toEqual([undefined, 1, 1])
  })
})

describe.each([
  { capacity: 1200, step: 1000, length: 86_400 },
  { capacity: 600, step: 1000, length: 40_000 },
  { capacity: 160, step: 1000, length: 40_000 },
])('$length points of a second each in a series for $capacity', ({ capacity, step, length }) => {
  let most = 0
  let series = createSeries(capacity)
  for (let i = 0; i < length; i++) {
    series = appendPoint(series, i * step, i * step)
    most = Math.max(most, series.times.length, series.length)
  }
  const now = (length - 1) * step

  test('never need more room than the capacity', () => {
    expect(most).toBeLessThanOrEqual(capacity)
  })

  test('still span the whole session', () => {
    expect(getFirstTime(series)).toBe(0)
    expect(getLatest(series)).toBe(now)
  })

  test('are as fine as a tenth of the capacity allows for their age', () => {
    const grain = 10 / capacity
    for (let age = step; age < now; age *= 1.07) {
      const stale = now - age - getValueAt(series, now - age)! // a value is the time it was stored
      expect(stale).toBeLessThanOrEqual(5 * grain * age + step) // each thinning may add a gap to the last
      expect(stale).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('two futures of one series', () => {
  test('do not mix and do not change their past', () => {
    const past = seriesOf([
      [0, 1],
      [1000, 2],
    ] as const)
    const rising = appendPoint(appendPoint(past, 2000, 3), 3000, 4)
    const falling = appendPoint(appendPoint(past, 2500, -3), 3500, -4)
    expect([...sampleSeries(rising, 0, 3000, 4)]).toEqual([1, 2, 3, 4])
    expect([0, 1000, 2000, 2500, 3500].map(time => getValueAt(falling, time))).toEqual([1, 2, 2, -3, -4])
    expect([past.length, getLatest(past), getValueAt(past, 9999)]).toEqual([2, 2, 2])
  })

  test('do not mix when both are thinned', () => {
    const random = createRandom(11)
    const past = seriesOf(
      Array.from({ length: 99 }, (_, i) => [i, i] as const),
      100,
    )
    let [a, b] = [past, past]
    for (let i = 99; i < 1000; i++) {
      if (random() < 0.5) a = appendPoint(a, i, 10_000 + i)
      if (random() < 0.5) b = appendPoint(b, i, 20_000 + i)
    }
    const own = (series: Series): number[] => series.values.slice(0, series.length).filter(value => value >= 99)
    expect(own(a).every(value => value >= 10_000 && value < 20_000)).toBe(true)
    expect(own(b).every(value => value >= 20_000)).toBe(true)
    expect(past.values.slice(0, past.length)).toEqual(Array.from({ length: 99 }, (_, i) => i))
  })
})

test('the points between two times begin with the value at the first', () => {
  const series = seriesOf([
    [0, 1],
    [1000, 2],
    [2000, 3],
    [3000, 4],
  ] as const)
  expect(slicePoints(series, 500, 2000)).toEqual({ times: [500, 1000, 2000], values: [1, 2, 3] })
  expect(slicePoints(series, -5, 0)).toEqual({ times: [0], values: [1] })
})

test('a rate divides by the time between the points and never goes below 0', () => {
  const counter = seriesOf([
    [0, 100],
    [2000, 120],
    [4000, 110],
  ] as const)
  expect(computeRate(counter, 2000, 1000)).toBe(20)
  expect(computeRate(counter, 2000, 10_000)).toBe(10)
  expect(computeRate(counter, 4000, 2000)).toBe(0)
  expect(computeRate(counter, 0, 1000)).toBeUndefined()
  expect(computeRate(undefined, 0, 1000)).toBeUndefined()
})

test('a value of one moment is between the points, and what was before goes on after it', () => {
  const series = appendPoint(appendPoint(createSeries(), 0, 10), 1000, 20)
  const peaked = insertMoment(series, 400, 99)
  expect([0, 399, 400, 401, 1000].map(time => getValueAt(peaked, time))).toEqual([10, 10, 10, 10, 20])
  expect(slicePoints(peaked, 300, 500).values).toContain(99)
  expect(insertMoment(series, -1, 99)).toBe(series)
  expect(getLatest(series)).toBe(20)
})

test('growth counts from the first point where the series begins later, and an empty series has none', () => {
  const series = seriesOf([
    [1000, 5],
    [2000, 9],
  ] as const)
  expect([0, 1500, 2500].map(time => getValueOrFirst(series, time))).toEqual([5, 5, 9])
  expect([0, 1500, 2500].map(time => computeGrowthSince(series, time))).toEqual([4, 4, 0])
  expect([getValueOrFirst(createSeries(), 0), computeGrowthSince(createSeries(), 0)]).toEqual([undefined, 0])
})
