// /proc/buddyinfo: free blocks of each order, by node and zone. Follows mm/vmstat.c (frag_show_print).
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/buddyinfo'

/** The order from which kernel stacks, jumbo frames and many slab pages are asked for: 8 pages. */
export const LARGE_ORDER = 3

/** A zone of a NUMA node: `blocks[order]` free blocks of 2^order pages. */
export interface BuddyZone {
  readonly node: number
  readonly name: string
  readonly blocks: readonly number[]
}

export interface Buddyinfo {
  readonly zones: readonly BuddyZone[]
  /** free blocks of LARGE_ORDER and above, of all zones but DMA; one of a higher order counts as those it splits into */
  readonly large: Series
}

export const buddyinfo: Collector<Buddyinfo> = {
  title: 'free memory by size of block',
  optional: true,
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: { zones: [], large: createSeries(600) },
  applyFiles: ({ large }, files, time) => {
    const zones = parseBuddyinfo(files[PATH] ?? '')
    return { zones, large: appendPoint(large, time, countLargeBlocks(zones)) }
  },
}

// Node 0, zone   Normal    216     55    189    101     84     38     37     27      5      3    587
const ROW = /^Node (\d+), zone +(\S+) +([\d ]+)$/

/** @throws ParseError without a row */
export function parseBuddyinfo(text: string): readonly BuddyZone[] {
  const zones = splitLines(text).flatMap(line => {
    const [, node, name, blocks] = ROW.exec(line) ?? []
    return blocks === undefined
      ? []
      : [{ node: Number(node), name: name!, blocks: blocks.trim().split(/ +/).map(Number) }]
  })
  if (zones.length === 0) throw new ParseError(PATH, 1, 'Node 0, zone Normal 1 2 3 …', text)
  return zones
}

// ZONE_DMA is 16 MiB that ordinary allocations do not take.
const countLargeBlocks = (zones: readonly BuddyZone[]): number =>
  zones
    .filter(({ name }) => name !== 'DMA')
    .reduce(
      (sum, { blocks }) => sum + blocks.slice(LARGE_ORDER).reduce((all, count, above) => all + count * 2 ** above, 0),
      0,
    )

/** Free pages of all zones but DMA. */
export const countFreePages = ({ zones }: Buddyinfo): number =>
  zones
    .filter(({ name }) => name !== 'DMA')
    .reduce((sum, { blocks }) => sum + blocks.reduce((all, count, order) => all + count * 2 ** order, 0), 0)
