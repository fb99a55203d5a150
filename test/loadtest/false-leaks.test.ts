// How often a healthy run is called a leak: a thousand runs in which every quantity of a node wanders in its own way.
import { expect, test } from 'vitest'
import { KiB, MiB } from '../../src/base/units.ts'
import type { Observations } from '../../src/loadtest/observations.ts'
import type { Quantity, QuantityMap } from '../../src/loadtest/quantities.ts'
import { judgeRun } from '../../src/loadtest/verdict.ts'
import { pickCases } from '../full.ts'
import { createNormal, createRandom } from '../seeded-random.ts'
import { buildIteration } from './iteration.ts'

const TOTALS = ['AnonPages', 'Shmem', 'SUnreclaim', 'KernelStack', 'PageTables', 'Percpu', 'VmallocUsed', 'unaccounted']
const COUNTS = ['live cgroups', 'dying cgroups', 'TCP sockets']
const CACHES = Array.from({ length: 40 }, (_, i) => `cache-${i}`)

type Next = () => number

/** Ways in which a healthy number moves from one trough to the next. */
const MOVES: readonly ((size: number, random: Next, normal: Next) => Next)[] = [
  // a level with noise
  (size, _, normal) => () => size * normal(),
  // a random walk
  (size, _, normal) => {
    let value = 0
    return () => (value += size * normal())
  },
  // a random walk of few large steps
  (size, random, normal) => {
    let value = 0
    return () => (value += random() < 0.3 ? 3 * size * normal() : 0.1 * size * normal())
  },
  // a walk that is drawn back to its level
  (size, _, normal) => {
    let value = 0
    return () => (value = 0.7 * value + size * normal())
  },
  // one slab more or less
  (_, random) => {
    let value = 0
    return () => (value += Math.floor(random() * 3 - 1) * 32 * KiB)
  },
  () => () => 0,
]

// The saw-tooth of a garbage collector: it is freed at one trough in four.
function createSawTooth(size: number, random: Next): Next {
  let value = 0
  return () => (value = random() < 0.25 ? 0 : value + size * random())
}

/** A run of a node without a leak; `moves` are drawn for each quantity. */
function observeHealthyRun(seed: number, iterations: number, moves = MOVES): Observations {
  const random = createRandom(seed)
  const normal = createNormal(random)
  const draw = (name: string): Next => {
    const size = 2 ** (random() * 10) * 16 * KiB
    if (name === 'AnonPages') return createSawTooth(size, random)
    return moves[Math.floor(random() * moves.length)]!(size, random, normal)
  }
  const sources = [
    ...TOTALS.map(name => ({ group: 'memory', name, unit: 'bytes', next: draw(name) }) as const),
    ...CACHES.map(name => ({ group: 'cache', name, unit: 'bytes', next: draw(name) }) as const),
    ...COUNTS.map(name => ({ group: 'count', name, unit: 'count', next: draw(name) }) as const),
  ]
  const measure = (): QuantityMap =>
    new Map(
      sources.map(({ group, name, unit, next }): [string, Quantity] => {
        const value = unit === 'bytes' ? 500 * MiB + Math.round(next()) : 1000 + Math.round(next() / (64 * KiB))
        return [`${group} ${name}`, { id: `${group} ${name}`, group, name, unit, isJudged: true, value }]
      }),
    )
  const control = [{ time: 0, quantities: measure() }]
  const rounds = Array.from({ length: iterations }, (_, i) => buildIteration(i * 10_000, 10_000, measure()))
  return { control, iterations: rounds, warmup: 1, scope: [] }
}

const countLeaks = (runs: number, build: (seed: number) => Observations): number =>
  Array.from({ length: runs }, (_, i) => judgeRun(build(i + 1))).filter(({ outcome }) => outcome === 'leaks').length

const RUNS = pickCases(300, 1000)

test('fewer than 1 % of healthy runs are called a leak', () => {
  expect(countLeaks(RUNS, seed => observeHealthyRun(seed, 4 + (seed % 5)))).toBeLessThan(RUNS / 100)
})

test('fewer than 1 % are, where every quantity is a random walk', () => {
  expect(countLeaks(RUNS, seed => observeHealthyRun(seed, 7, [MOVES[1]!]))).toBeLessThan(RUNS / 100)
})
