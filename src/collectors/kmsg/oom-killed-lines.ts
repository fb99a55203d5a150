// The `Killed process` lines: the end of a report, and what memory.oom.group adds. mm/oom_kill.c __oom_kill_process.

import type { KernelRecord } from './kernel-record.ts'
import type { KilledLine, OomReport } from './oom-kill.ts'
import type { OomLine } from './oom-lines.ts'
import { applyChanges, openReport } from './oom-report.ts'
import { canNameProcess, isCompleteSummary, parseOomSummary } from './oom-summary.ts'
import { canListProcess, selectLargestRows } from './oom-tasks.ts'

type KilledOomLine = Extract<OomLine, { readonly kind: 'killed' }>
type ReportChanges = Partial<OomReport>

const MAX_VICTIMS = 1000

/**
 * Can this line be the end of this report? From 5.3 on it begins with the message, and in a report the summary stands
 * right before it. Up to 5.2 it has no message, and may name a child of the process that the summary named. 4.18 of el8
 * has the message and, in some builds, `Task in …` where later kernels have the summary.
 */
export function canEndWith({ global, summary, taskMemcg, rows }: OomReport, line: KilledOomLine): boolean {
  if (line.global === null) return true
  if (global === !line.global) return false
  if (summary !== null) return canNameProcess(summary, line.victim.pid)
  return taskMemcg !== null && rows !== null && canListProcess(rows, line.victim.pid)
}

/** What the line tells of a report that ends with it. */
export function computeKillChanges(report: OomReport, line: KilledOomLine, record: KernelRecord): ReportChanges {
  const isNamed =
    report.summary !== null && isCompleteSummary(report.summary) && canNameProcess(report.summary, line.victim.pid)
  const isOwnSummary = report.summary !== null && (isNamed || !report.mixed)
  const parsedSummary = isOwnSummary ? parseOomSummary(report.summary!, line.victim, report.oomMemcg) : null
  const isOwnReport = isReportOfKill(report, line, record)
  const global = parsedSummary?.global ?? line.global ?? (isOwnReport || !report.mixed ? report.global : null)
  const before = isOwnReport ? report : CLEARED_FIELDS
  return {
    ...(isOwnReport ? {} : CLEARED_FIELDS),
    ...(global === false ? { memInfo: null, unreclaimableSlab: [] } : {}), // the line of somebody else in between
    section: 'done',
    constraint: parsedSummary?.constraint ?? null,
    nodes: parsedSummary?.nodes ?? null,
    global,
    oomMemcg: parsedSummary?.oomMemcg ?? before.oomMemcg,
    taskMemcg: parsedSummary?.taskMemcg ?? before.taskMemcg,
    complete: isOwnReport && isComplete(report, line, global),
    tasks: isOwnReport ? selectLargestRows(report.rows, line.victim.pid) : [],
    stat: isOwnReport && (record.unnumbered === undefined || isStatConsistent(report)) ? report.stat : {},
    victim: { ...line.victim, uid: line.victim.uid ?? (isNamed ? (parsedSummary?.uid ?? null) : null) },
    time: record.time,
    sequence: record.sequence ?? null,
    killedLines: 1,
    lastKilledLine: toKilledLine(line, record),
  }
}

// All but what the last lines themselves say.
const CLEARED_FIELDS = {
  invoker: null,
  sysrq: null,
  oomMemcg: null,
  taskMemcg: null,
  memory: null,
  swap: null,
  kmem: null,
  stat: {},
  unreclaimableSlab: [],
  memInfo: null,
} as const satisfies ReportChanges

/**
 * Do the lines before the kill belong to it? Reports of two CPUs may be mixed up (3.10 has no lock). The kernel's own
 * numbers without a gap prove that nothing is missing; a saved text may lack lines. There the task table must list the
 * victim, and between it and the first line must stand what the memory was.
 */
function isReportOfKill(
  { mixed, rows, invoker, memory, memInfo }: OomReport,
  line: KilledOomLine,
  record: KernelRecord,
): boolean {
  if (mixed) return false
  if (record.unnumbered === undefined) return true
  return (
    rows !== null && canListProcess(rows, line.victim.pid) && (invoker === null || memory !== null || memInfo !== null)
  )
}

const USAGE_TOLERANCE = 256 * 1024 // per-CPU batches: usage is not exact

/**
 * Up to 4.20 the stats are a line for each cgroup of the subtree, and one that is missing would leave wrong sums. What is
 * there must be what the counters say: cache, rss and kernel memory are the usage. Later kernels have no such lines.
 */
function isStatConsistent({ stat, memory, kmem }: OomReport): boolean {
  const { cache, rss } = stat
  if (cache === undefined || rss === undefined || stat.pgfault !== undefined) return true
  if (memory === null) return false
  const gap = Math.abs(memory.usage - cache - rss - (kmem?.usage ?? 0))
  return gap <= Math.max(USAGE_TOLERANCE, memory.usage / 200)
}

function isComplete(
  { intact, invoker, summary, memory, taskMemcg }: OomReport,
  line: KilledOomLine,
  global: boolean | null,
): boolean {
  if (!intact || line.victim.totalVm === null || invoker === null || (global !== true && memory === null)) return false
  return summary === null ? line.global === null || taskMemcg !== null : isCompleteSummary(summary)
}

function toKilledLine({ victim, global }: KilledOomLine, { time, sequence }: KernelRecord): KilledLine {
  return { victim, global, time, sequence: sequence ?? null }
}

/** What a further line adds: the kernel kills every process of the group, the first victim a second time. */
export function computeGroupKillChanges(report: OomReport, line: KilledOomLine, record: KernelRecord): ReportChanges {
  if (report.victim === null) return { ...computeKillChanges(report, line, record), section: 'group' }
  const isNew = line.victim.pid !== report.victim.pid && report.alsoKilled.length < MAX_VICTIMS
  return {
    alsoKilled: isNew ? [...report.alsoKilled, line.victim] : report.alsoKilled,
    killedLines: report.killedLines + 1,
    lastKilledLine: toKilledLine(line, record),
  }
}

/**
 * Two kills where one was thought to be: `Tasks in …` follows the first line of a kill, so a bare line (rate limit)
 * that was taken for one of the group before began a kill of its own. Undefined when there is none to split off.
 */
export function splitGroup(report: OomReport, memcg: string, record: KernelRecord): [OomReport, OomReport] | undefined {
  const { lastKilledLine, victim, section, killedLines, logLines } = report
  if (section !== 'group' || !lastKilledLine || killedLines < 2 || lastKilledLine.victim.pid === victim?.pid)
    return undefined
  const before: OomReport = {
    ...report,
    alsoKilled: report.alsoKilled.filter(one => one !== lastKilledLine.victim),
    killedLines: killedLines - 1,
    logLines: logLines && { ...logLines, last: (lastKilledLine.sequence ?? logLines.last) - 1 },
  }
  const { sequence, ...rest } = record
  const first = {
    ...rest,
    time: lastKilledLine.time,
    ...(lastKilledLine.sequence === null ? {} : { sequence: lastKilledLine.sequence }),
  }
  const opened = openReport(first)
  const groupReport = applyChanges(
    opened,
    computeKillChanges(opened, { kind: 'killed', ...lastKilledLine }, first),
    record,
  )
  return [before, { ...groupReport, section: 'group', oomGroup: memcg }]
}
