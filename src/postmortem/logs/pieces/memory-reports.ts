// Reports about the memory of a node that are no kernel file: `vmstat -s`, `sar -r`, `numastat -m`. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { KiB, MiB } from '../../../base/units.ts'
import type { Snapshot } from './snapshots.ts'

type FreeSnapshot = Extract<Snapshot, { readonly kind: 'free' }>

/** The first line of `vmstat -s`. */
export const VMSTAT_SUMS_BEGIN = /^\s*\d+ [KMkm] total memory$/
/** A further line of `vmstat -s`: a number and its name. */
export const VMSTAT_SUMS_LINE = /^\s*\d+ \S.*$/

const SUM = /^\s*(\d+) ([KMkm]) (total memory|free memory|buffer memory|swap cache|total swap|free swap)$/
const SUM_UNITS: Readonly<Record<string, number>> = { K: KiB, k: 1000, M: MiB, m: 1e6 }

/** `vmstat -s`. Its "swap cache" is the page cache. @throws ParseError without the total */
export function parseVmstatSums(text: string): FreeSnapshot {
  const values = new Map<string, number>()
  for (const line of splitLines(text)) {
    const [, digits, unit = '', name = ''] = SUM.exec(line) ?? []
    if (digits !== undefined) values.set(name, Number(digits) * SUM_UNITS[unit]!)
  }
  const get = (name: string): number | null => values.get(name) ?? null
  const total = get('total memory')
  if (total === null) throw new ParseError('vmstat -s', 1, '16265640 K total memory', text)
  return {
    kind: 'free',
    total,
    available: sumKnown([get('free memory'), get('buffer memory'), get('swap cache')]),
    free: get('free memory'),
    swapTotal: get('total swap'),
    swapFree: get('free swap'),
  }
}

// What older programs call free without buffers and cache.
const sumKnown = (parts: readonly (number | null)[]): number | null =>
  parts.reduce((sum: number | null, part) => (sum === null || part === null ? null : sum + part), 0)

const CLOCK = '\\d\\d:\\d\\d:\\d\\d(?: [AP]M)?'
// 10:00:01 AM kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached
/** The head of `sar -r`. */
export const SAR_BEGIN = new RegExp(`^${CLOCK}\\s+kbmemfree\\s`)
/** A row of `sar -r`. */
export const SAR_LINE = new RegExp(
  `^(?:${CLOCK}|Average:)\\s+(?:[\\d.]+\\s|kbmemfree\\s)|^${CLOCK}\\s+LINUX RESTART|^$`,
)
const SAR_ROW = new RegExp(`^${CLOCK}\\s(.*)$`)

/** `sar -r`: the sample with the least memory. @throws ParseError without a sample */
export function parseSarMemory(text: string): FreeSnapshot {
  let columns: readonly string[] = []
  const samples: Omit<FreeSnapshot, 'samples'>[] = []
  for (const line of splitLines(text)) {
    const cells = (SAR_ROW.exec(line)?.[1] ?? '').trim().split(/\s+/)
    if (cells[0] === 'kbmemfree') columns = cells
    else if (cells.length === columns.length && columns.length > 0) samples.push(toSample(columns, cells))
  }
  const lowest = samples.toSorted((a, b) => (a.available ?? a.free ?? 0) - (b.available ?? b.free ?? 0))[0]
  if (!lowest) throw new ParseError('sar -r', 1, '10:10:01 210044 398120 …', text)
  return { ...lowest, samples: samples.length }
}

function toSample(columns: readonly string[], cells: readonly string[]): FreeSnapshot {
  const get = (name: string): number | null => {
    const value = Number(cells[columns.indexOf(name)] ?? Number.NaN)
    return Number.isNaN(value) ? null : value * KiB
  }
  const [free, used] = [get('kbmemfree'), get('kbmemused')]
  const total = sumKnown([free, used])
  const available = get('kbavail') ?? sumKnown([free, get('kbbuffers'), get('kbcached')])
  return { kind: 'free', total, available, free, swapTotal: null, swapFree: null }
}

/** The first line of `numastat -m`. */
export const NUMASTAT_BEGIN = /^Per-node system memory usage \(in MBs\)/
/** A further line of `numastat -m`. Sizes are in MB. */
export const NUMASTAT_LINE = /^\s+Node \d|^(?:-{0,4} )*-{5}[ -]*$|^[A-Z][\w()]{1,40}(?:\s+\d+\.\d\d)+\s*$|^$/

/** `numastat -m`: the column of all nodes, as meminfo. @throws ParseError without the total */
export function parseNumastat(text: string): Extract<Snapshot, { readonly kind: 'meminfo' }> {
  const values: Record<string, number> = {}
  let hasTotal = false
  for (const line of splitLines(text)) {
    if (/^\s+Node \d|\bTotal\s*$/.test(line)) hasTotal = /\bTotal\s*$/.test(line)
    const [, name, last] = /^([A-Z][\w()]{1,40})\s.*?([\d.]+)\s*$/.exec(line) ?? []
    if (name !== undefined && hasTotal)
      values[name] = Math.round(Number(last) * (name.startsWith('HugePages') ? 1 : MiB))
  }
  if (values.MemTotal === undefined) throw new ParseError('numastat -m', 1, 'MemTotal with the column Total', text)
  return { kind: 'meminfo', values }
}
