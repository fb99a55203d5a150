// OOM kills of a case, grouped by cgroup and process: how often, first and last, and what the memory was.
import { describeNodes, type OomKill } from '../../collectors/kmsg/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/page-size.ts'
import type { Place, ToldKill } from '../../sources/logs/tale.ts'
import type { Case } from './case.ts'

export interface KillGroup {
  /** the cgroup at its limit; `the whole node`; null: not told */
  readonly owner: string | null
  readonly global: boolean | null
  readonly comm: string
  /** kills, those of memory.oom.group counted */
  readonly count: number
  readonly first: Place
  readonly last: Place
  /** the last of them that tells most */
  readonly kill: OomKill
}

/** In order of their first kill. */
export function killGroups({ kills }: Case): readonly KillGroup[] {
  const groups = new Map<string, KillGroup>()
  for (const told of kills) {
    const owner = told.kill.oomMemcg ?? (told.kill.global ? describeNodes(told.kill) : told.kill.taskMemcg)
    const key = `${told.kill.victim.comm} ${owner}`
    groups.set(key, merged(groups.get(key), told, owner))
  }
  return [...groups.values()]
}

function merged(group: KillGroup | undefined, { kill, place }: ToldKill, owner: string | null): KillGroup {
  const count = 1 + kill.alsoKilled.length
  const { global, victim } = kill
  if (!group) return { owner, global, comm: victim.comm, count, first: place, last: place, kill }
  return {
    ...group,
    count: group.count + count,
    last: place,
    kill: kill.complete || !group.kill.complete ? kill : group.kill,
  }
}

const PAGE = 4096

/** A part of the memory of a report: bytes. */
export interface Part {
  readonly name: 'anonymous' | 'page cache' | 'shared (tmpfs)' | 'kernel' | 'page tables' | 'slab'
  readonly bytes: number
}

/** What the memory was, largest first; empty when the report does not tell. Follows the stats of v1, v2 or Mem-Info. */
export function partsOf(kill: OomKill, pageSize = PAGE): readonly Part[] {
  const { stat, memInfo, kmem, memory } = kill
  const parts = memInfo
    ? nodeParts(memInfo.pages, estimatePageSize(kill) ?? pageSize)
    : cgroupParts(stat, kmem?.usage ?? null, memory?.usage ?? null)
  return parts.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)
}

function nodeParts(pages: Readonly<Record<string, number>>, pageSize: number): readonly Part[] {
  const sum = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + (pages[name] ?? 0) * pageSize, 0)
  const shared = sum('shmem')
  return [
    { name: 'anonymous', bytes: Math.max(0, sum('active_anon', 'inactive_anon') - shared) },
    { name: 'page cache', bytes: sum('active_file', 'inactive_file') },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'slab', bytes: sum('slab_reclaimable', 'slab_unreclaimable') },
    { name: 'page tables', bytes: sum('pagetables') },
  ]
}

// v2: anon, file (with shmem), kernel or slab. v1: rss, cache (with shmem); from 5.4 on with total_ for the whole subtree.
function cgroupParts(stat: OomKill['stat'], kmem: number | null, usage: number | null): readonly Part[] {
  if (Object.keys(stat).length === 0) return kmem === null ? [] : [{ name: 'kernel', bytes: kmem }]
  const value = (name: string): number => stat[`total_${name}`] ?? stat[name] ?? 0
  const shared = value('shmem')
  const kernel =
    kmem ?? stat.kernel ?? value('slab') + value('kernel_stack') + value('pagetables') + value('percpu') + value('sock')
  return [
    { name: 'anonymous', bytes: stat.anon ?? value('rss') },
    { name: 'page cache', bytes: Math.max(0, (stat.file ?? value('cache')) - shared) },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'kernel', bytes: usage === null ? kernel : Math.min(kernel, usage) },
  ]
}
