// Reports about the memory of a node that are no kernel file: `vmstat -s`, `numastat -m`. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { KiB, MiB } from '../../../base/units.ts'
import { addKnown } from './sar-reports.ts'
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
    available: addKnown([get('free memory'), get('buffer memory'), get('swap cache')]),
    free: get('free memory'),
    swapTotal: get('total swap'),
    swapFree: get('free swap'),
  }
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
