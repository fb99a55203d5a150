// The largest allocators of a long list that the kernel prints: callers of vmalloc, or lines of code. Bounded.
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import type { Collector } from './collector.ts'

/** Lines kept of a reading; the rest becomes one sum. */
const MAX_ALLOCATORS = 60

/** Memory of one caller or line of code. */
export interface TopAllocator {
  readonly name: string
  readonly bytes: number
  /** number of areas or calls */
  readonly count: number
  /** history of `bytes` */
  readonly series: Series
}

/** Allocators, largest first, and the sum of all; null: not read. */
export interface TopAllocators {
  readonly list: readonly TopAllocator[]
  readonly total: number | null
}

/** Nothing was read yet. */
export const NO_ALLOCATORS: TopAllocators = { list: [], total: null }

/** What one name has allocated: bytes and number of allocations. */
export type AllocationSum = Pick<TopAllocator, 'name' | 'bytes' | 'count'>

/** Sums by name, largest first. */
export function sumByName(parts: Iterable<AllocationSum>): readonly AllocationSum[] {
  const sums = new Map<string, { name: string; bytes: number; count: number }>()
  for (const { name, bytes, count } of parts) {
    const sum = sums.get(name)
    if (!sum) sums.set(name, { name, bytes, count })
    else {
      sum.bytes += bytes
      sum.count += count
    }
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes)
}

/** The name of the sum of all entries that are not listed. */
export const OTHERS = '(others)'

/** Formats the largest sums as lines `bytes count name`, and the rest as one line: only this is recorded of a long list. */
export function truncateSums(sums: readonly AllocationSum[]): string {
  const rest = { name: OTHERS, bytes: 0, count: 0 }
  for (const { bytes, count } of sums.slice(MAX_ALLOCATORS)) {
    rest.bytes += bytes
    rest.count += count
  }
  return [...sums.slice(0, MAX_ALLOCATORS), rest]
    .map(({ bytes, count, name }) => `${bytes} ${count} ${name}\n`)
    .join('')
}

const SUM_LINE = /^ *(\d+) +(\d+) (\S.*)$/

/** Parses lines of `bytes count name`. */
export function* parseSumLines(text: string): Generator<AllocationSum> {
  for (const line of text.split('\n')) {
    const [, bytes, count, name] = SUM_LINE.exec(line) ?? []
    if (name !== undefined) yield { name, bytes: Number(bytes), count: Number(count) }
  }
}

/** Returns the allocators after a reading. The history of an allocator that is no longer among the largest is dropped. */
export function updateTopAllocators(
  before: TopAllocators,
  sums: readonly AllocationSum[],
  time: number,
): TopAllocators {
  const known = new Map(before.list.map(({ name, series }) => [name, series]))
  const list = sums
    .filter(({ name }) => name !== OTHERS)
    .slice(0, MAX_ALLOCATORS)
    .map(sum => ({ ...sum, series: appendPoint(known.get(sum.name) ?? createSeries(300), time, sum.bytes) }))
  return { list, total: sums.reduce((all, { bytes }) => all + bytes, 0) }
}

type AllocatorParser = (text: string) => readonly AllocationSum[]

/**
 * Returns the reading part of a collector of allocators. Read rarely: the files have thousands of lines, and the kernel holds a
 * lock meanwhile. Only the largest sums are kept.
 */
export const createAllocatorReading = (path: string, parse: AllocatorParser) =>
  ({
    kind: 'file',
    optional: true,
    interval: 60_000,
    openReader: host => () => ({ [path]: truncateSums(parse(host.readFile(path))) }),
    empty: NO_ALLOCATORS,
    applyFiles: (state, files, time) => {
      const text = files[path]
      return text ? updateTopAllocators(state, parse(text), time) : state
    },
  }) satisfies Omit<Collector<TopAllocators>, 'title'>
