// Groups of OOM kills: kills at one limit have one cause, whatever the processes and containers are called.
import { MINUTE } from '../../base/units.ts'
import { toPodCgroupPath } from '../../collectors/cgroups/short-name.ts'
import type { CorrelatedKill } from './oom-correlation.ts'

/** Group keys of global OOM kills, and of kills whose cgroup is unknown. */
const NODE_KEY = 'node'
const UNKNOWN_KEY = 'unknown'

/**
 * Groups kills by whose limit was hit, each group in order of time: a pod (its containers get new IDs with each restart), else the
 * cgroup, else the node. A rate-limited report has no cgroup: it joins the group in which a process of that name died within a minute.
 */
export function groupKills(kills: readonly CorrelatedKill[]): ReadonlyMap<string, readonly CorrelatedKill[]> {
  const groups = new Map<string, CorrelatedKill[]>()
  const diedIn = new Map<string, { readonly groupKey: string; readonly time: number }>()
  for (const correlated of kills) {
    const comm = correlated.kill?.victim.comm
    const previous = comm === undefined ? undefined : diedIn.get(comm)
    const recentKey = previous && correlated.time - previous.time <= MINUTE ? previous.groupKey : UNKNOWN_KEY
    const groupKey = findGroupKey(correlated) ?? recentKey
    if (comm !== undefined) diedIn.set(comm, { groupKey, time: correlated.time })
    const group = groups.get(groupKey)
    if (group) group.push(correlated)
    else groups.set(groupKey, [correlated])
  }
  return groups
}

function findGroupKey({ kill, cgroup }: CorrelatedKill): string | undefined {
  if (kill?.global) return NODE_KEY
  const owner = kill?.oomMemcg ?? cgroup
  return owner === null ? undefined : toPodCgroupPath(owner)
}

// made when it is needed: it reads tables of all languages, and most nodes see no kill
let list: Intl.ListFormat | undefined

/** Names the processes killed before the last one: `worker-11, worker-10 and 9 more`; empty if there were none. */
export function formatEarlierVictims(group: readonly CorrelatedKill[]): string {
  const names = new Set(group.toReversed().flatMap(({ kill }) => kill?.victim.comm ?? []))
  const [, ...others] = names
  if (others.length === 0) return ''
  list ??= new Intl.ListFormat('en-GB')
  return list.format(others.length > 3 ? [...others.slice(0, 2), `${others.length - 2} more`] : others)
}
