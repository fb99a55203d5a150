// Whether the lines before a kill belong to it: what a saved text proves, and what is only likely. Follows mm/oom_kill.c.
import type { KernelRecord } from '../kernel-record.ts'
import type { OomReport } from './oom-kill.ts'
import type { OomLineOfKind } from './oom-lines.ts'
import { isCompleteSummary } from './oom-summary.ts'
import { canListProcess } from './oom-tasks.ts'

type KilledOomLine = OomLineOfKind<'killed'>

/** How sure it is. */
export type Proof = 'proven' | 'likely' | 'none'

/**
 * Returns whether the lines before the kill belong to it. Reports of two CPUs may be mixed (3.10 has no lock). Record numbers
 * without a gap prove that nothing is missing, but a saved text may lack lines. There the task table must list the victim, and
 * the counters must come between the first line and the table. Without a table (vm.oom_dump_tasks=0) the cgroup of the stats must
 * be that of the summary; otherwise the lines are likely its own.
 */
export function findProof(report: OomReport, line: KilledOomLine, record: KernelRecord): Proof {
  const { mixed, rows, invoker, memory, memInfo, taskColumns } = report
  if (mixed) return 'none'
  if (record.unnumbered === undefined) return 'proven'
  if (rows !== null) {
    if (!canListProcess(rows, line.victim.pid)) return 'none'
    return invoker === null || memory !== null || memInfo !== null ? 'proven' : 'likely'
  }
  // of a process with children the kernel kills one of them, right after it named the process
  const isChild = report.chosen !== null && line.global === null && isNextLine(report, record)
  if (isSearched(report) && (isChild || (isSameName(report, line) && isNextLine(report, record)))) return 'likely'
  if (taskColumns.length > 0) return 'none'
  if (invoker === null) return isOfOldKernel(report, record) || isSearchedForNumbers(report) ? 'likely' : 'none'
  const proof = isChild ? 'likely' : findLikely(report, line)
  if (memory !== null) return isOfOneCgroup(report) ? 'proven' : proof
  return memInfo?.pages.RAM === undefined ? 'none' : proof
}

// A log that was searched for words has the head of the table, but no row and no line that names the invoker.
const isSearched = ({ taskColumns, memInfo, invoker, rows }: OomReport): boolean =>
  taskColumns.length > 0 && rows === null && memInfo === null && invoker !== null && invoker.pid === null

/** True for a report of 2.6.25 and earlier: the first line names no process, and the kill follows the Mem-Info without a table. */
export const isOfOldKernel = (report: OomReport, record: KernelRecord): boolean =>
  report.intact && report.invoker === null && report.memInfo?.pages.RAM !== undefined && isNextLine(report, record)

const MAX_SEARCHED = 64 // lines: the counters and stats of a cgroup, or the longest caches of a list

// A log that was searched for numbers has neither the first line nor the table: the counters of a cgroup that the summary
// names too, or a list of slab, and then the complete summary. Nothing else may be between them.
function isSearchedForNumbers({ summary, memory, memInfo, unreclaimableSlab, oomMemcg, logLines }: OomReport): boolean {
  if (summary === null || memInfo !== null || !isCompleteSummary(summary) || logLines === null) return false
  if (logLines.last - logLines.first > MAX_SEARCHED) return false
  if (memory === null) return oomMemcg === null && unreclaimableSlab.length > 0
  return oomMemcg === null || summary.includes(`,oom_memcg=${oomMemcg},`)
}

const MOST_COUNTERS = 3

/** True for the first line of a log that was searched, the counters right behind it, and the kill right behind them: likely one report. */
export const isSearchedForLimit = (report: OomReport, record: KernelRecord): boolean =>
  report.invoker?.pid === null &&
  report.memory !== null &&
  report.logLines !== null &&
  report.logLines.last - report.logLines.first <= MOST_COUNTERS &&
  isNextLine(report, record)

const isSameName = ({ chosen }: OomReport, { victim }: KilledOomLine): boolean => chosen?.comm === victim.comm

/** True if nothing is between the last line that was read of the report and this one. */
export const isNextLine = ({ logLines }: OomReport, { sequence }: KernelRecord): boolean =>
  logLines !== null && sequence === logLines.last + 1

// The stats and the summary name the same cgroup.
const isOfOneCgroup = ({ oomMemcg, summary, memory }: OomReport): boolean =>
  oomMemcg !== null && memory !== null && summary?.includes(`,oom_memcg=${oomMemcg},`) === true

// The kernel names the victim before it kills it: in the summary, or up to 5.2 as the process it has chosen.
const findLikely = ({ summary, chosen, global }: OomReport, { victim, global: lineGlobal }: KilledOomLine): Proof =>
  (summary !== null && isCompleteSummary(summary)) ||
  chosen?.pid === victim.pid ||
  (chosen === null && lineGlobal !== null && global !== !lineGlobal)
    ? 'likely'
    : 'none'

/** Returns the fields that the last lines do not prove. */
export function listLikelyFields(report: OomReport, hasSummary: boolean): OomReport['likely'] {
  const unproven = ['invoker', 'sysrq', 'memory', 'swap', 'kmem', 'memInfo'] as const
  const memcgs = hasSummary ? [] : (['oomMemcg', 'taskMemcg'] as const)
  return [
    ...[...unproven, ...memcgs].filter(field => report[field] !== null),
    ...(Object.keys(report.stat).length > 0 ? (['stat'] as const) : []),
    ...(report.unreclaimableSlab.length > 0 ? (['unreclaimableSlab'] as const) : []),
  ]
}
