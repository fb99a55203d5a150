// All RAM in groups, over time: the chart, the bar and the report read the same numbers here.
import { appendTogether, type Series } from '../base/series.ts'
import type { RamAccount, RamGroup } from './ram-identity.ts'

/** The groups of the identity, and what no counter of the kernel knows. */
export type RamPart = RamGroup | 'unaccounted'

/**
 * Bytes of each part over time. All parts have a point at the same times, so their sum is MemTotal at every moment.
 * `unaccounted` may be a little below 0. Without an account `kernel` and `unaccounted` are unknown and absent.
 */
export type RamParts = Readonly<Partial<Record<RamPart, Series>>>

/** Returns the parts with one more point. Parts that are known from now on, or no longer, begin new series. */
export function appendParts(
  before: RamParts,
  bytes: Readonly<Partial<Record<RamPart, number>>>,
  time: number,
): RamParts {
  const isSame = Object.keys(before).join(' ') === Object.keys(bytes).join(' ')
  return appendTogether(isSame ? before : {}, time, bytes)
}

/** Returns the bytes of each part: the sum of its terms. */
export function sumParts({ terms, unaccounted }: RamAccount): Readonly<Record<RamPart, number>> {
  const parts = { anon: 0, cache: 0, slab: 0, kernel: 0, unaccounted, free: 0 }
  for (const { group, bytes } of terms) parts[group] += bytes
  return parts
}

/** Returns the parts that meminfo alone knows: for the view of a container, where the identity does not hold. */
export function sumKnownParts(values: ReadonlyMap<string, number>): Readonly<Partial<Record<RamPart, number>>> {
  const parts: Partial<Record<RamPart, number>> = {}
  for (const [part, names] of Object.entries(LINES) as readonly (readonly [RamPart, readonly string[]])[]) {
    const known = names.flatMap(name => values.get(name) ?? [])
    if (known.length > 0) parts[part] = known.reduce((sum, bytes) => sum + bytes, 0)
  }
  return parts
}

const LINES = {
  anon: ['AnonPages'],
  cache: ['Cached', 'Buffers'],
  slab: ['SReclaimable', 'SUnreclaim'],
  free: ['MemFree'],
} satisfies Partial<Record<RamPart, readonly string[]>>
