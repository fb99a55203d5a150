// The kernel log collector: a bounded tail of records, OOM kills, memory events, and the number of lost records.
import { ParseError } from '../../base/errors.ts'
import type { Collector, RecordingHeader } from '../collector.ts'
import { consumeRecord, emptyOomState } from './consume-record.ts'
import { isRecord, type KernelRecord, parseRecords, type RawRecord } from './kernel-record.ts'
import { closeStaleReports, type OomState } from './oom/oom-assembler.ts'

/** What is kept of the kernel log. Newest last. */
export interface KernelLog extends OomState {
  readonly records: readonly KernelRecord[]
  /** records read since the session began, including those no longer kept */
  readonly read: number
  /** records the kernel overwrote before they could be read (gaps in the sequence) */
  readonly lost: number
  /** session time of the last gap */
  readonly lostAt: number | null
  readonly nextSequence: number | null
  /** a line of the last reading that is not a record, with what was expected; null if all lines were */
  readonly malformedLine: string | null
}

const MAX_RECORDS = 4000
/** Maximum number of OOM kills kept. */
export const MAX_OOM_KILLS = 500

const emptyKernelLog: KernelLog = {
  records: [],
  read: 0,
  lost: 0,
  lostAt: null,
  nextSequence: null,
  ...emptyOomState,
  malformedLine: null,
}

/** Reads /dev/kmsg without blocking, from the oldest record in the ring buffer. */
export const kmsg: Collector<KernelLog> = {
  kind: 'stream',
  title: 'kernel log',
  interval: 0,
  openReader: host => () => {
    const text = host.drainDevice('/dev/kmsg')
    return text === '' ? {} : { '/dev/kmsg': text }
  },
  empty: emptyKernelLog,
  applyFiles: (log, files, time, session) => {
    const text = files['/dev/kmsg'] ?? ''
    const parsed = parseRecords(text)
    const records = parsed.filter(({ sequence }) => sequence >= (log.nextSequence ?? 0))
    const malformedLine = text === '' ? log.malformedLine : describeMalformedLine(text)
    const next = records.length === 0 ? log : appendRecords(log, records, time, session)
    return closeStaleReports(malformedLine === next.malformedLine ? next : { ...next, malformedLine }, time)
  },
  describeProblem: ({ malformedLine }) => malformedLine ?? undefined,
  explainError: code => {
    if (code === 'EPERM') return 'kernel.dmesg_restrict is 1: run as root, or with CAP_SYSLOG'
    if (code === 'EACCES') return 'run as root'
    if (code === 'ENOTCONN')
      return 'the log comes over stderr of the --via command: leave out 2>&1 and -t, do not redirect it'
    if (code === 'ENOENT') return 'mount the node’s /dev/kmsg into the container, or use --kmsg off'
    return undefined
  },
}

// A line must be a record or a dictionary line, which begins with a blank. Any other line is reported: if garbage were skipped,
// a broken device would look like a quiet one.
function describeMalformedLine(text: string): string | null {
  const lines = text.split('\n')
  const at = lines.findIndex(line => line !== '' && line[0] !== ' ' && !isRecord(line))
  if (at < 0) return null
  return new ParseError('/dev/kmsg', at + 1, 'priority,sequence,microseconds,flags;text', lines[at]!).message
}

function appendRecords(log: KernelLog, raw: readonly RawRecord[], now: number, session: RecordingHeader): KernelLog {
  const records = raw.map(record => toKernelRecord(record, now, session))
  const { lost, lostAt } = countLostRecords(log, records)
  const consumed = records.reduce((state, record) => dropOldKills(consumeRecord(state, record)), log)
  return {
    ...consumed,
    records: [...log.records, ...records].slice(-MAX_RECORDS),
    read: log.read + records.length,
    lost,
    lostAt,
    nextSequence: raw.at(-1)!.sequence + 1,
    oomKills: consumed.oomKills.slice(-MAX_OOM_KILLS),
  }
}

/** The state without its oldest kills. A reading may hold 20,000 kills: each record would copy and search all of them. */
export const dropOldKills = <S extends OomState>(log: S): S =>
  log.oomKills.length > 2 * MAX_OOM_KILLS ? { ...log, oomKills: log.oomKills.slice(-MAX_OOM_KILLS) } : log

// The printk clock is CLOCK_MONOTONIC without slewing, so it may run ahead; no record is from the future.
function toKernelRecord({ microseconds, ...record }: RawRecord, now: number, session: RecordingHeader): KernelRecord {
  const time = session.monotonic === undefined ? now : microseconds / 1000 - session.monotonic
  return { ...record, time: Math.min(now, time) }
}

function countLostRecords(log: KernelLog, records: readonly KernelRecord[]): { lost: number; lostAt: number | null } {
  let { lost, lostAt, nextSequence } = log
  for (const record of records) {
    const missing = nextSequence === null ? 0 : record.sequence! - nextSequence
    if (missing > 0) {
      lost += missing
      lostAt = record.time
    }
    nextSequence = record.sequence! + 1
  }
  return { lost, lostAt }
}
