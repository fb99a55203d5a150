// The OOM assembler: kernel records in, OOM kills out. See KernelLog for where its state lives.
import type { EventState } from './events.ts'
import type { OomWithoutKill } from './memory-event.ts'
import type { OomKill, OomReport } from './oom-kill.ts'
import { splitGroup } from './oom-killed.ts'
import { mayTell, type OomLine, parseLine } from './oom-lines.ts'
import { killOf, openReport } from './oom-report.ts'
import { mayName } from './oom-summary.ts'
import { openHeadless, takeLine } from './oom-take.ts'
import { giveUp } from './oom-without-kill.ts'
import type { KernelRecord } from './record.ts'

/** What the assembler carries from record to record. */
export interface OomState extends EventState {
  readonly oomKills: readonly OomKill[]
  /** reports that are being read, oldest first */
  readonly reports: readonly OomReport[]
  /** reports the kernel left out: `oom_kill_process: 5 callbacks suppressed` */
  readonly suppressed: number
}

const MOST_OPEN = 8
const MOST_FOREIGN = 400
const STALE_AFTER = 2000
const STALE_UNNUMBERED = 1001 // a saved text tells a missing piece by the time only; its stamps may be whole seconds

/**
 * Takes one record. Records must come in order; a jump of the sequence number ends the open reports, because what
 * follows may be another's. Only facility 0 is the kernel's own word. Ordinary records give back the same state.
 */
export function assemble<S extends OomState>(state: S, record: KernelRecord): S {
  const line = record.facility === 0 && isWorthReading(state, record) ? parseLine(record.text) : undefined
  if (line === undefined && state.reports.length === 0) return state
  return step(withoutLost(state, record), line, record)
}

function isWorthReading(state: OomState, { text }: KernelRecord): boolean {
  return state.reports.length > 0 || mayTell(text)
}

function step<S extends OomState>(state: S, line: OomLine | undefined, record: KernelRecord): S {
  if (line === undefined) return passBy(state, record)
  switch (line.kind) {
    case 'suppressed':
      return passBy({ ...state, suppressed: state.suppressed + line.count }, record)
    case 'reaped':
      return passBy(markReaped(state, line.pid, line.comm), record)
    case 'skipped':
      return passBy(drop(state, record, line.pid, 'victim was exiting already'), record)
    case 'nobody':
      return passBy(drop(state, record, null, 'no killable process'), record)
    case 'invoked':
      return begin(state, openReport(record, line.invoker), record)
    default:
      return takeByOne(state, line, record)
  }
}

// The newest report that can take the line does; if none can, the line begins one.
function takeByOne<S extends OomState>(state: S, line: OomLine, record: KernelRecord): S {
  for (const report of candidates(state, record)) {
    const taken = takeLine(report, line, record)
    if (taken) return put(state, report, [taken], record)
    const parts = line.kind === 'group' ? splitGroup(report, line.memcg, record) : undefined
    if (parts) return put(state, report, parts, record)
  }
  const headless = openHeadless(line, record)
  return headless ? begin(state, headless, record) : passBy(state, record)
}

// Without a caller, any report may be that of any line.
function candidates({ reports }: OomState, { caller }: KernelRecord): readonly OomReport[] {
  return reports.filter(report => caller === undefined || report.caller === caller).reverse()
}

// A caller has one report at a time. Without callers two may be open (3.10 has no lock), and their lines get mixed up;
// not so when the other is done but for its kill, which never came.
function begin<S extends OomState>(state: S, report: OomReport, record: KernelRecord): S {
  const isOther = (one: OomReport): boolean => one.caller !== report.caller || (one.caller === null && isReading(one))
  const others = state.reports.filter(isOther)
  const isMixed = isReading(report) && others.some(one => one.caller === report.caller && one.summary === null)
  const doubtful = (one: OomReport): OomReport =>
    isMixed && one.caller === report.caller ? { ...one, intact: false, mixed: one.caller === null } : one
  const replaced = state.reports.filter(one => !isOther(one)).reduce(cutOff, { ...state, reports: others })
  const passed = passBy(replaced, record)
  const open = [...passed.reports, report].map(doubtful)
  const tooMany = open.slice(0, -MOST_OPEN)
  return withKill(tooMany.reduce(cutOff, { ...passed, reports: open.slice(-MOST_OPEN) }), open.at(-1)!)
}

