// How much trouble a cgroup is in: the default order of the list.
import { MINUTE } from '../../base/units.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { computeUnreclaimable } from '../../collectors/cgroups/tree-queries.ts'
import type { History } from '../../history.ts'
import { computeTimeToLimit } from '../hourly-rate.ts'
import { countCgroupKills } from './kill-counts.ts'

/** Returns the share of its limit that a cgroup uses, or undefined without a limit. */
export function computeLimitShare({ current, limit }: Cgroup): number | undefined {
  return current === null || limit === null || !Number.isFinite(limit) || limit === 0 ? undefined : current / limit
}

/** Returns 3 for a cgroup that is out of memory, 2 after kills in it, 1 if it is full or soon will be, else 0. */
export function rankTrouble(cgroup: Cgroup, history: History): number {
  if (cgroup.underOom) return 3
  if ((countCgroupKills(cgroup, history) ?? 0) > 0) return 2
  return (computeLimitShare(cgroup) ?? 0) > 0.95 || isFullSoon(cgroup, history) ? 1 : 0
}

const SOON = 10 * MINUTE
const STILL = MINUTE // without a change for so long it does not grow, and no rate need be computed

// Memory that cannot be reclaimed reaches the limit soon. A cache that fills a limit only makes room for itself.
function isFullSoon(cgroup: Cgroup, history: History): boolean {
  const { series, current } = cgroup
  if ((computeLimitShare(cgroup) ?? 0) < 0.1 || history.time - (series.times[series.length - 1] ?? 0) > STILL)
    return false
  if ((computeUnreclaimable(cgroup) ?? 0) < (current ?? 0) / 2) return false
  return (computeTimeToLimit(history, cgroup.path) ?? Number.POSITIVE_INFINITY) < SOON
}
