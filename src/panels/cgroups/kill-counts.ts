// OOM kills of a cgroup: what the kernel counts, and before Linux 4.13, which counts none on cgroup v1, what its log names.
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { History } from '../../history.ts'

/** Returns the kills of a cgroup; null where the kernel does not count them and its log names none. */
export const countCgroupKills = ({ path, oomKill }: Cgroup, history: History): number | null =>
  oomKill ?? countLoggedKills(getCorrelatedKills(history)).get(path) ?? null

// There may be ten thousand cgroups: the kills are counted once for all of them.
const countsByKills = new WeakMap<readonly CorrelatedKill[], ReadonlyMap<string, number>>()

function countLoggedKills(kills: readonly CorrelatedKill[]): ReadonlyMap<string, number> {
  const known = countsByKills.get(kills)
  if (known) return known
  const counts = new Map<string, number>()
  for (const { cgroup, count } of kills) if (cgroup !== null) counts.set(cgroup, (counts.get(cgroup) ?? 0) + count)
  countsByKills.set(kills, counts)
  return counts
}
