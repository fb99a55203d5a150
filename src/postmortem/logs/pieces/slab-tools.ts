// Slab caches as `vmstat -m` prints them, and slabinfo of kernels 2.4; free blocks of /proc/pagetypeinfo. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import type { BuddyZone } from '../../../collectors/buddyinfo.ts'
import type { Snapshot } from './snapshots.ts'

type SlabSnapshot = Extract<Snapshot, { readonly kind: 'slabinfo' }>
type Cache = SlabSnapshot['caches'][number]

const MOST_CACHES = 500

/** `Cache  Num  Total  Size  Pages`, again and again in its output. */
export const VMSTAT_SLAB_BEGIN = /^Cache +Num +Total +Size +Pages\s*$/
/** A line of `vmstat -m`. */
export const VMSTAT_SLAB_LINE = /^\S.{0,80}? +\d+ +\d+ +\d+ +\d+\s*$|^Cache +Num +Total/

/** `vmstat -m`: objects times their size, which is a little less than the slabs have. @throws ParseError without a row */
export function parseVmstatSlabs(text: string): SlabSnapshot {
  return toSnapshot('vmstat -m', text, line => {
    const [, name, total, size] = /^(\S.*?) +\d+ +(\d+) +(\d+) +\d+\s*$/.exec(line) ?? []
    if (name === undefined) return undefined
    return { name, bytes: Number(total) * Number(size), numObjs: Number(total), objSize: Number(size) }
  })
}

// dentry_cache      900000 900000    128 30000 30000    1 :  252  126          active, all, size, active slabs, slabs, pages of one
const OLD_ROW = /^(\S.*?) +\d+ +(\d+) +(\d+) +\d+ +(\d+) +(\d+)(?: :.*)?$/

/** The first line of /proc/slabinfo of kernels 2.4. */
export const OLD_SLABINFO_BEGIN = /^slabinfo - version: 1/
/** A row of it. */
export const OLD_SLABINFO_LINE = /^\S.{0,80}? +\d+ +\d+ +\d+ +\d+ +\d+ +\d+(?: :.*)?$/

/** slabinfo of kernels 2.4, on machines with pages of 4 KiB. @throws ParseError without a row */
export function parseOldSlabinfo(text: string): SlabSnapshot {
  return toSnapshot('slabinfo', text, line => {
    const [, name, objects, size, slabs, pages] = OLD_ROW.exec(line.trimEnd()) ?? []
    if (name === undefined) return undefined
    const bytes = Number(slabs) * Number(pages) * 4096
    return { name, bytes, numObjs: Number(objects), objSize: Number(size) }
  })
}

function toSnapshot(source: string, text: string, parseRow: (line: string) => Cache | undefined): SlabSnapshot {
  const caches = splitLines(text).flatMap(line => parseRow(line) ?? [])
  if (caches.length === 0) throw new ParseError(source, 2, 'one row per cache', text)
  return {
    kind: 'slabinfo',
    caches: caches.sort((a, b) => b.bytes - a.bytes).slice(0, MOST_CACHES),
    memcgCaches: 0,
  }
}

/** The first line of /proc/pagetypeinfo, or of a part of it. */
export const PAGE_TYPES_BEGIN =
  /^Page block order: +\d+$|^Free pages count per migrate type|^Number of (?:mixed )?blocks type/
/** A further line of it. */
export const PAGE_TYPES_LINE =
  /^(?:Page block order|Pages per block):|^Free pages count per migrate type|^Number of (?:mixed )?blocks type|^Node +\d+, zone |^$/

const PAGE_TYPE_ROW = /^Node +(\d+), zone +(\w+), type +\w+ +(\d[\d >]*)$/

/** /proc/pagetypeinfo: free blocks of each zone, all types together. @throws ParseError without a row of them */
export function parsePageTypes(text: string): Extract<Snapshot, { readonly kind: 'buddyinfo' }> {
  const zones = new Map<string, BuddyZone>()
  for (const line of splitLines(text)) {
    const [, node = '', name = '', digits] = PAGE_TYPE_ROW.exec(line.trimEnd()) ?? []
    if (digits === undefined) continue
    const counts = digits.replaceAll('>', '').trim().split(/ +/).map(Number) // >100000: that many at least
    const before = zones.get(`${node} ${name}`)?.blocks ?? []
    const blocks = counts.map((count, order) => count + (before[order] ?? 0))
    zones.set(`${node} ${name}`, { node: Number(node), name, blocks })
  }
  if (zones.size === 0)
    throw new ParseError('/proc/pagetypeinfo', 4, 'Node 0, zone Normal, type Unmovable 1 2 3 …', text)
  return { kind: 'buddyinfo', zones: [...zones.values()] }
}
