// The OOM kills of a report: who was killed, at whose limit, and the largest tasks of the last report with a task table.
import { formatCgroupName } from '../../collectors/container-names.ts'
import { describeNodes } from '../../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import { computeRss } from '../../detectors/oom/kill-text.ts'
import { type CorrelatedKill, getCorrelatedKills, type KillSource } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'

/** A task of a task table; `rss` in bytes. */
export interface ReportTask {
  readonly name: string
  readonly rss: number
  readonly oomScoreAdj: number | null
}

/** One kill, or several that only a counter saw. Names as on the screen; undefined where the kernel did not say. */
export interface ReportKill {
  /** session ms */
  readonly time: number
  readonly count: number
  readonly victim: string | undefined
  /** bytes */
  readonly rss: number | undefined
  readonly limitSetOn: string | undefined
  readonly cgroup: string | undefined
  readonly confirmedBy: readonly KillSource[]
  readonly tasks: readonly ReportTask[]
}

/** Returns the kills from `begin` (session ms), the oldest first. */
export const buildKills = (history: History, begin: number): readonly ReportKill[] =>
  getCorrelatedKills(history)
    .filter(({ time }) => time >= begin)
    .map(correlated => buildKill(correlated, history))

function buildKill(correlated: CorrelatedKill, history: History): ReportKill {
  const { time, count, kill, cgroup, confirmedBy } = correlated
  const nameCgroup = (path: string | null | undefined): string | undefined =>
    path == null ? undefined : formatCgroupName(history, path)
  const common = { time, count, cgroup: nameCgroup(cgroup), confirmedBy }
  if (!kill) return { ...common, victim: undefined, rss: undefined, limitSetOn: undefined, tasks: [] }
  const { comm, pid } = kill.victim
  const limitSetOn = kill.global ? describeNodes(kill) : nameCgroup(kill.oomMemcg)
  return {
    ...common,
    victim: `${comm}[${pid}]`,
    rss: computeRss(kill.victim),
    limitSetOn,
    tasks: listTasks(kill, history),
  }
}

const MAX_TASKS = 20

function listTasks(kill: NonNullable<CorrelatedKill['kill']>, { session }: History): readonly ReportTask[] {
  const pageSize = estimatePageSize(kill) ?? session.pageSize
  return [...kill.tasks]
    .sort((a, b) => (b.columns.rss ?? 0) - (a.columns.rss ?? 0))
    .slice(0, MAX_TASKS)
    .map(({ comm, pid, columns }) => ({
      name: `${comm}[${pid}]`,
      rss: (columns.rss ?? 0) * pageSize,
      oomScoreAdj: columns.oom_score_adj ?? null,
    }))
}
