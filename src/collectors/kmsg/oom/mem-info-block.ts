// Parses the `Mem-Info:` block of a report about the whole node: pages by kind, zones, free blocks by order, swap.
// Follows mm/show_mem.c, up to 6.4 mm/page_alloc.c show_free_areas and lib/show_mem.c, of 3.10 to 7.x.
import { matchPatterns, type PatternTable } from '../../../base/match-patterns.ts'
import { toNumber } from '../../../base/text.ts'

/** A zone of a NUMA node; sizes in bytes, null where the log does not say. */
export interface MemInfoZone {
  /** null on a kernel without NUMA */
  readonly node: number | null
  readonly name: string
  readonly free: number | null
  readonly min: number | null
  readonly low: number | null
  readonly high: number | null
  readonly present: number | null
  readonly managed: number | null
  /** the part of `free` that only movable pages may use (CMA); undefined where there is none */
  readonly freeCma?: number
  /** free blocks by order: first single pages, then pairs, and so on */
  readonly blocks: readonly number[] | null
  /** for each order: whether an ordinary request may take a free block. Blocks that are all C (CMA), H or I are reserved */
  readonly hasOrdinary?: readonly boolean[]
}

/** Huge pages of one size on one node. */
export interface NodeHugePages {
  readonly node: number
  /** pages */
  readonly total: number
  readonly free: number
  /** bytes of one page */
  readonly pageSize: number
}

/** What the node's memory was used for when it ran out. */
export interface MemInfoBlock {
  /** pages by the kernel's names: active_anon, slab_unreclaimable, free …; also `RAM`, `reserved`, `total pagecache` */
  readonly pages: Readonly<Record<string, number>>
  readonly zones: readonly MemInfoZone[]
  /** bytes, from the smallest free block */
  readonly pageSize: number | null
  /** bytes */
  readonly swapTotal: number | null
  readonly swapFree: number | null
  readonly hugePages?: readonly NodeHugePages[]
}

/** One line of the block. */
export type MemInfoLine =
  | { readonly what: 'begin' | 'other' }
  | { readonly what: 'pages'; readonly pages: Readonly<Record<string, number>> }
  | { readonly what: 'zone'; readonly zone: PartialZone; readonly pageSize: number | null }
  /** the start of a zone's line that was printed in pieces */
  | { readonly what: 'node'; readonly node: number }
  | { readonly what: 'huge pages'; readonly pool: NodeHugePages }
  | { readonly what: 'swap'; readonly field: 'swapTotal' | 'swapFree'; readonly bytes: number }

type PartialZone = Partial<MemInfoZone> & Pick<MemInfoZone, 'node' | 'name'>

const MAX_ZONES = 256
const MAX_PAGE_COUNTERS = 100

const MEM_INFO_PATTERNS: PatternTable<MemInfoLine> = [
  [/^Mem-[Ii]nfo:$/, () => ({ what: 'begin' })], // Mem-info: on ARM up to 3.x, on all up to 2.6.25
  // active_anon:106879 inactive_anon:1043 isolated_anon:0\n active_file:0 …      or one record for each line
  [/^ *[a-z_]+:\d+(?:\s+[a-z_]+:\d+)*\s*$/, m => ({ what: 'pages', pages: parseCounters(m[0]) })],
  // Node 0 DMA32 free:2392kB boost:0kB min:2580kB low:3224kB high:3868kB … present:507776kB managed:441660kB …
  [/^(?:Node (\d+) )?(\w+) free:\d+kB .*$/, m => ({ what: 'zone', zone: parseZone(m), pageSize: null })],
  // Node 0 DMA: 1*4kB (M) 2*8kB (UM) … 0*4096kB = 1764kB
  [
    /^(?:Node (\d+) )?(\w+): (?:\d+\*\d+kB .*)?= \d+kB$/,
    m => ({ what: 'zone', zone: parseFreeBlocks(m), pageSize: parseSmallestBlockSize(m[0]) }),
  ],
  [
    /^(Free|Total) swap {1,2}= (\d+)kB$/,
    m => ({ what: 'swap', field: m[1] === 'Free' ? 'swapFree' : 'swapTotal', bytes: Number(m[2]) * 1024 }),
  ],
  // 130942 pages RAM          189 total pagecache pages
  [
    /^(\d+) pages (RAM|reserved|in swap cache|hwpoisoned|HighMem\/MovableOnly|cma reserved)$/,
    m => ({ what: 'pages', pages: { [m[2]!]: Number(m[1]) } }),
  ],
  // 237500 pages of RAM        11211 reserved pages        on ARM up to 3.x, on all up to 2.6.25
  [
    /^(\d+) (?:pages of (RAM|HIGHMEM)|(reserved) pages)$/,
    m => ({ what: 'pages', pages: { [m[2] === 'HIGHMEM' ? 'HighMem/MovableOnly' : (m[2] ?? m[3]!)]: Number(m[1]) } }),
  ],
  // Active:612011 inactive:71203 dirty:11 writeback:0 unstable:0 free:3750300 slab:201322 mapped-file:2211 … up to 2.6.27
  [/^Active:\d+ inactive:\d+ .*slab:\d+/, m => ({ what: 'pages', pages: parseOldCounters(m[0]) })],
  // Node 0 hugepages_total=3620 hugepages_free=3620 hugepages_surp=0 hugepages_size=2048kB
  [
    /^Node (\d+) hugepages_total=(\d+) hugepages_free=(\d+) hugepages_surp=\d+ hugepages_size=(\d+)kB$/,
    m => ({ what: 'huge pages', pool: parseHugePagePool(m) }),
  ],
  [/^(\d+) total pagecache pages$/, m => ({ what: 'pages', pages: { 'total pagecache': Number(m[1]) } })],
  [/^Node (\d+) ?$/, m => ({ what: 'node', node: Number(m[1]) })],
  [/^Node \d+ |^lowmem_reserve|^Swap cache stats|^CPU +\d+: hi:/, () => ({ what: 'other' })],
]

