// /proc/buddyinfo: free blocks by order, NUMA node and zone. Follows mm/vmstat.c (frag_show_print).
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/buddyinfo'

/** The order of kernel stacks, jumbo frames and many slab pages: 8 pages. */
export const LARGE_ORDER = 3

/** A zone of a NUMA node: `blocks[order]` free blocks of 2^order pages. */
export interface BuddyZone {
  readonly node: number
  readonly name: string
  readonly blocks: readonly number[]
}

/** Free blocks of each zone by their order. */
export interface Buddyinfo {
  readonly zones: readonly BuddyZone[]
  /** free blocks of LARGE_ORDER, without zone DMA; a larger block counts as the blocks that it can be split into */
  readonly large: Series
  /** the same in bytes */
  readonly largeBytes: Series
}

/** Reads /proc/buddyinfo every 10 s. */
export const buddyinfo: Collector<Buddyinfo> = {
  kind: 'file',
  nameless: true,
  title: 'free memory by block size',
  optional: true,
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: { zones: [], large: createSeries(600), largeBytes: createSeries(600) },
  applyFiles: ({ large, largeBytes }, files, time, { pageSize }) => {
    const zones = parseBuddyinfo(files[PATH] ?? '')
    const blocks = countLargeBlocks(zones)
    const bytes = blocks * 2 ** LARGE_ORDER * pageSize
    return { zones, large: appendPoint(large, time, blocks), largeBytes: appendPoint(largeBytes, time, bytes) }
  },
}

// Node 0, zone   Normal    216     55    189    101     84     38     37     27      5      3    587
const ROW = /^Node (\d+), zone +(\S+) +(\d[\d ]*)$/

/** Parses the zones. @throws ParseError if there is no row */
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

// ZONE_DMA is 16 MiB that ordinary allocations do not use.
const countLargeBlocks = (zones: readonly BuddyZone[]): number =>
  zones
    .filter(({ name }) => name !== 'DMA')
    .reduce(
      (sum, { blocks }) => sum + blocks.slice(LARGE_ORDER).reduce((all, count, above) => all + count * 2 ** above, 0),
      0,
    )

/** Returns the free pages of all zones except DMA. */
export const countFreePages = ({ zones }: Buddyinfo): number =>
  zones
    .filter(({ name }) => name !== 'DMA')
    .reduce((sum, { blocks }) => sum + blocks.reduce((all, count, order) => all + count * 2 ** order, 0), 0)
