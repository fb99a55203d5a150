// The OOM assembler: kernel records in, OOM kills out. See KernelLog for where its state lives.
import type { EventState } from './event-assembler.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { OomWithoutKill } from './memory-event.ts'
import type { OomKill, OomReport } from './oom-kill.ts'
import { splitGroup } from './oom-killed-lines.ts'
import { canBeOomLine, type OomLine, parseOomLine } from './oom-lines.ts'
import { openReport, toOomKill } from './oom-report.ts'
import { applyLine, openHeadlessReport } from './oom-report-lines.ts'
import { canNameProcess } from './oom-summary.ts'
import { abandonReport } from './oom-without-kill.ts'

/** What the assembler carries from record to record. */
export interface OomState extends EventState {
  readonly oomKills: readonly OomKill[]
  /** reports that are being read, oldest first */
  readonly reports: readonly OomReport[]
  /** reports the kernel left out: `oom_kill_process: 5 callbacks suppressed` */
  readonly suppressed: number
}

const MAX_OPEN_REPORTS = 8
const MAX_FOREIGN_RECORDS = 400
const STALE_AFTER_MS = 2000
const STALE_UNNUMBERED_MS = 1001 // a saved text tells a missing piece by the time only; its stamps may be whole seconds

/**
 * Takes one record. Records must come in order; a jump of the sequence number ends the open reports, because what
 * follows may be another's. Only facility 0 is the kernel's own word. Ordinary records give back the same state.
 */
export function consumeOomRecord<S extends OomState>(state: S, record: KernelRecord): S {
  const line = record.facility === 0 && shouldParse(state, record) ? parseOomLine(record.text) : undefined
  if (line === undefined && state.reports.length === 0) return state
  return applyOomLine(closeLostReports(state, record), line, record)
}

function shouldParse(state: OomState, { text }: KernelRecord): boolean {
  return state.reports.length > 0 || canBeOomLine(text)
}

function applyOomLine<S extends OomState>(state: S, line: OomLine | undefined, record: KernelRecord): S {
  if (line === undefined) return skipRecord(state, record)
  switch (line.kind) {
    case 'suppressed':
      return skipRecord({ ...state, suppressed: state.suppressed + line.count }, record)
    case 'reaped':
      return skipRecord(markReaped(state, line.pid, line.comm), record)
    case 'skipped':
      return skipRecord(dropReport(state, record, line.pid, 'victim was exiting already'), record)
    case 'nobody':
      return skipRecord(dropReport(state, record, null, 'no killable process'), record)
    case 'invoked':
      return beginReport(state, openReport(record, line.invoker), record)
    default:
      return applyToNewestReport(state, line, record)
  }
}

// The newest report that can take the line does; if none can, the line begins one.
function applyToNewestReport<S extends OomState>(state: S, line: OomLine, record: KernelRecord): S {
  for (const report of listCandidateReports(state, record)) {
    const updated = applyLine(report, line, record)
    if (updated) return replaceReport(state, report, [updated], record)
    const parts = line.kind === 'group' ? splitGroup(report, line.memcg, record) : undefined
    if (parts) return replaceReport(state, report, parts, record)
  }
  const headless = openHeadlessReport(line, record)
  return headless ? beginReport(state, headless, record) : skipRecord(state, record)
}

// Without a caller, any report may be that of any line.
function listCandidateReports({ reports }: OomState, { caller }: KernelRecord): readonly OomReport[] {
  return reports.filter(report => caller === undefined || report.caller === caller).reverse()
}

// A caller has one report at a time. Without callers two may be open (3.10 has no lock), and their lines get mixed up;
// not so when the other is done but for its kill, which never came.
function beginReport<S extends OomState>(state: S, report: OomReport, record: KernelRecord): S {
  const isOther = (one: OomReport): boolean => one.caller !== report.caller || (one.caller === null && isReading(one))
  const others = state.reports.filter(isOther)
  const isMixed = isReading(report) && others.some(one => one.caller === report.caller && one.summary === null)
  const markIfMixed = (one: OomReport): OomReport =>
    isMixed && one.caller === report.caller ? { ...one, intact: false, mixed: one.caller === null } : one
  const replaced = state.reports.filter(one => !isOther(one)).reduce(abandonUnfinished, { ...state, reports: others })
  const skipped = skipRecord(replaced, record)
  const open = [...skipped.reports, report].map(markIfMixed)
  const tooMany = open.slice(0, -MAX_OPEN_REPORTS)
  return upsertOomKill(
    tooMany.reduce(abandonUnfinished, { ...skipped, reports: open.slice(-MAX_OPEN_REPORTS) }),
    open.at(-1)!,
  )
}

function isReading({ victim, section }: OomReport): boolean {
  return victim === null && section !== 'group'
}

// The last of `parts` takes the place of the report that took the line. A kill is there at once, and kept up to date.
// Group lines follow the newest kill of a caller: nothing is left to come for the one before.
function replaceReport<S extends OomState>(
  state: S,
  from: OomReport,
  parts: readonly OomReport[],
  record: KernelRecord,
): S {
  const to = parts.at(-1)!
  const isSuperseded = (one: OomReport): boolean => from.victim === null && to.victim !== null && one.victim !== null
  const reports = state.reports.flatMap(report => {
    if (report === from) return [to]
    return isSuperseded(report) && report.caller === to.caller ? [] : (updateSkippedReport(report, record) ?? [])
  })
  return parts.reduce(upsertOomKill, { ...state, reports })
}

