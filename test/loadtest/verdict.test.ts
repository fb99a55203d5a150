// The verdict of a load test on series with known truth: leaks, warm-up, saw-tooth, noise, neighbours.
import { describe, expect, test } from 'vitest'
import { computeSlopeInterval } from '../../src/base/slope-interval.ts'
import { KiB, MiB } from '../../src/base/units.ts'
import type { Observations } from '../../src/loadtest/observations.ts'
import type { Quantity, QuantityMap } from '../../src/loadtest/quantities.ts'
import { defaultTolerances, judgeRun } from '../../src/loadtest/verdict.ts'
import { createRandom } from '../seeded-random.ts'
import { buildIteration } from './iteration.ts'

const TOTALS = ['AnonPages', 'SUnreclaim', 'KernelStack', 'PageTables']
const SECONDS = 10

type Signal = (iteration: number, random: () => number) => number

/** Troughs of 4 totals and some caches; iteration 0 is the end of the control period. */
function observe(signals: Record<string, Signal>, iterations: number, warmup = 1, seed = 1): Observations {
  const random = createRandom(seed)
  const measure = (at: number): QuantityMap => {
    const memory = TOTALS.map(name => build('memory', name, 100 * MiB + (signals[name]?.(at, random) ?? 0)))
    const caches = Object.entries(signals)
      .filter(([name]) => !TOTALS.includes(name))
      .map(([name, signal]) => build('cache', name, 10 * MiB + signal(at, random)))
    return new Map([...memory, ...caches].map(quantity => [quantity.id, quantity]))
  }
  const control = Array.from({ length: 10 }, (_, i) => ({ time: i * 1000, quantities: measure((i - 9) / SECONDS) }))
  const rounds = Array.from({ length: iterations }, (_, i) =>
    buildIteration(10_000 + i * SECONDS * 1000, SECONDS * 1000, measure(i + 1)),
  )
  return { control, iterations: rounds, warmup, scope: [] }
}

const build = (group: Quantity['group'], name: string, value: number): Quantity => ({
  id: `${group} ${name}`,
  group,
  name,
  unit: 'bytes',
  isJudged: true,
  value,
})

// A load test that has not begun does not leak: signals are 0 before iteration 0.
const afterStart =
  (signal: (iteration: number, random: () => number) => number): Signal =>
  (at, random) =>
    signal(Math.max(0, at), random)

const noise =
  (size: number): Signal =>
  (_, random) =>
    (random() - 0.5) * 2 * size

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1)

describe('twenty runs of six iterations', () => {
  test('a cache that keeps 1 MiB per iteration leaks, and is named', () => {
    for (const seed of SEEDS) {
      const leak = afterStart((at, random) => at * MiB + (random() - 0.5) * 200 * KiB)
      const { outcome, leaks, summary } = judgeRun(observe({ SUnreclaim: leak, filp: leak }, 6, 1, seed))
      expect([outcome, leaks.map(({ quantity }) => quantity.name)]).toEqual(['leaks', ['SUnreclaim', 'filp']])
      expect(summary).toMatch(/Leaks \+1\.0\d? MiB|Leaks \+\d+ KiB|Leaks \+[01]\.\d+ MiB/)
    }
  })

  test('noise around a level returns, with the smallest leak that would have been seen', () => {
    for (const seed of SEEDS) {
      const { outcome, summary, smallestDetectable } = judgeRun(observe({ SUnreclaim: noise(200 * KiB) }, 6, 1, seed))
      expect(outcome).toBe('returned')
      expect(smallestDetectable).toBeLessThan(2 * MiB)
      expect(summary).toMatch(
        /^Everything returned after 5 iterations; a leak of .* per iteration in the kernel, or of .* in processes, would have been seen\.$/,
      )
    }
  })

  test('a warm-up that slows down is no leak', () => {
    for (const seed of SEEDS) {
      const warmup = afterStart((at, random) => 50 * MiB * (1 - 0.4 ** at) + random() * 50 * KiB)
      expect(judgeRun(observe({ SUnreclaim: warmup }, 6, 1, seed)).outcome).not.toBe('leaks')
    }
  })

  test('the saw-tooth of a garbage collector is no leak', () => {
    for (const seed of SEEDS) {
      const heap = afterStart((at, random) => (((at * 3 + Math.floor(random() * 4)) % 4) * 8 + random()) * MiB)
      expect(judgeRun(observe({ AnonPages: heap }, 6, 1, seed)).outcome).not.toBe('leaks')
    }
  })

  test('what a neighbour takes at the same rate before the load is not the load’s', () => {
    for (const seed of SEEDS) {
      const neighbour: Signal = (at, random) => at * 5 * MiB + random() * 50 * KiB
      expect(judgeRun(observe({ SUnreclaim: neighbour }, 6, 1, seed)).outcome).not.toBe('leaks')
    }
  })

  test('a node on which kernel memory jumps by 50 MiB cannot tell', () => {
    for (const seed of SEEDS) {
      const { outcome, reasons } = judgeRun(observe({ SUnreclaim: noise(50 * MiB) }, 6, 1, seed))
      expect([outcome, reasons[0]]).toEqual(['cannot tell', expect.stringMatching(/^SUnreclaim (moves too|is still)/)])
    }
  })
})

