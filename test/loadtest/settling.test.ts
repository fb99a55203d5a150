// When a settle is over: what fell has come to rest, and no closed connection is waiting to be given back.
import { expect, test } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { describeSettles } from '../../src/loadtest/settle-text.ts'
import { listUnsettled, TIME_WAIT } from '../../src/loadtest/settling.ts'
import { createRandom } from '../seeded-random.ts'

type Value = (seconds: number) => number

const STEADY: Value = () => 100 * MiB

function settle(seconds: number, { slab = STEADY, closed = 0, cached = STEADY }) {
  return Array.from({ length: seconds + 1 }, (_, i) => ({
    time: 60_000 + i * 1000,
    quantities: new Map(
      [
        { id: 'memory SUnreclaim', group: 'memory', unit: 'bytes', isJudged: true, value: slab(i) } as const,
        { id: 'memory Cached', group: 'memory', unit: 'bytes', isJudged: false, value: cached(i) } as const,
        { id: TIME_WAIT, group: 'count', unit: 'count', isJudged: false, value: closed } as const,
      ].map(one => [one.id, { ...one, name: one.id.replace(/^\w+ /, '') }]),
    ),
  }))
}

const fallUntil =
  (end: number): Value =>
  seconds =>
    100 * MiB + Math.max(0, end - seconds) * MiB

test('memory that falls has not settled; memory that fell a while ago has', () => {
  expect(listUnsettled(settle(20, { slab: fallUntil(30) }), undefined)).toEqual(['SUnreclaim'])
  expect(listUnsettled(settle(20, { slab: fallUntil(19) }), undefined)).toEqual(['SUnreclaim'])
  expect(listUnsettled(settle(40, { slab: fallUntil(19) }), undefined)).toEqual([])
})

test('what is not judged does not matter, and neither does memory that wanders a little', () => {
  expect(listUnsettled(settle(20, { cached: fallUntil(30) }), undefined)).toEqual([])
  const random = createRandom(7)
  expect(listUnsettled(settle(20, { slab: () => 100 * MiB + random() * 0.2 * MiB }), undefined)).toEqual([])
})

test('connections in TIME_WAIT are waited for, but not those that were there before', () => {
  const samples = settle(20, { closed: 5000 })
  expect(listUnsettled(samples, undefined)).toEqual(['TCP TIME_WAIT'])
  expect(listUnsettled(samples, settle(1, { closed: 4990 })[0]!.quantities)).toEqual([])
})

test('too few samples say nothing', () => {
  expect(listUnsettled(settle(6, {}), undefined)).toBeUndefined()
})

test('where a sample took long, and what was not read in time, nothing is said to go back', () => {
  const samples = settle(40, { slab: fallUntil(60) })
  expect(listUnsettled([...samples.slice(0, 15), ...samples.slice(35)], undefined)).toBeUndefined()
  const isRead = (seconds: number): boolean => seconds < 5 || seconds > 35
  const unread = samples.map((sample, i) => (isRead(i) ? sample : { ...sample, quantities: new Map() }))
  expect(listUnsettled(unread, undefined)).toEqual([])
})

test('a report says how long it waited and whether it was enough', () => {
  const map = new Map()
  const create = (seconds: number, unsettled: readonly string[] | undefined) => {
    return {
      begin: 0,
      end: 1000,
      settledAt: 1000 + seconds * 1000,
      exitCode: 0,
      lasted: 0,
      trough: map,
      peak: map,
      unsettled,
    }
  }
  expect(describeSettles([create(20, []), create(31, [])], 60_000)).toBe('20 s, 31 s (--settle 1 min): enough')
  expect(describeSettles([create(20, []), create(60, ['Shmem'])], 60_000)).toMatch(
    /: not enough after execution 2; still going back: Shmem$/,
  )
  expect(describeSettles([create(1, undefined)], 1000)).toMatch(/: too few samples to say whether it was enough$/)
  expect(describeSettles([], 1000)).toBe('none')
})
