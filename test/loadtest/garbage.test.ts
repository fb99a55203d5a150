// Leaks of a process whose garbage is larger than the leak: simulated troughs of known truth, in long runs.
import { describe, expect, test } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { judgeQuantity } from '../../src/loadtest/judge.ts'
import { createNormal, createRandom } from '../seeded-random.ts'

type Next = () => number
type CreateNoise = (random: Next, normal: Next) => Next

/** Noise that is drawn back to its level: of the last value this share stays. */
const createDrawnBack =
  (share: number): CreateNoise =>
  (_, normal) => {
    let value = 0
    return () => (value = share * value + normal())
  }

const RUNS = 200
const LEVEL = 0.0001

/** Judges runs of a process that keeps `leak` MiB per iteration, under noise of 10 MiB. */
function judgeRuns(noise: CreateNoise, iterations: number, leak: (run: number) => number) {
  return Array.from({ length: RUNS }, (_, run) => {
    const random = createRandom(run + 1)
    const next = noise(random, createNormal(random))
    const troughs = Array.from({ length: iterations + 1 }, (_, i) => (200 + 10 * next() + leak(run) * i) * MiB)
    const series = { troughs, controlDrift: 0, secondsPerIteration: 10, unit: 'bytes' } as const
    return { ...judgeQuantity(series, { tolerance: 32 * MiB, level: LEVEL, hasGarbage: true }), leak: leak(run) * MiB }
  })
}

const countLeaks = (verdicts: ReturnType<typeof judgeRuns>): number =>
  verdicts.filter(({ judgement }) => judgement === 'grows').length

const NOISES: Readonly<Record<string, CreateNoise>> = {
  'independent noise': createDrawnBack(0),
  'noise with a memory': createDrawnBack(0.5),
  'noise with a long memory': createDrawnBack(0.9),
  'a random walk': createDrawnBack(1),
  'a random walk below noise': (_, normal) => {
    let value = 0
    return () => {
      value += 0.3 * normal()
      return value + normal()
    }
  },
  'few large steps': (random, normal) => {
    let value = 0
    return () => (value += random() < 0.15 ? 3 * normal() : 0.1 * normal())
  },
  'one step': (random, normal) => {
    let at = 0
    const stepAt = random() * 40
    return () => (at++ < stepAt ? 0 : 3) + normal()
  },
  'a plateau after a warm-up': (_, normal) => {
    let at = 0
    return () => 10 * (1 - 0.8 ** at++) + normal()
  },
  'garbage collected at one trough in four': random => {
    let value = 0
    return () => (value = random() < 0.25 ? 0 : value + random())
  },
}

describe.each(Object.entries(NOISES))('%s', (_, noise) => {
  test('is called a leak in at most 1 % of the runs', () => {
    for (const iterations of [24, 40])
      expect(countLeaks(judgeRuns(noise, iterations, () => 0))).toBeLessThanOrEqual(RUNS / 100)
  })

  test('does not let a leak return that the run says it would have seen', () => {
    for (const iterations of [7, 24]) {
      const verdicts = judgeRuns(noise, iterations, run => 2 ** ((run % 10) - 2))
      const wrong = verdicts.filter(({ judgement, leak, detectable }) => judgement === 'steady' && leak > detectable)
      expect(wrong.length).toBeLessThanOrEqual(1)
    }
  })
})

test('forty iterations find a leak of a third of the noise, which single steps hide', () => {
  const verdicts = judgeRuns(createDrawnBack(0), 40, () => 3)
  expect(countLeaks(verdicts)).toBeGreaterThan(0.9 * RUNS)
  expect(verdicts.every(({ judgement }) => judgement === 'grows' || judgement === 'rising')).toBe(true)
})

test('the smallest leak that a run says it would have seen is found in most runs like it', () => {
  for (const iterations of [7, 40]) {
    const detectables = judgeRuns(createDrawnBack(0), iterations, () => 0).map(({ detectable }) => detectable / MiB)
    const typical = detectables.toSorted((a, b) => a - b)[Math.floor(0.75 * RUNS)]!
    expect(countLeaks(judgeRuns(createDrawnBack(0), iterations, () => typical))).toBeGreaterThan(0.8 * RUNS)
  }
})

test('a leak of 1 MiB near the limit of what a run sees is a leak or unclear, and no leak is steady', () => {
  const judge = (run: number, leak: number) => {
    const normal = createNormal(createRandom(run + 1))
    const troughs = Array.from({ length: 10 }, (_, i) => (100 + 0.3 * normal() + leak * i) * MiB)
    const series = { troughs, controlDrift: 0, secondsPerIteration: 5, unit: 'bytes' } as const
    return judgeQuantity(series, { tolerance: 32 * MiB, level: LEVEL, hasGarbage: true }).judgement
  }
  const runs = Array.from({ length: RUNS }, (_, run) => run)
  expect(runs.filter(run => judge(run, 0) !== 'steady')).toEqual([])
  expect(runs.filter(run => judge(run, 1.04) === 'steady').length).toBeLessThanOrEqual(RUNS / 50)
})
