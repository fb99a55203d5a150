// What `sar -r`, `sar -S` and `sadf -d` print about memory and swap: of all samples the one with the least left. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { parseResident } from './process-tables.ts'
import type { Snapshot } from './snapshots.ts'

type SarSnapshot = Extract<Snapshot, { readonly kind: 'free' | 'swap' }>

// 10:00:01 AM        2026-11-23 10:00:01        10时00分01秒
const CLOCK =
  '(?:(?:\\d{4}-\\d\\d-\\d\\d )?\\d\\d:\\d\\d:\\d\\d(?: (?:[AP]M|[\\x80-\\xff.]{2,12}))?|(?:\\d\\d[\\x80-\\xff]{2,3}){3})'
const CELL = '[\\d.,]{1,20}[kMGT%]?'
// 10:00:01 AM kbmemfree   kbavail kbmemused  %memused        # hostname;interval;timestamp;kbmemfree;kbavail;…
/** The head of a report about memory or swap. */
export const SAR_BEGIN = new RegExp(
  `^${CLOCK}\\s{1,20}kb(?:mem|swp)free\\s|^# hostname;interval;timestamp;kb(?:mem|swp)free;`,
)
// Average: …        Durchschn.: …        the word differs by language
/** A further line: a sample, the head again, the averages. */
export const SAR_LINE = new RegExp(
  `^(?:${CLOCK}|[^\\s\\d:]{1,24} ?:)\\s{1,20}(?:${CELL}(?:\\s|$)|kb(?:mem|swp)free\\s|LINUX RESTART)|^# hostname;|^[\\w.-]{1,253};\\d{1,9};[\\d: -]{10,24}(?:UTC)?;|^$`,
)
const ROW = new RegExp(`^${CLOCK}\\s(.*)$`)

const splitRow = (line: string): readonly string[] =>
  line.includes(';') ? line.split(';').slice(3) : (ROW.exec(line)?.[1] ?? '').trim().split(/\s+/)

/** `sar -r`, with swap in the same table on old ones, and `sar -S`. @throws ParseError without a sample */
export function parseSar(text: string): SarSnapshot {
  let columns: readonly string[] = []
  const samples: SarSnapshot[] = []
  for (const line of splitLines(text)) {
    const cells = splitRow(line)
    if (/^kb(?:mem|swp)free$/.test(cells[0]!)) columns = cells
    else if (cells.length === columns.length && columns.length > 0) samples.push(toSample(columns, cells))
  }
  const ofMemory = samples.filter(({ kind }) => kind === 'free') // both tables may follow each other
  const lowest = (ofMemory.length > 0 ? ofMemory : samples).toSorted((a, b) => getLeft(a) - getLeft(b))[0]
  if (!lowest) throw new ParseError('sar', 1, '10:10:01 210044 398120 …', text)
  return { ...lowest, samples: samples.filter(({ kind }) => kind === lowest.kind).length }
}

const getLeft = (sample: SarSnapshot): number => (sample.kind === 'free' ? sample.available : null) ?? sample.free ?? 0

function toSample(columns: readonly string[], cells: readonly string[]): SarSnapshot {
  const get = (name: string): number | null => parseResident(cells[columns.indexOf(name)]) ?? null
  const [swapFree, swapUsed] = [get('kbswpfree'), get('kbswpused')]
  const swapTotal = addKnown([swapFree, swapUsed])
  const free = get('kbmemfree')
  if (free === null) return { kind: 'swap', total: swapTotal, free: swapFree }
  const used = get('kbmemused') // without buffers and page cache since 12.1: the share says of how much
  const share = Number.parseFloat((cells[columns.indexOf('%memused')] ?? '').replace(',', '.')) / 100
  const total = used !== null && share > 0 ? Math.round(used / share) : addKnown([free, used])
  const available = get('kbavail') ?? addKnown([free, get('kbbuffers'), get('kbcached')])
  return { kind: 'free', total, available, free, swapTotal, swapFree }
}

/** The sum; null if a part of it is not known. */
export const addKnown = (parts: readonly (number | null)[]): number | null =>
  parts.reduce((sum: number | null, part) => (sum === null || part === null ? null : sum + part), 0)
