// What people paste of monitors: the meters of htop, the columns of dstat, the one line of `free -L`. Pure.
import { ParseError } from '../../../base/errors.ts'
import { findLargest } from '../../../base/extremes.ts'
import { splitLines } from '../../../base/text.ts'
import { KiB } from '../../../base/units.ts'
import { parseResident } from './process-tables.ts'
import { addKnown } from './sar-reports.ts'
import type { Snapshot } from './snapshots.ts'

type FreeSnapshot = Extract<Snapshot, { readonly kind: 'free' }>
type DstatSnapshot = Extract<Snapshot, { readonly kind: 'free' | 'vmstat report' }>

// Mem[|||||||||||7.61G/7.70G]        Mem[|||||   1234/7880MB]        the bar may be of other characters
const METER = String.raw`\[[^\d\]]{0,300}([\d.]{1,12})([KMGT]?)B?/([\d.]{1,12})([KMGT])B?\]`
const MEMORY_METER = new RegExp(`\\bMem${METER}`)
const SWAP_METER = new RegExp(`\\bSwp${METER}`)
/** A line of htop with the meter of memory. */
export const HTOP_BEGIN = new RegExp(`^[^\\w]{0,40}Mem${METER}`)
/** Its further line: the meter of swap. */
export const HTOP_LINE = new RegExp(`^[^\\w]{0,40}Swp${METER}`)

function readMeter(meter: RegExp, text: string): { readonly used: number; readonly total: number } | undefined {
  const [, used, unit, total, ofTotal] = meter.exec(text) ?? []
  if (used === undefined) return undefined
  const read = (digits = '', letter = ''): number => Math.round(parseResident(`${digits}${letter}`) ?? 0)
  return { used: read(used, unit || ofTotal), total: read(total, ofTotal) }
}

/** The meters of htop. What is used there is without buffers and page cache. @throws ParseError without that of memory */
export function parseHtop(text: string): FreeSnapshot {
  const memory = readMeter(MEMORY_METER, text)
  if (!memory) throw new ParseError('htop', 1, 'Mem[|||7.61G/7.70G]', text)
  const left = memory.total - memory.used
  const swap = readMeter(SWAP_METER, text)
  return {
    kind: 'free',
    total: memory.total,
    available: left,
    free: null,
    swapTotal: swap?.total ?? null,
    swapFree: swap ? swap.total - swap.used : null,
  }
}

/** The first line of dstat, if it shows memory or paging. */
export const DSTAT_BEGIN = /^-{2,40}(?:[\w/ :][-\w/ :]{0,200}-)?(?:memory-usage|paging)-/
// numbers and times, and the heads that dstat repeats: short words
const DSTAT_CELL = String.raw`(?:[a-z#]{1,5}|\d[\d.:kKMGTBm-]{0,13})`
/** A further line of dstat. */
export const DSTAT_LINE = new RegExp(
  `^[ |]{0,40}${DSTAT_CELL}(?:[ |]{1,40}${DSTAT_CELL}){0,80}[ |]{0,40}$|${DSTAT_BEGIN.source}`,
)

/** `dstat`: the sample with the least memory, or else the most that was paged in a second. @throws ParseError without a sample */
export function parseDstat(text: string): DstatSnapshot {
  const samples = readDstat(text)
  const memory = samples.filter(row => row.has('cach') && row.has('free'))
  const [lowest] = memory.map(toFree).toSorted((a, b) => (a.available ?? 0) - (b.available ?? 0))
  if (lowest) return { ...lowest, samples: memory.length }
  if (samples.length === 0) throw new ParseError('dstat', 3, 'numbers below used buff cach free', text)
  const findMost = (name: string): number => Math.round(findLargest(samples.map(row => row.get(name) ?? 0)) / KiB)
  return { kind: 'vmstat report', rows: samples.length, swapIn: findMost('in'), swapOut: findMost('out') }
}

// Of each line the numbers of memory and swap, or of paging, by the names of their columns.
function readDstat(text: string): readonly ReadonlyMap<string, number>[] {
  let heads: readonly (readonly string[])[] = []
  return splitLines(text).flatMap(line => {
    const groups = line.split('|').map(group => group.trim().split(/\s+/))
    if (/(?:used|in) /.test(line) && !/-{3}/.test(line)) heads = groups
    if (!/\d/.test(line) || groups.length !== heads.length) return []
    const paging = heads.find(names => names.join(' ') === 'in out') // of the others one is disk, one network
    const named = heads.flatMap((names, i) =>
      names.includes('free') || names === paging
        ? names.map((name, at) => [nameCell(names, name), groups[i]![at]])
        : [],
    )
    return [new Map(named.map(([name, cell]) => [name!, parseBytes(cell)]))]
  })
}

// used and free of swap have the names of those of memory
const nameCell = (names: readonly string[], name: string): string =>
  names.length === 2 ? `${name === 'in' || name === 'out' ? '' : 'swap '}${name}` : name

// bytes have the unit B or none
const parseBytes = (cell = ''): number =>
  /[kKMGT]$/.test(cell) ? (parseResident(cell) ?? 0) : Number.parseFloat(cell) || 0

function toFree(row: ReadonlyMap<string, number>): FreeSnapshot {
  const get = (name: string): number | null => row.get(name) ?? null
  const available = addKnown([get('free'), get('buff') ?? get('buf'), get('cach')])
  return {
    kind: 'free',
    total: addKnown([available, get('used')]),
    available,
    free: get('free'),
    swapTotal: addKnown([get('swap used'), get('swap free')]),
    swapFree: get('swap free'),
  }
}

/** `free -L`: a single line without the size of swap. */
export const FREE_LINE_BEGIN = /^SwapUse +\S+ +CachUse +\S+ +MemUse +\S+ +MemFree +\S+ *$/

/** The line of `free -L`, in KiB or with units. @throws ParseError if it is another line */
export function parseFreeLine(text: string): FreeSnapshot {
  const get = (name: string): number | null =>
    parseResident(new RegExp(`\\b${name} +([\\d.]+[KMGT]?)i?\\b`).exec(text)?.[1]) ?? null
  const [cache, used, free] = [get('CachUse'), get('MemUse'), get('MemFree')]
  if (free === null) throw new ParseError('free -L', 1, 'SwapUse 0 CachUse 1 MemUse 1 MemFree 1', text)
  const total = addKnown([cache, used, free])
  return { kind: 'free', total, available: addKnown([cache, free]), free, swapTotal: null, swapFree: null }
}
