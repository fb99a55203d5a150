// Places of OOM kills: what keeps dying at one limit is one cause, whatever the processes and containers are called.
import { toPodCgroupPath } from '../collectors/cgroups/name.ts'
import type { SeenKill } from './witnesses.ts'

const MINUTE = 60_000

/** The place of kills of a global OOM, and of those whose cgroup nobody tells. */
const NODE = 'node'
const UNKNOWN = 'unknown'

/**
 * Kills by the place whose limit was hit, each in order of time: a pod (its containers have new IDs after each restart), else the
 * cgroup, else the node. A rate-limited report has no cgroup: it belongs where a process of that name died within the minute before.
 */
export function killsByPlace(kills: readonly SeenKill[]): ReadonlyMap<string, readonly SeenKill[]> {
  const groups = new Map<string, SeenKill[]>()
  const diedIn = new Map<string, { readonly place: string; readonly time: number }>()
  for (const seen of kills) {
    const comm = seen.kill?.victim.comm
    const before = comm === undefined ? undefined : diedIn.get(comm)
    const near = before && seen.time - before.time <= MINUTE ? before.place : UNKNOWN
    const place = placeOf(seen) ?? near
    if (comm !== undefined) diedIn.set(comm, { place, time: seen.time })
    const group = groups.get(place)
    if (group) group.push(seen)
    else groups.set(place, [seen])
  }
  return groups
}

function placeOf({ kill, cgroup }: SeenKill): string | undefined {
  if (kill?.global) return NODE
  const owner = kill?.oomMemcg ?? cgroup
  return owner === null ? undefined : toPodCgroupPath(owner)
}

/** `worker-11, worker-10 and 9 more`: who died before the last one, without its name; empty when nobody else did. */
export function namesBefore(group: readonly SeenKill[]): string {
  const names = new Set(group.toReversed().flatMap(({ kill }) => kill?.victim.comm ?? []))
  const [, ...others] = names
  return others.length > 3
    ? `${others.slice(0, 2).join(', ')} and ${others.length - 2} more`
    : others.join(', ').replace(/, ([^,]*)$/, ' and $1')
}
