// Assembles OOM kills from kernel records. Its state is part of KernelLog.
import { appendEvent, type EventState } from '../event-assembler.ts'
import type { KernelRecord } from '../kernel-record.ts'
import type { OomWithoutKill } from '../memory-event.ts'
import { canBeOomLine } from '../memory-lines.ts'
import { isNameOf, type OomKill, type OomReport } from './oom-kill.ts'
import { splitGroup } from './oom-killed-lines.ts'
import { type OomLine, parseOomLine } from './oom-lines.ts'
import { canHaveLostLines, isMemInfoAlone, openReport, toOomKill } from './oom-report.ts'
import { applyLine, openHeadlessReport } from './oom-report-lines.ts'
import { canNameProcess } from './oom-summary.ts'
import { abandonReport } from './oom-without-kill.ts'

/** State that the assembler keeps between records. */
export interface OomState extends EventState {
  readonly oomKills: readonly OomKill[]
  /** unfinished reports, oldest first */
  readonly reports: readonly OomReport[]
  /** reports that the kernel's rate limit suppressed: `oom_kill_process: 5 callbacks suppressed` */
  readonly suppressed: number
}

const MAX_OPEN_REPORTS = 8
const MAX_FOREIGN_RECORDS = 400
const STALE_AFTER_MS = 2000
const STALE_UNNUMBERED_MS = 1001 // in a saved text only the time shows a gap; timestamps may be whole seconds

