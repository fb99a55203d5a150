// What the Cgroups panel tells: the kernel's count against the directories, and the cgroups by memory. Pure.
import { latest, valueAt } from '../../base/series.ts'
import { type Cgroup, type CgroupTree, MEMCG_IDS } from '../../collectors/cgroups/cgroup.ts'
import type { History } from '../../history.ts'
import type { PanelUi } from '../../session/state.ts'
import { filtered, sorted, WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'

/** What cgroups can be sorted by. */
export const CGROUP_COLUMNS = ['memory', 'of limit', 'kernel', 'growth', 'oom', 'name'] as const
type By = (typeof CGROUP_COLUMNS)[number]

/** Share of its limit that a cgroup uses; undefined without a limit. */
export function shareOfLimit({ current, limit }: Cgroup): number | undefined {
  return current === null || limit === null || !Number.isFinite(limit) || limit === 0 ? undefined : current / limit
}

/** Growth per hour over the last 15 minutes. */
export const growthOf = (cgroup: Cgroup, history: History): number | undefined =>
  perHour(cgroup.series, history.time - WINDOW, history.time)

/** Kernel memory of a cgroup: v1 kmem, v2 `kernel`, else its slab. */
export const kernelOf = ({ kernel, slab }: Cgroup): number | null => kernel ?? slab

function sortValue(cgroup: Cgroup, by: By, history: History): number | string {
  switch (by) {
    case 'memory':
      return cgroup.current ?? -1
    case 'of limit':
      return shareOfLimit(cgroup) ?? -1
    case 'kernel':
      return kernelOf(cgroup) ?? -1
    case 'growth':
      return growthOf(cgroup, history) ?? Number.NEGATIVE_INFINITY
    case 'oom':
      return cgroup.oomKill ?? -1
    case 'name':
      return cgroup.path
  }
}

/** Cgroups as they are shown: filtered by path, sorted; the root is left out, it is the node. */
export function cgroupRows(history: History, ui: PanelUi = {}): readonly Cgroup[] {
  const by = (ui.column ?? 'memory') as By
  const rows = [...history.cgroups.cgroups.values()].filter(({ path }) => path !== '/')
  return sorted(
    filtered(rows, ui.filter, ({ path }) => path),
    cgroup => sortValue(cgroup, by, history),
    ui.reverse,
  )
}

/** Cgroups made and removed in a minute, over the last five. */
export function churn({ series }: CgroupTree, now: number): { created: number; removed: number } {
  const span = Math.min(5 * 60_000, Math.max(60_000, now)) // a young session is counted as a minute
  const of = (name: 'created' | 'removed'): number =>
    (((latest(series[name]) ?? 0) - (valueAt(series[name], now - span) ?? 0)) * 60_000) / span
  return { created: of('created'), removed: of('removed') }
}

/** Share of the memcg IDs that are taken; undefined where the kernel does not tell. */
export const idsUsed = ({ series }: CgroupTree): number | undefined => {
  const used = latest(series.numCgroups)
  return used === undefined ? undefined : used / MEMCG_IDS
}

/** Milliseconds until the IDs are used up at the pace of the last 15 minutes; undefined when it is slow or falling. */
export function idsLeft(history: History): number | undefined {
  const pace = perHour(history.cgroups.series.numCgroups, history.time - WINDOW, history.time)
  const used = latest(history.cgroups.series.numCgroups)
  if (pace === undefined || used === undefined || pace < MEMCG_IDS / 1000) return undefined
  return ((MEMCG_IDS - used) / pace) * 3_600_000
}
