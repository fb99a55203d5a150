// Memory of processes in other forms than tables of ps: smem, /proc/PID/status, smaps_rollup. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../../base/text.ts'
import { KiB } from '../../../base/units.ts'
import { parseResident, shortenCommand, takeLargest } from './process-tables.ts'
import type { MemoryRow, Snapshot } from './snapshots.ts'

type MemoryTable = Extract<Snapshot, { readonly kind: 'memory by name' }>

const SIZE = ' {1,12}([\\d.]{1,16}[KMGT]?)' // of one column; names are bounded because a line of a file is not
// PID User Command Swap USS PSS RSS         User Count Swap USS PSS RSS
/** The head of `smem`, by process or by user. */
export const SMEM_BEGIN = /^ *(?:PID +User +Command|User +Count) +Swap +USS +PSS +RSS\s*$/
/** A row of `smem`. */
export const SMEM_LINE = new RegExp(`^ {0,8}\\S.{0,300}?(?:${SIZE}){4} {0,4}$|^-{1,200}$`)

const SMEM_PROCESS = new RegExp(`^ {0,8}(\\d{1,10}) {1,12}\\S{1,64} {1,40}(\\S.{0,300}?)(?:${SIZE}){3}${SIZE} {0,4}$`)
const SMEM_USER = new RegExp(`^(\\S{1,64}) {1,40}\\d{1,10}(?:${SIZE}){3}${SIZE} {0,4}$`)

/** `smem`, by process or by user: the resident memory. @throws ParseError without a row */
export function parseSmem(text: string): MemoryTable {
  const [head = '', ...lines] = splitLines(decodeUtf8(text))
  const isByUser = /^ *User/.test(head)
  const rows = lines.flatMap(line => {
    const match = (isByUser ? SMEM_USER : SMEM_PROCESS).exec(line)
    const bytes = parseResident(match?.at(-1))
    if (!match || bytes === undefined) return []
    const name = isByUser ? `user ${match[1]}` : shortenCommand(match[2]!)
    return [{ name, pid: isByUser ? null : Number(match[1]), bytes, limit: null }]
  })
  return toTable('smem', text, rows)
}

/** The first line of /proc/PID/status. */
export const STATUS_BEGIN = /^Name:\t\S/
/** A further line of /proc/PID/status. */
export const STATUS_LINE = /^[A-Z][\w-]{0,40}:\t/

/** /proc/PID/status. @throws ParseError without VmRSS, as of a kernel thread */
export function parseProcessStatus(text: string): MemoryTable {
  const get = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s+(.+?)(?: kB)?$`, 'm').exec(decodeUtf8(text))?.[1]
  const resident = get('VmRSS')
  const row = { name: get('Name') ?? 'a process', pid: Number(get('Pid') ?? 0) || null, limit: null }
  return toTable('/proc/PID/status', text, resident === undefined ? [] : [{ ...row, bytes: Number(resident) * KiB }])
}

/** The first line of /proc/PID/smaps_rollup. */
export const ROLLUP_BEGIN = /^[0-9a-f]+-[0-9a-f]+ ---p .*\[rollup\]$/
/** A further line of smaps_rollup, in KiB. */
export const ROLLUP_LINE = /^[A-Z]\w{1,30}: +\d+ kB$/

/** /proc/PID/smaps_rollup, which does not name the process. @throws ParseError without Rss */
export function parseRollup(text: string): MemoryTable {
  const resident = /^Rss: +(\d+) kB$/m.exec(text)?.[1]
  const row = { name: 'a process', pid: null, limit: null }
  return toTable('smaps_rollup', text, resident === undefined ? [] : [{ ...row, bytes: Number(resident) * KiB }])
}

function toTable(source: string, text: string, rows: readonly MemoryRow[]): MemoryTable {
  if (rows.length === 0) throw new ParseError(source, 1, 'a process and its resident memory', text)
  return { kind: 'memory by name', what: 'processes', rows: takeLargest(rows) }
}