function isReading({ victim, section }: OomReport): boolean {
  return victim === null && section !== 'group'
}

// The last of `parts` takes the place of the report that took the line. A kill is there at once, and kept up to date.
// Group lines follow the newest kill of a caller: nothing is left to come for the one before.
function put<S extends OomState>(state: S, from: OomReport, parts: readonly OomReport[], record: KernelRecord): S {
  const to = parts.at(-1)!
  const isOver = (one: OomReport): boolean => from.victim === null && to.victim !== null && one.victim !== null
  const reports = state.reports.flatMap(report => {
    if (report === from) return [to]
    return isOver(report) && report.caller === to.caller ? [] : (passedBy(report, record) ?? [])
  })
  return parts.reduce(withKill, { ...state, reports })
}

function withKill<S extends OomState>(state: S, report: OomReport): S {
  const kill = killOf(report)
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
function drop<S extends OomState>(
  state: S,
  record: KernelRecord,
  pid: number | null,
  reason: OomWithoutKill['reason'],
): S {
  const isMeant = ({ victim, summary }: OomReport): boolean =>
    victim === null && (summary === null ? pid === null : pid !== null && mayName(summary, pid))
  const ended = candidates(state, record).find(isMeant)
  return ended ? giveUp({ ...state, reports: state.reports.filter(report => report !== ended) }, ended, reason) : state
}

function passBy<S extends OomState>(state: S, record: KernelRecord): S {
  if (state.reports.length === 0) return state
  const kept = state.reports.map(report => passedBy(report, record))
  const gone = state.reports.filter((_, i) => kept[i] === undefined)
  return gone.reduce(cutOff, { ...state, reports: kept.filter(report => report !== undefined) })
}

const cutOff = <S extends OomState>(state: S, report: OomReport): S =>
  giveUp(state, report, 'the end is not in the log')

// A line of the same caller (its stack, say) is no foreign one, until the kill.
function passedBy(report: OomReport, { caller, sequence, time }: KernelRecord): OomReport | undefined {
  const readTo = sequence ?? null
  if (report.victim === null && caller !== undefined && caller === report.caller) {
    return { ...report, readTo, foreign: 0, touchedAt: time, seenAt: null }
  }
  return report.foreign + 1 < MOST_FOREIGN ? { ...report, readTo, foreign: report.foreign + 1 } : undefined
}

// Without the reports that lost a line or waited too long.
function withoutLost<S extends OomState>(state: S, record: KernelRecord): S {
  const patience = record.unnumbered ? STALE_UNNUMBERED : STALE_AFTER
  // back, too: what follows is of another log, or of another boot
  const isApart = (one: OomReport): boolean => Math.abs(record.time - one.touchedAt) > patience
  const lost = state.reports.filter(one => isGap(one, record) || isApart(one))
  if (lost.length === 0) return state
  const cut = lost.filter(one => isGap(one, record) && mayHaveLost(one)).map(one => ({ ...one, complete: false }))
  const left = lost.reduce(cutOff, { ...state, reports: state.reports.filter(one => !lost.includes(one)) })
  return cut.reduce(withKill, left)
}

function isGap({ readTo }: OomReport, { sequence }: KernelRecord): boolean {
  return sequence !== undefined && readTo !== null && sequence !== readTo + 1
}

// After its kill a report may still lose lines of its group, or the one after the kill that says there is a group.
function mayHaveLost({ section, foreign }: OomReport): boolean {
  return section === 'group' || (section === 'done' && foreign === 0)
}

/**
 * Gives up reports that got no line for 2 s. Call it at every look, with and without records.
 * @param now session milliseconds. Not compared with the kernel's clock, which drifts: a report is seen idle first.
 */
export function closeStale<S extends OomState>(state: S, now: number): S {
  const isFresh = ({ seenAt }: OomReport): boolean => seenAt === null || now - seenAt <= STALE_AFTER
  if (state.reports.every(report => report.seenAt !== null && isFresh(report))) return state
  const reports = state.reports
    .filter(isFresh)
    .map(report => (report.seenAt === null ? { ...report, seenAt: now } : report))
  return state.reports.filter(report => !isFresh(report)).reduce(cutOff, { ...state, reports })
}