function upsertOomKill<S extends OomState>(state: S, report: OomReport): S {
  const kill = toOomKill(report)
  if (!kill) return state
  const at = state.oomKills.findLastIndex(({ time, sequence, victim }) => {
    return time === kill.time && sequence === kill.sequence && victim.pid === kill.victim.pid
  })
  if (at < 0) return { ...state, oomKills: [...state.oomKills, kill] }
  return { ...state, oomKills: state.oomKills.with(at, { ...kill, reaped: state.oomKills[at]!.reaped }) }
}

// oom_reaper: reaped process 19289 (memcg_process), …        pids are used again: the newest of them
function markReaped<S extends OomState>(state: S, pid: number, comm: string): S {
  const at = state.oomKills.findLastIndex(({ victim, alsoKilled }) => {
    return [victim, ...alsoKilled].some(one => one.pid === pid && one.comm === comm)
  })
  const kill = state.oomKills[at]
  return kill && !kill.reaped ? { ...state, oomKills: state.oomKills.with(at, { ...kill, reaped: true }) } : state
}

// The newest report without a victim has none: the one that its summary names is exiting already, or nobody was found.
function dropReport<S extends OomState>(
  state: S,
  record: KernelRecord,
  pid: number | null,
  reason: OomWithoutKill['reason'],
): S {
  const isTarget = ({ victim, summary }: OomReport): boolean =>
    victim === null && (summary === null ? pid === null : pid !== null && canNameProcess(summary, pid))
  const ended = listCandidateReports(state, record).find(isTarget)
  return ended
    ? abandonReport({ ...state, reports: state.reports.filter(report => report !== ended) }, ended, reason)
    : state
}

function skipRecord<S extends OomState>(state: S, record: KernelRecord): S {
  if (state.reports.length === 0) return state
  const kept = state.reports.map(report => updateSkippedReport(report, record))
  const gone = state.reports.filter((_, i) => kept[i] === undefined)
  return gone.reduce(abandonUnfinished, { ...state, reports: kept.filter(report => report !== undefined) })
}

const abandonUnfinished = <S extends OomState>(state: S, report: OomReport): S =>
  abandonReport(state, report, 'the end is not in the log')

// A line of the same caller (its stack, say) is no foreign one, until the kill.
function updateSkippedReport(report: OomReport, { caller, sequence, time }: KernelRecord): OomReport | undefined {
  const lastSequence = sequence ?? null
  if (report.victim === null && caller !== undefined && caller === report.caller) {
    return { ...report, lastSequence, foreignRecords: 0, lastLineAt: time, idleSince: null }
  }
  return report.foreignRecords + 1 < MAX_FOREIGN_RECORDS
    ? { ...report, lastSequence, foreignRecords: report.foreignRecords + 1 }
    : undefined
}

// Without the reports that lost a line or waited too long.
function closeLostReports<S extends OomState>(state: S, record: KernelRecord): S {
  const staleAfter = record.unnumbered ? STALE_UNNUMBERED_MS : STALE_AFTER_MS
  // back, too: what follows is of another log, or of another boot
  const isTooFarInTime = (one: OomReport): boolean => Math.abs(record.time - one.lastLineAt) > staleAfter
  const lost = state.reports.filter(one => hasGap(one, record) || isTooFarInTime(one))
  if (lost.length === 0) return state
  const incomplete = lost
    .filter(one => hasGap(one, record) && canHaveLostLines(one))
    .map(one => ({ ...one, complete: false }))
  const remaining = lost.reduce(abandonUnfinished, {
    ...state,
    reports: state.reports.filter(one => !lost.includes(one)),
  })
  return incomplete.reduce(upsertOomKill, remaining)
}

function hasGap({ lastSequence }: OomReport, { sequence }: KernelRecord): boolean {
  return sequence !== undefined && lastSequence !== null && sequence !== lastSequence + 1
}

// After its kill a report may still lose lines of its group, or the one after the kill that says there is a group.
function canHaveLostLines({ section, foreignRecords }: OomReport): boolean {
  return section === 'group' || (section === 'done' && foreignRecords === 0)
}

/**
 * Gives up reports that got no line for 2 s. Call it at every look, with and without records.
 * @param now session milliseconds. Not compared with the kernel's clock, which drifts: a report is seen idle first.
 */
export function closeStaleReports<S extends OomState>(state: S, now: number): S {
  const isFresh = ({ idleSince }: OomReport): boolean => idleSince === null || now - idleSince <= STALE_AFTER_MS
  if (state.reports.every(report => report.idleSince !== null && isFresh(report))) return state
  const reports = state.reports
    .filter(isFresh)
    .map(report => (report.idleSince === null ? { ...report, idleSince: now } : report))
  return state.reports.filter(report => !isFresh(report)).reduce(abandonUnfinished, { ...state, reports })
}