test('too few iterations cannot tell, whatever they show', () => {
  const leak = afterStart(at => at * 100 * MiB)
  const observations = observe({ SUnreclaim: leak }, 2)
  const { outcome, summary, smallestDetectable } = judgeRun(observations)
  expect([outcome, smallestDetectable]).toEqual(['cannot tell', null])
  expect(summary).toMatch(/1 iteration after the warm-up cannot separate a leak from a warm-up: --repeat 4 --warmup 1/)
  const failed = observations.iterations.map((one, i) => ({ ...one, exitCode: i * 137 }))
  expect(judgeRun({ ...observations, iterations: failed }).summary).toMatch(
    / from a warm-up: execution 2 ended with exit code 137, and the command was not executed again\.$/,
  )
})

test('a source that is missing cannot tell', () => {
  const whole = observe({}, 6)
  const withoutSlab = (map: QuantityMap): QuantityMap => new Map([...map].filter(([id]) => id !== 'memory SUnreclaim'))
  const iterations = whole.iterations.map(one => ({ ...one, trough: withoutSlab(one.trough) }))
  expect(judgeRun({ ...whole, iterations })).toMatchObject({
    outcome: 'cannot tell',
    reasons: ['SUnreclaim could not be read'],
  })
})

test('a proved growth within an accepted tolerance is no leak, and is named; a larger one is', () => {
  const accept = (size: number) => ({ ...defaultTolerances, kernel: size * MiB, acceptedKernel: size * MiB })
  const grow = (size: number) => afterStart((at, random) => at * size * MiB + random() * 200 * KiB)
  for (const seed of SEEDS) {
    const small = judgeRun(observe({ SUnreclaim: grow(3), filp: grow(3) }, 6, 1, seed), accept(5))
    expect([small.outcome, small.leaks]).toEqual(['returned', []])
    expect(small.summary).toMatch(
      /^Nothing grew by more than the accepted 5\.00 MiB per iteration \(SUnreclaim \+[23]\.\d\d MiB and 1 other number\) after 5 /,
    )
    expect(small.smallestDetectable).toBeGreaterThanOrEqual(5 * MiB)
    expect(judgeRun(observe({ SUnreclaim: grow(7) }, 6, 1, seed), accept(5)).outcome).toBe('leaks')
    expect(judgeRun(observe({ AnonPages: grow(3) }, 6, 1, seed), accept(5)).outcome).toBe('leaks')
  }
})

describe('the interval of a slope', () => {
  test('five values in order exclude zero, and the median slope is that of the line', () => {
    expect(computeSlopeInterval([0, 1, 2, 3, 4])).toEqual({ slope: 1, low: 1, high: 1 })
  })

  test('holds zero when the order is mixed', () => {
    const { low, high } = computeSlopeInterval([3, 1, 4, 1, 5, 2])
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })

  test('three values give none', () => {
    expect(computeSlopeInterval([1, 2, 3])).toEqual({ slope: 1, low: -Infinity, high: Infinity })
  })
})

test('the number of executions that a run which cannot tell asks for shows the leak in most runs', () => {
  const leak = afterStart((at, random) => at * 3 * MiB + random() * 4 * MiB)
  const asked = Array.from({ length: 60 }, (_, i) => i + 1).flatMap(seed => {
    const { reasons } = judgeRun(observe({ SUnreclaim: leak }, 6, 1, seed))
    const repeat = /rose in most .*\(about --repeat (\d+), if it goes on like this\)/.exec(reasons.join())?.[1]
    return repeat === undefined ? [] : [{ seed, repeat: Number(repeat) }]
  })
  const outcomes = asked.map(({ seed, repeat }) => judgeRun(observe({ SUnreclaim: leak }, repeat, 1, seed)).outcome)
  expect(asked.length).toBeGreaterThan(20)
  expect(outcomes.filter(outcome => outcome === 'leaks').length / asked.length).toBeGreaterThan(0.75)
})
