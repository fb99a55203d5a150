// A report while it is read: how it begins, how a line is added, and the kill it amounts to.
import type { Invoker, OomKill, OomReport } from './oom-kill.ts'
import type { KernelRecord } from './record.ts'

/** A report that begins with this record. Only a header (`invoked`) makes it a whole one. */
export function openReport(record: KernelRecord, invoker?: Invoker | null): OomReport {
  return {
    caller: record.caller ?? null,
    time: null,
    sequence: null,
    constraint: null,
    global: null,
    complete: false,
    invoker: invoker ?? null,
    oomMemcg: null,
    taskMemcg: null,
    oomGroup: null,
    victim: null,
    alsoKilled: [],
    memory: null,
    swap: null,
    kmem: null,
    tasks: [],
    stat: {},
    unreclaimableSlab: [],
    logLines: record.sequence === undefined ? null : { first: record.sequence, last: record.sequence },
    reaped: false,
    killedLines: 0,
    section: 'head',
    summary: null,
    taskColumns: [],
    rows: null,
    latest: null,
    intact: invoker !== undefined,
    readTo: record.sequence ?? null,
    touchedAt: record.time,
    seenAt: null,
    foreign: 0,
  }
}

/** The report after a line of its own. */
export function extended(report: OomReport, changes: Partial<OomReport>, { sequence, time }: KernelRecord): OomReport {
  const logLines =
    sequence === undefined ? report.logLines : { first: report.logLines?.first ?? sequence, last: sequence }
  return { ...report, ...changes, logLines, readTo: sequence ?? null, touchedAt: time, seenAt: null, foreign: 0 }
}

/** The kill as far as the report tells it; undefined before its `Killed process` line. */
export function killOf(report: OomReport): OomKill | undefined {
  const { victim, time } = report
  if (victim === null || time === null) return undefined
  const { caller, section, summary, taskColumns, rows, latest, intact, readTo, touchedAt, seenAt, foreign, ...kill } =
    report
  return { ...kill, victim, time }
}
