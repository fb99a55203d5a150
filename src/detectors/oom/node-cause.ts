// Why the node had no memory: zones decide, not the sum. Follows mm/page_alloc.c __zone_watermark_ok. Pure.
import { formatGfpMask } from '../../collectors/kmsg/oom/gfp-mask.ts'
import type { MemInfoBlock, MemInfoZone } from '../../collectors/kmsg/oom/mem-info-block.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'

/** The cause of a kill that no cgroup limit explains. Sizes are bytes. */
export type NodeCause =
  | { readonly kind: 'by hand' }
  /** a 32-bit kernel has no low memory left; the rest may be free */
  | { readonly kind: 'low memory'; readonly zone: MemInfoZone; readonly highFree: number; readonly highTotal: number }
  /** free memory, and no block that is large enough */
  | { readonly kind: 'fragmented'; readonly zone: MemInfoZone; readonly order: number }
  /** memory is set aside as huge pages that nobody uses */
  | { readonly kind: 'huge pages'; readonly bytes: number; readonly freeBytes: number }
  /** the request may use this zone only (DMA, DMA32); others have free memory */
  | { readonly kind: 'zone'; readonly zone: MemInfoZone; readonly freeElsewhere: number }
  /** the process may use some NUMA nodes only; others have free memory */
  | { readonly kind: 'nodes'; readonly freeElsewhere: number }
  /** what is free is kept for movable pages, and the request was for others */
  | { readonly kind: 'cma'; readonly zone: MemInfoZone }
  /** when the report was printed, the zone had free memory again */
  | { readonly kind: 'not short'; readonly zone: MemInfoZone }
  | { readonly kind: 'full' }

const MUCH = 0.3

/** Returns the cause, as far as the report shows it. */
export function computeNodeCause({ sysrq, memInfo, invoker, nodes }: CauseInput): NodeCause {
  if (sysrq === true) return { kind: 'by hand' }
  if (memInfo === null) return { kind: 'full' }
  const gfpMask = formatGfpMask(invoker?.gfpMask ?? '')
  return (
    findLowMemory(memInfo, gfpMask) ??
    findNarrowZone(memInfo, gfpMask) ??
    findNarrowNodes(memInfo, nodes) ??
    findFragmentation(memInfo, invoker?.order ?? 0) ??
    findHugePages(memInfo) ??
    (invoker?.order === 0 && nodes === null ? findFreeZone(memInfo, gfpMask) : undefined) ?? { kind: 'full' }
  )
}

type CauseInput = Pick<OomKill, 'sysrq' | 'memInfo' | 'invoker' | 'nodes'>

const isHigh = ({ name }: MemInfoZone): boolean => name === 'HighMem'
// Zones that the kernel's own requests may not use.
const isForUsersOnly = ({ name }: MemInfoZone): boolean => /^(?:HighMem|Movable|Device)$/.test(name)

function findLowMemory({ zones }: MemInfoBlock, gfpMask: string): NodeCause | undefined {
  const high = zones.filter(isHigh)
  const isForUser = /HIGHUSER|__GFP_HIGHMEM/.test(gfpMask)
  const low = zones
    .filter(zone => !isForUsersOnly(zone) && isBelow(zone, 'low'))
    .toSorted((a, b) => getSize(b) - getSize(a))[0]
  const hasHighFree = high.length > 0 && high.every(zone => (zone.free ?? 0) > 2 * (zone.high ?? zone.low ?? 0))
  if (!low || !hasHighFree || isForUser) return undefined
  const sum = (pick: (zone: MemInfoZone) => number): number => high.reduce((total, zone) => total + pick(zone), 0)
  return { kind: 'low memory', zone: low, highFree: sum(({ free }) => free ?? 0), highTotal: sum(getSize) }
}

const getSize = ({ managed, present }: MemInfoZone): number => managed ?? present ?? 0

function isBelow({ free, ...zone }: MemInfoZone, mark: 'min' | 'low'): boolean {
  const limit = zone[mark]
  return free !== null && limit !== null && free < limit
}

const sumFree = (zones: readonly MemInfoZone[]): number => zones.reduce((sum, { free }) => sum + (free ?? 0), 0)

// Far above all marks: kswapd would sleep.
const isAmple = (zones: readonly MemInfoZone[]): boolean =>
  sumFree(zones) > 2 * zones.reduce((sum, { high, low }) => sum + (high ?? low ?? 0), 0)

