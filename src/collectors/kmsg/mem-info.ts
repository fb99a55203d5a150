// The `Mem-Info:` block of a report about the whole node: pages by kind, zones, free blocks by order, swap.
// mm/show_mem.c, up to 6.4 mm/page_alloc.c show_free_areas and lib/show_mem.c, of 3.10 to 7.x.

/** A zone of a node; sizes in bytes, null where the log does not say. */
export interface Zone {
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
export interface MemInfo {
  /** the kernel's own names to pages: active_anon, slab_unreclaimable, free …; `RAM`, `reserved`, `total pagecache` */
  readonly pages: Readonly<Record<string, number>>
  readonly zones: readonly Zone[]
  /** bytes, by the smallest free block */
  readonly pageSize: number | null
  /** bytes */
  readonly swapTotal: number | null
  readonly swapFree: number | null
}

/** One line of the block. */
export type MemLine =
  | { readonly what: 'begin' | 'other' }
  | { readonly what: 'pages'; readonly pages: Readonly<Record<string, number>> }
  | { readonly what: 'zone'; readonly zone: ZonePart; readonly pageSize: number | null }
  /** the begin of a zone's line that came in pieces */
  | { readonly what: 'node'; readonly node: number }
  | { readonly what: 'swap'; readonly of: 'swapTotal' | 'swapFree'; readonly bytes: number }

type ZonePart = Partial<Zone> & Pick<Zone, 'node' | 'name'>

const MOST_ZONES = 256
const MOST_NAMES = 100

const KINDS: readonly (readonly [RegExp, (match: RegExpExecArray) => MemLine])[] = [
  [/^Mem-Info:$/, () => ({ what: 'begin' })],
  // active_anon:106879 inactive_anon:1043 isolated_anon:0\n active_file:0 …      also a line each
  [/^ *[a-z_]+:\d+(?:\s+[a-z_]+:\d+)*\s*$/, m => ({ what: 'pages', pages: numbers(m[0]) })],
  // Node 0 DMA32 free:2392kB boost:0kB min:2580kB low:3224kB high:3868kB … present:507776kB managed:441660kB …
  [/^(?:Node (\d+) )?(\w+) free:\d+kB .*$/, m => ({ what: 'zone', zone: zoneOf(m), pageSize: null })],
  // Node 0 DMA: 1*4kB (M) 2*8kB (UM) … 0*4096kB = 1764kB
  [
    /^(?:Node (\d+) )?(\w+): (?:\d+\*\d+kB .*)?= \d+kB$/,
    m => ({ what: 'zone', zone: blocksOf(m), pageSize: smallestOf(m[0]) }),
  ],
  [
    /^(Free|Total) swap {1,2}= (\d+)kB$/,
    m => ({ what: 'swap', of: m[1] === 'Free' ? 'swapFree' : 'swapTotal', bytes: Number(m[2]) * 1024 }),
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
export function parseMemLine(text: string): MemLine | undefined {
  for (const [pattern, read] of KINDS) {
    const match = pattern.exec(text)
    if (match) return read(match)
  }
  return undefined
}

const numbers = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Array.from(text.matchAll(/([a-z_]+):(\d+)/g), m => [m[1]!, Number(m[2])]))

function zoneOf([text, node, name]: RegExpExecArray): ZonePart {
  const size = (key: string): number | null => {
    const found = new RegExp(` ${key}:(\\d+)kB`).exec(text)
    return found ? Number(found[1]) * 1024 : null
  }
  return {
    node: nodeIn(node),
    name: name!,
    free: size('free'),
    min: size('min'),
    low: size('low'),
    high: size('high'),
    present: size('present'),
    managed: size('managed'),
  }
}

const nodeIn = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits))

function smallestOf(text: string): number | null {
  const found = / \d+\*(\d+)kB/.exec(text)
  return found ? Number(found[1]) * 1024 : null
}

function blocksOf([text, node, name]: RegExpExecArray): ZonePart {
  const blocks = Array.from(text.matchAll(/ (\d+)\*\d+kB/g), m => Number(m[1]))
  return { node: nodeIn(node), name: name!, blocks }
}

const EMPTY: MemInfo = { pages: {}, zones: [], pageSize: null, swapTotal: null, swapFree: null }
const NO_ZONE = { free: null, min: null, low: null, high: null, present: null, managed: null, blocks: null }

/**
 * The block with one more line; undefined when the line says again what another one said: it belongs to another block.
 * @param node of a zone's line that was begun before (4.9 to 4.14 printed it in pieces)
 */
export function addMemLine(info: MemInfo | null, line: MemLine, node: number | null): MemInfo | undefined {
  const before = info ?? EMPTY
  if (line.what === 'begin') return info === null ? EMPTY : undefined
  if (line.what === 'pages') return withPages(before, line.pages)
  if (line.what === 'swap') return before[line.of] === null ? { ...before, [line.of]: line.bytes } : undefined
  if (line.what !== 'zone') return before
  const zone = withZone(before, { ...line.zone, node: line.zone.node ?? node })
  return zone && { ...zone, pageSize: zone.pageSize ?? line.pageSize }
}

function withPages(info: MemInfo, pages: MemInfo['pages']): MemInfo | undefined {
  const names = Object.keys(pages)
  if (names.some(name => Object.hasOwn(info.pages, name))) return undefined
  return Object.keys(info.pages).length + names.length > MOST_NAMES
    ? info
    : { ...info, pages: { ...info.pages, ...pages } }
}

function withZone(
  info: MemInfo,
  { node, name, ...said }: Partial<Zone> & Pick<Zone, 'node' | 'name'>,
): MemInfo | undefined {
  const at = info.zones.findIndex(zone => zone.node === node && zone.name === name)
  const zone = info.zones[at] ?? { ...NO_ZONE, node, name }
  const isSaid = said.blocks === undefined ? zone.free !== null : zone.blocks !== null
  if (isSaid) return undefined
  if (at >= 0) return { ...info, zones: info.zones.with(at, { ...zone, ...said }) }
  return info.zones.length < MOST_ZONES ? { ...info, zones: [...info.zones, { ...zone, ...said }] } : info
}
