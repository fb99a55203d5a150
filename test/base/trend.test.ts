// Which series are lasting rises. The bounds come from a simulation with the same kinds of series.
import { describe, expect, test } from 'vitest'
import { computeTrend, isSustainedRise } from '../../src/base/trend.ts'
import { createNormal, createRandom } from '../seeded-random.ts'

const N = 60
const RUNS = 200
const FLOOR = 16
const at = Array.from({ length: N }, (_, i) => i)

type Random = () => number
const between = (random: Random, low: number, high: number): number => low + random() * (high - low)

/** Noise in which each value keeps a share of the one before: memory has a memory. */
function noise(random: Random): readonly number[] {
  const normal = createNormal(random)
  const keep = [0, 0.5, 0.9, 0.97][Math.floor(random() * 4)]!
  const size = between(random, 0.3, 2)
  let value = 0
  return Array.from({ length: N + 200 }, () => (value = keep * value + size * normal())).slice(200)
}

type Shape = (random: Random) => (i: number) => number

const SHAPES: Readonly<Record<string, Shape>> = {
  stationary: () => () => 0,
  'one step': random => {
    const [height, when] = [between(random, 20, 120), Math.floor(between(random, 5, 55))]
    return i => (i >= when ? height : 0)
  },
  plateau: random => {
    const [height, pace] = [between(random, 40, 300), between(random, 3, 12)]
    return i => height * (1 - Math.exp(-i / pace))
  },
  'saw-tooth': random => {
    const period = Math.floor(between(random, 8, 30))
    const [height, shift] = [between(random, 20, 120), Math.floor(random() * period)]
    return i => (height * ((i + shift) % period)) / period
  },
  'part of a daily wave': random => {
    const [height, period, shift] = [between(random, 20, 100), between(random, 80, 300), random()]
    return i => height * Math.sin(2 * Math.PI * (i / period + shift))
  },
  'slow leak': random => {
    const height = between(random, 20, 40)
    return i => (height * i) / N
  },
  leak: random => {
    const height = between(random, 40, 150)
    return i => (height * i) / N
  },
  'leak under a saw-tooth': random => {
    const period = Math.floor(between(random, 6, 15))
    const [height, tooth] = [between(random, 60, 150), between(random, 20, 80)]
    return i => (height * i) / N + (tooth * (i % period)) / period
  },
  'leak in bursts': random => {
    const size = between(random, 6, 20)
    let bursts = 0
    const values = at.map(() => {
      if (random() < 0.15) bursts++
      return size * bursts
    })
    return i => values[i]!
  },
}

/** The share of runs, in percent, in which the four tests and the floor call it a leak. */
function flagged(shape: Shape, seed: number): number {
  const random = createRandom(seed)
  let leaks = 0
  for (let run = 0; run < RUNS; run++) {
    const [around, leak] = [noise(random), shape(random)]
    const trend = computeTrend(at.map(i => 1000 + around[i]! + leak(i)))!
    if (isSustainedRise(trend) && trend.slope * N >= FLOOR) leaks++
  }
  return (leaks / RUNS) * 100
}

describe('of 200 runs each, a leak is seen in', () => {
  test.each([
    ['stationary', 0, 1],
    ['one step', 0, 2],
    ['plateau', 0, 7],
    ['saw-tooth', 0, 2],
    ['part of a daily wave', 0, 33],
    ['slow leak', 82, 100],
    ['leak', 96, 100],
    ['leak under a saw-tooth', 96, 100],
    ['leak in bursts', 45, 80],
  ])('%s: between %i and %i %%', (name, least, most) => {
    const share = flagged(SHAPES[name]!, 20_240)
    expect(share).toBeGreaterThanOrEqual(least)
    expect(share).toBeLessThanOrEqual(most)
  })
})

describe('the trend', () => {
  test('of a straight line is its slope, fully persistent, on every step of the ratchet', () => {
    const trend = computeTrend(at.map(i => 5 + 3 * i))!
    expect(trend.slope).toBeCloseTo(3)
    expect(trend.persistence).toBeCloseTo(1)
    expect(trend).toMatchObject({ ratchet: 5, raised: true })
    expect(isSustainedRise(trend)).toBe(true)
  })

  test('of a fall is no rise, whatever its z', () => {
    const trend = computeTrend(at.map(i => -3 * i))!
    expect(trend.z).toBeLessThan(-2.5)
    expect(isSustainedRise(trend)).toBe(false)
  })

  test('of a constant is nothing, without a division by zero', () => {
    const trend = computeTrend(at.map(() => 42))!
    expect(trend).toEqual({ slope: 0, z: 0, rawZ: 0, recent: 0, persistence: 0, ratchet: 0, raised: false, jump: 1 })
  })

  test('of fewer than 12 values is undefined', () => {
    expect(computeTrend(at.slice(0, 11))).toBeUndefined()
    expect(computeTrend(at.slice(0, 12))).toBeDefined()
  })

  test('holds for numbers of bytes as for small ones', () => {
    const random = createRandom(3)
    const values = at.map(i => 2 * i + random())
    const small = computeTrend(values)!
    const large = computeTrend(values.map(value => 4e11 + value * 2 ** 20))!
    expect(large.z).toBeCloseTo(small.z, 3)
    expect(large.slope / 2 ** 20).toBeCloseTo(small.slope, 2)
  })
})

test.each([12, 13, 14, 15, 60])('the slope of %d values is the median of all slopes between two of them', count => {
  const random = createRandom(count)
  const values = Array.from({ length: count }, (_, i) => i + 20 * random())
  const slopes = values.flatMap((value, i) => values.slice(0, i).map((before, j) => (value - before) / (i - j)))
  const sorted = slopes.sort((a, b) => a - b)
  const middle = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!]
  expect(computeTrend(values)!.slope).toBe((middle[0]! + middle[1]!) / 2)
})
