// Facts of a cache's page about who has it: what the survey of its alert found, else the cgroups with most memory of that kind.
import { formatBytes } from '../../base/format.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import { type Alert, isOngoing } from '../../detectors/alerts.ts'
import { formatHolder } from '../../detectors/holders/format-holder.ts'
import type { History } from '../../history.ts'
import { getKernelMemory } from '../cgroups/rows.ts'
import type { Fact } from '../panel.ts'

const MAX_NAMED = 3
const MIN_SHARE = 0.1 // of the cache: a cgroup with less cannot have a good part of it

/** Returns who holds a cache: of an ongoing alert that names it, else the cgroups with most slab of its type. */
export function listWhoFacts(history: History, alerts: readonly Alert[], cache: SlabCache): readonly Fact[] {
  const { name, bytes } = cache
  const holders = alerts.find(
    alert => isOngoing(alert) && alert.caches?.includes(name) && alert.holders?.length,
  )?.holders
  if (holders) return holders.map((holder, i) => [i === 0 ? 'held by' : '', formatHolder(history, holder)])
  return listCgroupFacts(history, isReclaimable(history.slab, name), MIN_SHARE * bytes)
}

/** A number of a cgroup, by its name in a sentence. */
type Measure = readonly [name: string, read: (cgroup: Cgroup) => number | null]

// The kernel counts the slab of a cgroup by type, not by cache; v1 counts only all of its kernel memory.
function listCgroupFacts(history: History, reclaimable: boolean, least: number): readonly Fact[] {
  const measures: readonly Measure[] = [
    reclaimable ? ['slab', ({ slab }) => slab] : ['unreclaimable slab', ({ slabUnreclaimable }) => slabUnreclaimable],
    ['kernel memory', getKernelMemory],
  ]
  for (const [name, read] of measures) {
    const largest = selectLargest(history, read, least)
    const texts = largest.map(([{ path }, bytes]) => `${formatCgroupName(history, path)} ${formatBytes(bytes)}`)
    if (texts.length > 0) return [['top cgroups', `by ${name}: ${texts.join(', ')}`]]
  }
  return []
}

// Of cgroups without children: what is above them counts the same memory again.
function selectLargest(
  { cgroups: { cgroups } }: History,
  read: Measure[1],
  least: number,
): readonly (readonly [Cgroup, number])[] {
  const parents = new Set([...cgroups.values()].map(({ parent }) => parent))
  return [...cgroups.values()]
    .filter(({ path }) => !parents.has(path))
    .map(cgroup => [cgroup, read(cgroup) ?? 0] as const)
    .filter(([, bytes]) => bytes > 0 && bytes >= least)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_NAMED)
}
