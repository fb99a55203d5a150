// OOM kills of a case, grouped by cgroup and process: how often, first and last, and what the memory was.
import { describeNodes, type OomKill } from '../collectors/kmsg/oom-kill.ts'
import { estimatePageSize } from '../collectors/kmsg/page-size.ts'
import type { Evidence } from './evidence.ts'
import type { LocatedKill, LogLocation } from './logs/log-contents.ts'

export interface KillGroup {
  /** the cgroup at its limit; `the whole node`; null: not told */
  readonly owner: string | null
  readonly global: boolean | null
  readonly comm: string
  /** kills, those of memory.oom.group counted */
  readonly count: number
  readonly first: LogLocation
  readonly last: LogLocation
  /** the last of them that tells most */
  readonly kill: OomKill
}

/** In order of their first kill. */
export function groupKills({ kills }: Evidence): readonly KillGroup[] {
  const groups = new Map<string, KillGroup>()
  for (const located of kills) {
    const owner = located.kill.oomMemcg ?? (located.kill.global ? describeNodes(located.kill) : located.kill.taskMemcg)
    const key = `${located.kill.victim.comm} ${owner}`
    groups.set(key, mergeKill(groups.get(key), located, owner))
  }
  return [...groups.values()]
}

function mergeKill(
  group: KillGroup | undefined,
  { kill, location: place }: LocatedKill,
  owner: string | null,
): KillGroup {
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
export interface MemoryPart {
  readonly name: 'anonymous' | 'page cache' | 'shared (tmpfs)' | 'kernel' | 'page tables' | 'slab'
  readonly bytes: number
}

/** What the memory was, largest first; empty when the report does not tell. Follows the stats of v1, v2 or Mem-Info. */
export function computeMemoryParts(kill: OomKill, pageSize = PAGE): readonly MemoryPart[] {
  const { stat, memInfo, kmem, memory } = kill
  const parts = memInfo
    ? computeNodeParts(memInfo.pages, estimatePageSize(kill) ?? pageSize)
    : computeCgroupParts(stat, kmem?.usage ?? null, memory?.usage ?? null)
  return parts.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)
}

function computeNodeParts(pages: Readonly<Record<string, number>>, pageSize: number): readonly MemoryPart[] {
  const sumPages = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + (pages[name] ?? 0) * pageSize, 0)
  const shared = sumPages('shmem')
  return [
    { name: 'anonymous', bytes: Math.max(0, sumPages('active_anon', 'inactive_anon') - shared) },
    { name: 'page cache', bytes: sumPages('active_file', 'inactive_file') },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'slab', bytes: sumPages('slab_reclaimable', 'slab_unreclaimable') },
    { name: 'page tables', bytes: sumPages('pagetables') },
  ]
}

// v2: anon, file (with shmem), kernel or slab. v1: rss, cache (with shmem); from 5.4 on with total_ for the whole subtree.
function computeCgroupParts(stat: OomKill['stat'], kmem: number | null, usage: number | null): readonly MemoryPart[] {
  if (Object.keys(stat).length === 0) return kmem === null ? [] : [{ name: 'kernel', bytes: kmem }]
  const getStat = (name: string): number => stat[`total_${name}`] ?? stat[name] ?? 0
  const shared = getStat('shmem')
  const kernel =
    kmem ??
    stat.kernel ??
    getStat('slab') + getStat('kernel_stack') + getStat('pagetables') + getStat('percpu') + getStat('sock')
  return [
    { name: 'anonymous', bytes: stat.anon ?? getStat('rss') },
    { name: 'page cache', bytes: Math.max(0, (stat.file ?? getStat('cache')) - shared) },
    { name: 'shared (tmpfs)', bytes: shared },
    { name: 'kernel', bytes: usage === null ? kernel : Math.min(kernel, usage) },
  ]
}
