// The charts of an OOM kill: the memory of the cgroup at its limit, or all RAM of the node, and what was left of it.

import { filterMap } from '../../base/filter-map.ts'
import { formatDuration } from '../../base/format.ts'
import { getFirstTime } from '../../base/series.ts'
import { MINUTE } from '../../base/units.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { CorrelatedKill } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'
import { insertKillMoments } from '../kill-moments.ts'
import { dropDuplicates, findKillsOf, linkToAlert, linkToCgroup, type PageLink } from '../links.ts'
import type { Fact, Graph, TimeRange } from '../panel.ts'
import { BYTES } from '../value-formats.ts'

/** Returns the graphs of a kill; none for a saved log, which has no series. */
export function listKillGraphs(history: History, kill: OomKill): readonly Graph[] {
  const { series, values } = history.meminfo
  const path = kill.oomMemcg
  const cgroup = path === null ? undefined : history.cgroups.cgroups.get(path)
  const buildCgroupGraph = (): Graph | undefined =>
    cgroup && cgroup.series.length > 0
      ? {
          name: `memory of ${formatCgroupName(history, cgroup.path)}`,
          series: insertKillMoments(history, cgroup.path, cgroup.series),
          format: BYTES,
          ...listLimit(kill.memory?.limit ?? cgroup.limit),
        }
      : undefined
  const total = values.get('MemTotal')
  const available: Graph | undefined = series.MemAvailable && {
    name: 'MemAvailable of the node',
    series: series.MemAvailable,
    format: BYTES,
    ...(total === undefined ? {} : { top: total }),
  }
  const ram: Graph | undefined = available && { ...available, name: 'all RAM', isRam: true }
  const graphs = filterMap([kill.global ? ram : buildCgroupGraph(), available], graph => graph)
  return isSampled(history, kill) ? graphs : []
}

// A kill of the kernel log may be long before the first sample: its charts would be empty.
function isSampled(history: History, { time }: OomKill): boolean {
  const first = Object.values(history.meminfo.series)
    .map(getFirstTime)
    .find(at => at !== undefined)
  return first === undefined || first <= getKillRange(history, time).end
}

/** Returns why a kill has no charts; nothing where it has some, and for a saved log. */
export const listSampleFacts = (history: History, kill: OomKill): readonly Fact[] =>
  isSampled(history, kill) ? [] : [['charts', `none: this session began ${formatDuration(-kill.time)} after the kill`]]

const listLimit = (limit: number | null): Pick<Graph, 'limit'> =>
  limit !== null && Number.isFinite(limit) ? { limit } : {}

const SPAN = 10 * MINUTE
const SAMPLES = 60 // a recording with rare samples shows as many of them

/** Returns the range of the charts: most of it before the kill. */
export function getKillRange({ session, time: now }: History, time: number): TimeRange {
  const span = Math.max(SPAN, SAMPLES * session.interval)
  const end = Math.max(time, Math.min(now, time + span / 4))
  return { begin: Math.max(end - span, Math.min(0, time)), end }
}

/** Returns what a kill leads to: the cgroup at its limit, that of the victim, and the alert. */
export function listKillLinks(
  history: History,
  correlated: CorrelatedKill,
  alerts: readonly Alert[],
): readonly PageLink[] {
  const cgroups = filterMap([correlated.kill?.oomMemcg, correlated.cgroup], path => linkToCgroup(history, path))
  const raised = alerts.filter(
    alert => alert.detector === 'oom-kill' && findKillsOf(history, alert).some(({ kill }) => kill === correlated.kill),
  )
  return dropDuplicates([...cgroups, ...raised.map(linkToAlert)])
}
