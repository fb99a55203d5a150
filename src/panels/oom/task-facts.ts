// Process facts of an OOM report: the victim, why it was chosen, the failed allocation, and the task table.

import { formatBytes, formatCount, formatPercent } from '../../base/format.ts'
import { formatGfpMask } from '../../collectors/kmsg/oom/gfp-mask.ts'
import { computeReportRam } from '../../collectors/kmsg/oom/mem-info-block.ts'
import type { OomKill, TaskRow } from '../../collectors/kmsg/oom/oom-kill.ts'
import { formatLargestProcesses, isRowOf } from '../../collectors/kmsg/oom/oom-tasks.ts'
import { computeRss } from '../../detectors/oom/kill-text.ts'
import type { StyledText } from '../../widgets/cells.ts'
import type { Detail, Fact } from '../panel.ts'

/** Returns the memory of the victim, in parts, and its oom_score_adj. */
export function describeVictim({ victim }: OomKill): string {
  const formatPart = (name: string, value: number | null): string => (value ? `, ${name} ${formatBytes(value)}` : '')
  const { anonRss, fileRss, shmemRss, pgtables, oomScoreAdj } = victim
  const adj = oomScoreAdj === null ? '' : `, oom_score_adj ${oomScoreAdj}`
  return `${formatBytes(computeRss(victim))}${formatPart('anon', anonRss)}${formatPart('file', fileRss)}${formatPart('shmem', shmemRss)}${formatPart('page tables', pgtables)}${adj}`
}

// The kernel kills the task with the most pages, plus oom_score_adj thousandths of the total: oom_badness() in mm/oom_kill.c.
/** Explains why the kernel chose this victim: its RSS among the listed tasks, and oom_score_adj. */
export function explainVictimChoice({ tasks, victim, invoker }: OomKill, pageSize: number): string {
  const own = tasks.find(row => isRowOf(row, victim.pid))
  if (!own)
    return tasks.length === 0
      ? 'unknown: the report has no task table'
      : 'unknown: the task table does not list the victim'
  const position = sortByRss(tasks).indexOf(own) + 1
  const adj = own.columns.oom_score_adj ?? 0
  const exempt = tasks.filter(task => task.columns.oom_score_adj === -1000).length
  const rank = position === 1 ? 'the largest' : `number ${position}`
  const among =
    tasks.length === 1 ? 'the only task' : `${rank} of ${formatCount(tasks.length)} tasks by resident memory`
  const rankText = `${among} (${formatBytes((own.columns.rss ?? 0) * pageSize)})`
  const preference = adj > 0 ? 'preferred by' : 'despite'
  const adjustment = adj === 0 ? '' : `, ${preference} oom_score_adj ${adj}`
  const exemption = exempt > 0 ? `; ${formatCount(exempt)} exempt by oom_score_adj -1000` : ''
  return `${rankText}${adjustment}${exemption}${invoker?.pid === victim.pid ? '; it requested the memory itself' : ''}`
}

/** Returns which process asked for how many pages, and with which flags. */
export const describeRequest = ({ invoker }: OomKill): string =>
  invoker
    ? `${invoker.comm}${invoker.pid === null ? '' : `[${invoker.pid}]`}: ${invoker.order > 0 ? `${2 ** invoker.order} contiguous pages` : 'a page'}, order ${invoker.order}, ${formatGfpMask(invoker.gfpMask)}`
    : 'not in the report'

/** Sums by name where several processes share one: many small processes can outweigh a large one. @param pageSize bytes */
export const listNameFacts = ({ tasks }: OomKill, pageSize: number): readonly Fact[] =>
  new Set(tasks.map(({ comm }) => comm)).size < tasks.length
    ? [['by name', formatLargestProcesses(tasks, pageSize, 4)]]
    : []

const sortByRss = (tasks: readonly TaskRow[]): readonly TaskRow[] =>
  [...tasks].sort((a, b) => (b.columns.rss ?? 0) - (a.columns.rss ?? 0))

const MAX_TASKS = 15

/** Returns the task table of the report, the largest first, as lines: the victim is marked. */
export function buildTaskListing(
  { tasks, victim, memory, memInfo }: OomKill,
  pageSize: number,
): NonNullable<Detail['listing']> | undefined {
  if (tasks.length === 0) return undefined
  const ram = memInfo ? computeReportRam(memInfo, pageSize) : 0
  const limit = memory && Number.isFinite(memory.limit) ? memory.limit : ram || null
  const lines = sortByRss(tasks)
    .slice(0, MAX_TASKS)
    .map((row): readonly StyledText[] => {
      const { pid, comm, columns } = row
      const rss = (columns.rss ?? 0) * pageSize
      const share = limit === null ? '' : ` ${formatPercent(rss / limit).padStart(6)}`
      const isVictim = isRowOf(row, victim.pid)
      const text = ` ${isVictim ? 'killed' : '      '} ${formatBytes(rss).padStart(9)}${share}  adj ${String(columns.oom_score_adj ?? '?').padStart(5)}  ${comm}[${pid}]`
      return [{ text, tone: isVictim ? 'critical' : 'normal' }]
    })
  const of = memory ? 'the limit' : 'RAM'
  const more = tasks.length > MAX_TASKS ? `, the ${MAX_TASKS} largest` : ''
  return {
    title: `Tasks at the kill (${tasks.length}${more})${limit === null ? '' : `, RSS and its share of ${of}`}`,
    lines,
  }
}