/** Returns the bytes of RAM that the report counts, with what the kernel reserved at boot; 0 where it does not say. */
export const computeReportRam = ({ pages }: MemInfoBlock, pageSize: number): number => (pages.RAM ?? 0) * pageSize

/** Parses a line of a `Mem-Info:` block; undefined for any other line. */
export const parseMemInfoLine = (text: string): MemInfoLine | undefined => matchPatterns(MEM_INFO_PATTERNS, text)

const parseHugePagePool = ([, node, total, free, size]: RegExpExecArray): NodeHugePages => ({
  node: Number(node),
  total: Number(total),
  free: Number(free),
  pageSize: Number(size) * 1024,
})

const parseCounters = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from(text.matchAll(/(?<![a-z_])([a-z_]+):(\d+)/g), m => [m[1]!, Number(m[2])]))

// The lists of pages of these kernels do not say which pages are anonymous: `mapped-anon` does.
function parseOldCounters(text: string): Readonly<Record<string, number>> {
  const { Active, inactive, ...pages } = Object.fromEntries(
    Array.from(text.matchAll(/([A-Za-z_-]+):(\d+)/g), m => [m[1]!, Number(m[2])]),
  )
  return pages
}

function parseZone([text, node, name]: RegExpExecArray): PartialZone {
  const parseSize = (key: string): number | null => {
    return toNumber(new RegExp(` ${key}:(\\d+)kB`).exec(text)?.[1], 1024)
  }
  const freeCma = parseSize('free_cma')
  return {
    ...(freeCma ? { freeCma } : {}),
    node: toNumber(node),
    name: name!,
    free: parseSize('free'),
    min: parseSize('min'),
    low: parseSize('low'),
    high: parseSize('high'),
    present: parseSize('present'),
    managed: parseSize('managed'),
  }
}

const parseSmallestBlockSize = (text: string): number | null => toNumber(/ \d+\*(\d+)kB/.exec(text)?.[1], 1024)

function parseFreeBlocks([text, node, name]: RegExpExecArray): PartialZone {
  const blocks = Array.from(text.matchAll(/ (\d+)\*\d+kB/g), m => Number(m[1]))
  const types = Array.from(text.matchAll(/ (\d+)\*\d+kB(?: \(([A-Z]*)\))?/g), m => (m[1] === '0' ? '' : (m[2] ?? 'M')))
  const hasOrdinary = types.map(letters => /[UME]/.test(letters))
  return { node: toNumber(node), name: name!, blocks, ...(/\([A-Z]+\)/.test(text) ? { hasOrdinary } : {}) }
}

const EMPTY_MEM_INFO: MemInfoBlock = { pages: {}, zones: [], pageSize: null, swapTotal: null, swapFree: null }
const EMPTY_ZONE = { free: null, min: null, low: null, high: null, present: null, managed: null, blocks: null }

/**
 * Returns the block with one more line, or undefined if an earlier line says the same: then the line belongs to another block.
 * @param node the node of a zone's line that an earlier record began (4.9 to 4.14 printed it in pieces)
 */
export function addMemInfoLine(
  info: MemInfoBlock | null,
  line: MemInfoLine,
  node: number | null,
): MemInfoBlock | undefined {
  const before = info ?? EMPTY_MEM_INFO
  if (line.what === 'begin') return info === null ? EMPTY_MEM_INFO : undefined
  if (line.what === 'pages') return addPages(before, line.pages)
  if (line.what === 'swap') return before[line.field] === null ? { ...before, [line.field]: line.bytes } : undefined
  if (line.what === 'huge pages') return addHugePages(before, line.pool)
  if (line.what !== 'zone') return before
  const updated = addZone(before, { ...line.zone, node: line.zone.node ?? node })
  return updated && { ...updated, pageSize: updated.pageSize ?? line.pageSize }
}

function addHugePages(info: MemInfoBlock, pool: NodeHugePages): MemInfoBlock | undefined {
  const known = info.hugePages ?? []
  if (known.some(({ node, pageSize }) => node === pool.node && pageSize === pool.pageSize)) return undefined
  return known.length < MAX_ZONES ? { ...info, hugePages: [...known, pool] } : info
}

function addPages(info: MemInfoBlock, pages: MemInfoBlock['pages']): MemInfoBlock | undefined {
  const names = Object.keys(pages)
  if (names.some(name => Object.hasOwn(info.pages, name))) return undefined
  return Object.keys(info.pages).length + names.length > MAX_PAGE_COUNTERS
    ? info
    : { ...info, pages: { ...info.pages, ...pages } }
}

function addZone(
  info: MemInfoBlock,
  { node, name, ...values }: Partial<MemInfoZone> & Pick<MemInfoZone, 'node' | 'name'>,
): MemInfoBlock | undefined {
  const at = info.zones.findIndex(zone => zone.node === node && zone.name === name)
  const zone = info.zones[at] ?? { ...EMPTY_ZONE, node, name }
  const isDuplicate = values.blocks === undefined ? zone.free !== null : zone.blocks !== null
  if (isDuplicate) return undefined
  if (at >= 0) return { ...info, zones: info.zones.with(at, { ...zone, ...values }) }
  return info.zones.length < MAX_ZONES ? { ...info, zones: [...info.zones, { ...zone, ...values }] } : info
}