/**
 * Returns the state after one record. Records must come in order. A jump of the sequence number ends the open reports, because
 * the lines that follow may belong to another report. Only records of facility 0 come from the kernel. A record that is not
 * about memory returns the same state.
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
      return skipRecord(markReaped(state, line, record), record)
    case 'skipped':
      return skipRecord(dropReport(state, record, line, 'victim was exiting already'), record)
    case 'nobody':
      return skipRecord(dropReport(state, record, null, 'no killable process'), record)
    case 'panic':
      return skipRecord(dropReport(state, record, null, 'the kernel panicked'), record)
    case 'invoked':
      return beginReport(state, openReport(record, line.invoker), record)
    default:
      return applyToNewestReport(state, line, record)
  }
}

// Adds the line to the newest report that it can belong to; if there is none, the line begins a report.
function applyToNewestReport<S extends OomState>(state: S, line: OomLine, record: KernelRecord): S {
  for (const report of listCandidateReports(state, record)) {
    const updated = applyLine(report, line, record)
    if (updated) return replaceReport(state, report, [updated], record)
    const parts = line.kind === 'group' ? splitGroup(report, line.memcg, record) : undefined
    if (parts) return replaceReport(state, report, parts, record)
  }
  const isOfAnother = line.kind === 'mem' && state.reports.some(isReading) // a page allocation failed meanwhile
  const headless = isOfAnother ? undefined : openHeadlessReport(line, record)
  return headless ? beginReport(state, headless, record) : skipRecord(state, record)
}

// A record without a caller may belong to any report.
function listCandidateReports({ reports }: OomState, { caller }: KernelRecord): readonly OomReport[] {
  return reports.filter(report => caller === undefined || report.caller === caller).reverse()
}

// A caller has one report at a time. Without callers two reports may be open (3.10 has no lock) and their lines are mixed, unless
// the older one is complete and lacks only its kill.
function beginReport<S extends OomState>(before: S, report: OomReport, record: KernelRecord): S {
  const kept = before.reports.filter(one => !isMemInfoAlone(one))
  const state = before.reports.filter(isMemInfoAlone).reduce(abandonUnfinished, { ...before, reports: kept })
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

const isReading = ({ victim, section }: OomReport): boolean => victim === null && section !== 'group'

// Replaces a report by its new versions. A kill is added as soon as it is known, and updated by later lines. Group lines follow
// the newest kill of a caller, so an older kill of the same caller is finished.
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

// oom_reaper: reaped process 19289 (memcg_process), …        pids are reused: the newest kill counts
function markReaped<S extends OomState>(
  state: S,
  { pid, comm }: { readonly pid: number; readonly comm: string },
  record: KernelRecord,
): S {
  const at = state.oomKills.findLastIndex(({ victim, alsoKilled }) => {
    return [victim, ...alsoKilled].some(one => one.pid === pid && isNameOf(one.comm, comm))
  })
  const kill = state.oomKills[at]
  // all that the log has of the kill, whose lines came before it
  if (!kill) return appendEvent(state, { kind: 'oom-reaped', subject: comm, count: pid }, record)
  if (kill.reaped) return state
  const isOwn = kill.victim.pid === pid && isNameOf(kill.victim.comm, comm)
  const victim = isOwn ? { ...kill.victim, comm } : kill.victim
  return { ...state, oomKills: state.oomKills.with(at, { ...kill, victim, reaped: true }) }
}

// Ends the newest report without a victim: the process that its summary names is exiting already, or none was found.
function dropReport<S extends OomState>(
  state: S,
  record: KernelRecord,
  victim: Extract<OomLine, { kind: 'skipped' }> | null,
  reason: OomWithoutKill['reason'],
): S {
  const isTarget = (one: OomReport): boolean =>
    one.victim === null &&
    (one.summary === null ? victim === null : victim !== null && canNameProcess(one.summary, victim.pid))
  const ended = listCandidateReports(state, record).find(isTarget)
  if (ended)
    return abandonReport({ ...state, reports: state.reports.filter(report => report !== ended) }, ended, reason)
  if (victim === null) return state
  // the line is all that the log has of the report
  return abandonReport(state, { ...openReport(record), chosen: victim, global: victim.global }, reason)
}

function skipRecord<S extends OomState>(state: S, record: KernelRecord): S {
  if (state.reports.length === 0) return state
  const kept = state.reports.map(report => updateSkippedReport(report, record))
  const gone = state.reports.filter((_, i) => kept[i] === undefined)
  return gone.reduce(abandonUnfinished, { ...state, reports: kept.filter(report => report !== undefined) })
}

const abandonUnfinished = <S extends OomState>(state: S, report: OomReport): S =>
  abandonReport(state, report, 'the end is not in the log')

// Until the kill, a line of the same caller (a stack trace, for example) does not count as foreign.
function updateSkippedReport(report: OomReport, { caller, sequence, time }: KernelRecord): OomReport | undefined {
  const lastSequence = sequence ?? null
  if (report.victim === null && caller !== undefined && caller === report.caller) {
    return { ...report, lastSequence, foreignRecords: 0, lastLineAt: time, idleSince: null }
  }
  return report.foreignRecords + 1 < MAX_FOREIGN_RECORDS
    ? { ...report, lastSequence, foreignRecords: report.foreignRecords + 1 }
    : undefined
}

// Closes the reports that lost a line or waited too long.
function closeLostReports<S extends OomState>(state: S, record: KernelRecord): S {
  const staleAfter = record.unnumbered ? STALE_UNNUMBERED_MS : STALE_AFTER_MS
  // a step back in time is one too: the record is from another log or another boot
  const isTooFarInTime = (one: OomReport): boolean =>
    Math.abs(record.time - one.lastLineAt) > staleAfter && !(record.slow && record.time >= one.lastLineAt)
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

/**
 * Closes reports that got no line for 2 s. Call it with every reading, even one without records.
 * @param now session milliseconds; not compared with the kernel's clock, which drifts, but with when the report was first seen idle
 */
export function closeStaleReports<S extends OomState>(state: S, now: number): S {
  const isFresh = ({ idleSince }: OomReport): boolean => idleSince === null || now - idleSince <= STALE_AFTER_MS
  if (state.reports.every(report => report.idleSince !== null && isFresh(report))) return state
  const reports = state.reports
    .filter(isFresh)
    .map(report => (report.idleSince === null ? { ...report, idleSince: now } : report))
  return state.reports.filter(report => !isFresh(report)).reduce(abandonUnfinished, { ...state, reports })
}
