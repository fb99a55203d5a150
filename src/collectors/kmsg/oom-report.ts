// A report while it is read: how it begins, how a line is added, and the kill it amounts to.

import type { KernelRecord } from './kernel-record.ts'
import type { Invoker, OomKill, OomReport } from './oom-kill.ts'

/** A report that begins with this record. Only a header (`invoked`) makes it a whole one. */
export function openReport(record: KernelRecord, invoker?: Invoker | null): OomReport {
  return {
    caller: record.caller ?? null,
    time: null,
    sequence: null,
    constraint: null,
    nodes: null,
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
    memInfo: null,
    sysrq: isSysrq(invoker ?? null),
    logLines: record.sequence === undefined ? null : { first: record.sequence, last: record.sequence },
    reaped: false,
    killedLines: 0,
    section: 'head',
    summary: null,
    chosen: null,
    node: null,
    taskColumns: [],
    rows: null,
    lastKilledLine: null,
    intact: invoker !== undefined,
    mixed: false,
    startedAt: record.time,
    lastSequence: record.sequence ?? null,
    lastLineAt: record.time,
    idleSince: null,
    foreignRecords: 0,
  }
}

// An order of -1 is SysRq f. Kernels that print gfp by hex alone (up to 4.6) may print 0 for it.
function isSysrq(invoker: Invoker | null): boolean | null {
  if (invoker === null) return null
  return invoker.order === -1 ? true : invoker.gfpMask.includes('(') ? false : null
}

/** The report after a line of its own. */
export function applyChanges(
  report: OomReport,
  changes: Partial<OomReport>,
  { sequence, time }: KernelRecord,
): OomReport {
  const logLines =
    sequence === undefined ? report.logLines : { first: report.logLines?.first ?? sequence, last: sequence }
  return {
    ...report,
    ...changes,
    logLines,
    lastSequence: sequence ?? null,
    lastLineAt: time,
    idleSince: null,
    foreignRecords: 0,
  }
}

/** The kill as far as the report tells it; undefined before its `Killed process` line. */
export function toOomKill(report: OomReport): OomKill | undefined {
  const { victim, time } = report
  if (victim === null || time === null) return undefined
  const {
    caller,
    section,
    summary,
    chosen,
    node,
    taskColumns,
    rows,
    lastKilledLine,
    intact,
    mixed,
    startedAt,
    lastSequence,
    lastLineAt,
    idleSince,
    foreignRecords,
    ...kill
  } = report
  return { ...kill, victim, time }
}