// A request with GFP_DMA may use the zone DMA only, one with GFP_DMA32 also DMA32.
function findNarrowZone({ zones }: MemInfoBlock, gfpMask: string): NodeCause | undefined {
  const flag = /GFP_(DMA(?:32)?)\b/.exec(gfpMask)?.[1]
  if (flag === undefined) return undefined
  const isAllowed = ({ name }: MemInfoZone): boolean => name === 'DMA' || name === flag
  const own = zones.filter(isAllowed)
  const others = zones.filter(zone => !isAllowed(zone))
  const zone = own.toSorted((a, b) => getSize(b) - getSize(a))[0]
  if (!zone || !own.every(one => isBelow(one, 'low')) || others.length === 0 || !isAmple(others)) return undefined
  return { kind: 'zone', zone, freeElsewhere: sumFree(others) }
}

// Nodes outside the cpuset or the memory policy have free memory.
function findNarrowNodes({ zones }: MemInfoBlock, nodes: string | null): NodeCause | undefined {
  const allowed = nodes === null ? null : parseIdList(nodes)
  if (allowed === null) return undefined
  const others = zones.filter(({ node }) => node !== null && !allowed.has(node))
  return others.length > 0 && isAmple(others) ? { kind: 'nodes', freeElsewhere: sumFree(others) } : undefined
}

const MAX_NODES = 1024

// 0-1,3
function parseIdList(text: string): ReadonlySet<number> | null {
  const ids = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined || Number(last) > MAX_NODES) return null
    for (let id = Number(first); id <= Number(last); id++) ids.add(id)
  }
  return ids
}

const FREE_SHARE = 0.05

// The largest zone had free pages for a single page. They are for movable pages only, or became free after the decision.
function findFreeZone({ zones }: MemInfoBlock, gfpMask: string): NodeCause | undefined {
  const mayUseHigh = /HIGHUSER|__GFP_HIGHMEM/.test(gfpMask)
  const own = zones.filter(zone => mayUseHigh || !isForUsersOnly(zone))
  const zone = own.toSorted((a, b) => getSize(b) - getSize(a))[0]
  if (!zone || !isAmple([zone]) || zone.free! < FREE_SHARE * getSize(zone)) return undefined
  const mark = zone.low ?? zone.min ?? 0
  if (zone.free! - (zone.freeCma ?? 0) >= mark) return { kind: 'not short', zone }
  return /MOVABLE/.test(gfpMask) ? undefined : { kind: 'cma', zone }
}

// The largest zone that the request may use has free memory above its mark, and no ordinary block of that order.
function findFragmentation({ zones }: MemInfoBlock, order: number): NodeCause | undefined {
  if (order <= 0) return undefined
  const own = zones.filter(zone => !isForUsersOnly(zone) && zone.free !== null && zone.min !== null)
  const zone = own.toSorted((a, b) => getSize(b) - getSize(a))[0]
  if (!zone) return undefined
  const mark = zone.low ?? zone.min!
  const hasBlock = hasBlockOf(zone, order)
  const isFragmented =
    hasBlock === undefined ? own.every(one => one.free! > 2 * (one.low ?? one.min!)) : !hasBlock && zone.free! > mark
  return isFragmented ? { kind: 'fragmented', zone, order } : undefined
}

// undefined: the report does not list the free blocks
function hasBlockOf({ blocks, hasOrdinary }: MemInfoZone, order: number): boolean | undefined {
  if (blocks === null) return undefined
  return blocks.some((count, at) => at >= order && count > 0 && (hasOrdinary?.[at] ?? true))
}

function findHugePages({ hugePages = [], pages, pageSize }: MemInfoBlock): NodeCause | undefined {
  const { bytes, freeBytes } = sumHugePages(hugePages)
  const ram = (pages.RAM ?? 0) * (pageSize ?? 4096)
  return ram > 0 && freeBytes > MUCH * ram ? { kind: 'huge pages', bytes, freeBytes } : undefined
}

/** Bytes in huge pages, and in those of them that nobody uses. */
export const sumHugePages = (pools: NonNullable<MemInfoBlock['hugePages']>): { bytes: number; freeBytes: number } => ({
  bytes: pools.reduce((sum, { total, pageSize }) => sum + total * pageSize, 0),
  freeBytes: pools.reduce((sum, { free, pageSize }) => sum + free * pageSize, 0),
})
