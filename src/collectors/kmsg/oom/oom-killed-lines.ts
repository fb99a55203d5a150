// Handles `Killed process` lines: the end of a report, and the lines of memory.oom.group. mm/oom_kill.c __oom_kill_process.

import type { KernelRecord } from '../kernel-record.ts'
import type { KilledLine, OomReport } from './oom-kill.ts'
import type { OomLineOfKind } from './oom-lines.ts'
import { findProof, isNextLine, isOfOldKernel, isSearchedForLimit, listLikelyFields } from './oom-proof.ts'
import { applyChanges, openReport } from './oom-report.ts'
import { canNameProcess, isCompleteSummary, parseOomSummary } from './oom-summary.ts'
import { canListProcess, selectLargestRows } from './oom-tasks.ts'

type KilledOomLine = OomLineOfKind<'killed'>
type ReportChanges = Partial<OomReport>

const MAX_VICTIMS = 1000

/**
 * Returns whether this line can end this report. Since 5.3 it begins with the message, and the summary comes right before it. Up
 * to 5.2 it has no message, and may name a child of the process in the summary. 4.18 of el8 has the message and, in some builds,
 * `Task in …` in place of the summary.
 */
export function canEndWith(report: OomReport, line: KilledOomLine, record: KernelRecord): boolean {
  const { global, summary, taskMemcg, rows, sysrq } = report
  if (line.global === null) return true
  if (global === !line.global) return false
  if (summary !== null) return canNameProcess(summary, line.victim.pid)
  if (sysrq === true && record.unnumbered && isNextLine(report, record)) return true // by hand: nothing else asks at this moment
  if (record.unnumbered && (isOfOldKernel(report, record) || isSearchedForLimit(report, record))) return true
  return taskMemcg !== null && rows !== null && canListProcess(rows, line.victim.pid)
}

/** Returns the changes that the line makes to a report that it ends. */
export function computeKillChanges(report: OomReport, line: KilledOomLine, record: KernelRecord): ReportChanges {
  const isNamed =
    report.summary !== null && isCompleteSummary(report.summary) && canNameProcess(report.summary, line.victim.pid)
  const isOwnSummary = report.summary !== null && (isNamed || !report.mixed)
  const parsedSummary = isOwnSummary ? parseOomSummary(report.summary!, line.victim, report.oomMemcg) : null
  const proof = findProof(report, line, record)
  const isOwnReport = proof !== 'none'
  const global = parsedSummary?.global ?? line.global ?? (isOwnReport || !report.mixed ? findScope(report) : null)
  const before = isOwnReport ? report : CLEARED_FIELDS
  return {
    ...(isOwnReport ? {} : CLEARED_FIELDS),
    ...(global === false ? { memInfo: null, unreclaimableSlab: [] } : {}), // such lines belong to another report
    section: 'done',
    constraint: parsedSummary?.constraint ?? null,
    nodes: parsedSummary?.nodes ?? null,
    global,
    oomMemcg: parsedSummary?.oomMemcg ?? before.oomMemcg,
    taskMemcg: parsedSummary?.taskMemcg ?? before.taskMemcg,
    complete: isOwnReport && isComplete(report, line, global) && (global !== true || hasMemInfo(report, record)),
    tasks: isOwnReport ? selectLargestRows(report.rows, line.victim.pid) : [],
    stat: isOwnReport && (record.unnumbered === undefined || isStatConsistent(report)) ? report.stat : {},
    victim: { ...line.victim, uid: line.victim.uid ?? (isNamed ? (parsedSummary?.uid ?? null) : null) },
    time: record.time,
    sequence: record.sequence ?? null,
    killedLines: 1,
    lastKilledLine: toKilledLine(line, record),
    likely: proof === 'likely' ? listLikelyFields(report, parsedSummary !== null) : [],
  }
}

// Only a report about the whole node has a Mem-Info.
const findScope = ({ global, memInfo }: OomReport): boolean | null => global ?? (memInfo === null ? null : true)

// All fields that the last lines do not contain.
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

const USAGE_TOLERANCE = 256 * 1024 // per-CPU batches make the usage inexact

/**
 * Returns whether the stats add up. Up to 4.20 there is one stats line per cgroup of the subtree, and a missing line would leave
 * wrong sums: cache, rss and kernel memory must equal the usage. Later kernels print one block.
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

// In a saved text it may be cut out.
const hasMemInfo = ({ memInfo }: OomReport, { unnumbered }: KernelRecord): boolean =>
  memInfo !== null || unnumbered === undefined

function toKilledLine({ victim, global }: KilledOomLine, { time, sequence }: KernelRecord): KilledLine {
  return { victim, global, time, sequence: sequence ?? null }
}

/** Returns the changes of a further line of a group: the kernel kills every process in it, and names the first victim again. */
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
 * Splits a kill in two. `Tasks in …` follows the first line of a kill, so the bare line before it (rate limit), which was counted
 * to the previous group, began a kill of its own. Returns undefined if there is nothing to split off.
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
