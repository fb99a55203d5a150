// The `Mem-Info:` block of a report about the whole node: pages by kind, zones, free blocks by order, swap.
// mm/show_mem.c, up to 6.4 mm/page_alloc.c show_free_areas and lib/show_mem.c, of 3.10 to 7.x.

/** A zone of a node; sizes in bytes, null where the log does not say. */
export interface MemInfoZone {
  /** null: not told, as on a kernel without NUMA */
  readonly node: number | null
  readonly name: string
  readonly free: number | null
  readonly min: number | null
  readonly low: number | null
  readonly high: number | null
  readonly present: number | null
  readonly managed: number | null
  /** free blocks by order: the first number counts single pages, the next pairs … */
  readonly blocks: readonly number[] | null
}

/** What the node's memory was when it ran out. */
export interface MemInfoBlock {
  /** the kernel's own names to pages: active_anon, slab_unreclaimable, free …; `RAM`, `reserved`, `total pagecache` */
  readonly pages: Readonly<Record<string, number>>
  readonly zones: readonly MemInfoZone[]
  /** bytes, by the smallest free block */
  readonly pageSize: number | null
  /** bytes */
  readonly swapTotal: number | null
  readonly swapFree: number | null
}

/** One line of the block. */
export type MemInfoLine =
  | { readonly what: 'begin' | 'other' }
  | { readonly what: 'pages'; readonly pages: Readonly<Record<string, number>> }
  | { readonly what: 'zone'; readonly zone: PartialZone; readonly pageSize: number | null }
  /** the begin of a zone's line that came in pieces */
  | { readonly what: 'node'; readonly node: number }
  | { readonly what: 'swap'; readonly field: 'swapTotal' | 'swapFree'; readonly bytes: number }

type PartialZone = Partial<MemInfoZone> & Pick<MemInfoZone, 'node' | 'name'>

const MAX_ZONES = 256
const MAX_PAGE_COUNTERS = 100

const MEM_INFO_PATTERNS: readonly (readonly [RegExp, (match: RegExpExecArray) => MemInfoLine])[] = [
  [/^Mem-Info:$/, () => ({ what: 'begin' })],
  // active_anon:106879 inactive_anon:1043 isolated_anon:0\n active_file:0 …      also a line each
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
  [/^(\d+) total pagecache pages$/, m => ({ what: 'pages', pages: { 'total pagecache': Number(m[1]) } })],
  [/^Node (\d+) ?$/, m => ({ what: 'node', node: Number(m[1]) })],
  [/^Node \d+ |^lowmem_reserve|^Swap cache stats|^CPU +\d+: hi:/, () => ({ what: 'other' })],
]

/** What a text says in a `Mem-Info:` block; undefined when it is no line of one. */
export function parseMemInfoLine(text: string): MemInfoLine | undefined {
  for (const [pattern, parse] of MEM_INFO_PATTERNS) {
    const match = pattern.exec(text)
    if (match) return parse(match)
  }
  return undefined
}

const parseCounters = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from(text.matchAll(/([a-z_]+):(\d+)/g), m => [m[1]!, Number(m[2])]))

function parseZone([text, node, name]: RegExpExecArray): PartialZone {
  const parseSize = (key: string): number | null => {
    const found = new RegExp(` ${key}:(\\d+)kB`).exec(text)
    return found ? Number(found[1]) * 1024 : null
  }
  return {
    node: parseNode(node),
    name: name!,
    free: parseSize('free'),
    min: parseSize('min'),
    low: parseSize('low'),
    high: parseSize('high'),
    present: parseSize('present'),
    managed: parseSize('managed'),
  }
}

const parseNode = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits))

function parseSmallestBlockSize(text: string): number | null {
  const found = / \d+\*(\d+)kB/.exec(text)
  return found ? Number(found[1]) * 1024 : null
}

function parseFreeBlocks([text, node, name]: RegExpExecArray): PartialZone {
  const blocks = Array.from(text.matchAll(/ (\d+)\*\d+kB/g), m => Number(m[1]))
  return { node: parseNode(node), name: name!, blocks }
}

const EMPTY_MEM_INFO: MemInfoBlock = { pages: {}, zones: [], pageSize: null, swapTotal: null, swapFree: null }
const EMPTY_ZONE = { free: null, min: null, low: null, high: null, present: null, managed: null, blocks: null }

/**
 * The block with one more line; undefined when the line says again what another one said: it belongs to another block.
 * @param node of a zone's line that was begun before (4.9 to 4.14 printed it in pieces)
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
  if (line.what !== 'zone') return before
  const updated = addZone(before, { ...line.zone, node: line.zone.node ?? node })
  return updated && { ...updated, pageSize: updated.pageSize ?? line.pageSize }
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
