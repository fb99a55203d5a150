// Opens an OOM report, adds changes to it, and converts it to a kill.

import type { KernelRecord } from '../kernel-record.ts'
import type { Invoker, OomKill, OomReport } from './oom-kill.ts'

/** Opens a report with this record. The report is whole only if the record is its header (`invoked`). */
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
    likely: [],
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

// SysRq f has an order of -1. Kernels that print the gfp mask without names (up to 4.6) may print 0 for it.
function isSysrq(invoker: Invoker | null): boolean | null {
  if (invoker === null) return null
  if (invoker.order === -1) return true
  return invoker.gfpMask.includes('(') ? false : null
}

/** Returns the report with the changes of one of its lines. */
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

/** Returns the kill as far as it is known; undefined before the `Killed process` line. */
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

/** True for a report of which only the Mem-Info was read: of a failed page allocation no more follows. */
export const isMemInfoAlone = ({ victim, invoker, memInfo, rows, unreclaimableSlab }: OomReport): boolean =>
  victim === null && invoker === null && memInfo !== null && rows === null && unreclaimableSlab.length === 0

/** After the kill a report may still lose lines of its group, or the line after the kill that announces the group. */
export function canHaveLostLines({ section, foreignRecords }: OomReport): boolean {
  return section === 'group' || (section === 'done' && foreignRecords === 0)
}
