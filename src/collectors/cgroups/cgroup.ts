// Cgroup: one memory cgroup, and the tree of them, in the kernel's words.
import type { Series } from '../../base/series.ts'
import type { SnapshotMap } from '../../base/snapshot-map.ts'
import type { PsiStalls } from '../pressure.ts'
import type { CgroupMode, CgroupMounts } from './mounts.ts'

/** Memory cgroup IDs are 16 bits wide, 0 is none: MEM_CGROUP_ID_MAX in mm/memcontrol.c. */
export const MAX_MEMCG_IDS = 65_535

/** Counters of memory.events or memory.events.local, as this kernel has them: `oom_group_kill` came with 5.17. */
export interface CgroupEvents {
  readonly low: number | null
  readonly high: number | null
  /** times the limit was hit */
  readonly max: number | null
  /** times the limit was hit and reclaim did not help */
  readonly oom: number | null
  readonly oomKill: number | null
  readonly oomGroupKill: number | null
}

/** Figures of a cgroup whose course is kept from their first change on. */
export const CGROUP_SERIES_FIELDS = [
  'anon',
  'file',
  'shmem',
  'kernel',
  'slab',
  'sock',
  'percpu',
  'swap',
  'dying',
  'throttled',
] as const
export type CgroupSeriesField = (typeof CGROUP_SERIES_FIELDS)[number]

/** A memory cgroup that has a directory. Bytes; null: not read or not there in this kernel; no limit is Infinity. */
export interface Cgroup {
  /** path below the mount of the memory controller, as the kernel log names it; `/` is the root */
  readonly path: string
  /** the path above; undefined above the root. Kept, and the same string in all siblings: who goes over a large tree need not make it */
  readonly parent: string | undefined
  /** identity: a directory made anew under the same name is another cgroup */
  readonly inode: number
  /** session time it was first seen */
  readonly seenAt: number
  readonly current: number | null
  readonly limit: number | null
  /** anon, file and shmem are those of all below it too: v1 `total_rss`, `total_cache`, `total_shmem`; file has shmem in it */
  readonly anon: number | null
  readonly file: number | null
  readonly shmem: number | null
  /** slab of its own: v2 memory.stat, not told on v1 */
  readonly slab: number | null
  readonly slabUnreclaimable: number | null
  /** socket buffers: v1 memory.kmem.tcp.usage_in_bytes, v2 memory.stat `sock` */
  readonly sock: number | null
  readonly percpu: number | null
  readonly kernelStack: number | null
  readonly pagetables: number | null
  /** pages of its own processes, none of its children: v1 `cache` and `rss`; not told on v2 */
  readonly own: number | null
  /** kernel memory: v1 memory.kmem.usage_in_bytes, v2 memory.stat `kernel` (5.18 on) */
  readonly kernel: number | null
  readonly swap: number | null
  /** times the limit was hit: v1 failcnt, v2 events max */
  readonly failcnt: number | null
  /** OOM kills: v1 of processes in it; v2 in it and below it */
  readonly oomKill: number | null
  /** v2: times that tasks in it and below it were slowed down at memory.high */
  readonly throttled: number | null
  /** v2: counted in it and below it (memory.events) */
  readonly events: CgroupEvents | null
  /** v2, 5.2 on: counted in it alone (memory.events.local) */
  readonly localEvents: CgroupEvents | null
  /** v2: how long its tasks wait for memory; read of hot cgroups only */
  readonly pressure: PsiStalls | null
  /** v2: cgroups below it that have a directory, and those removed and not yet freed (memory cgroups only from 6.12 on) */
  readonly descendants: number | null
  readonly dying: number | null
  /** v1: tasks are stopped in the OOM handler now */
  readonly underOom: boolean
  readonly oomKillDisable: boolean
  /** how many cgroups of this name, with other inodes, were there before while we looked */
  readonly recreated: number
  /** course of `current` */
  readonly series: Series
  readonly seriesByField: Readonly<Partial<Record<CgroupSeriesField, Series>>>
}

/** An OOM-kill counter of a cgroup that rose: `count` kills after `after` and not later than `time`. */
export interface KillCounterRise {
  readonly path: string
  readonly after: number
  readonly time: number
  readonly count: number
}

/** All memory cgroups of the node, the kernel's own count of them, and what came and went. */
export interface CgroupTree {
  readonly mounts: CgroupMounts
  readonly mode: CgroupMode
  readonly cgroups: SnapshotMap<string, Cgroup>
  /** names that are gone, and how many cgroups bore them; the youngest last, bounded */
  readonly removedNames: ReadonlyMap<string, number>
  /** directories, the root included */
  readonly directories: number
  /** what the kernel carries, dead ones included; null where it does not tell, or when only a part of the tree is mounted */
  readonly numCgroups: number | null
  /** removed and not yet freed */
  readonly dying: number | null
  /** false: the kernel was booted with cgroup_disable=memory */
  readonly enabled: boolean
  /** since the session began */
  readonly created: number
  readonly removed: number
  readonly series: {
    readonly directories: Series
    readonly numCgroups: Series
    readonly dying: Series
    /** what the kernel carries and is not removed */
    readonly live: Series
    readonly created: Series
    readonly removed: Series
  }
  readonly kills: readonly KillCounterRise[]
  /** the raw numbers the counts come from */
  readonly counts: {
    readonly procCgroups: number | null
    readonly descendants: number | null
    readonly dyingDescendants: number | null
    readonly dyingMemory: number | null
    readonly memory: number | null
  }
  /** files that say something else than they should, with what was expected */
  readonly problems: ReadonlyMap<string, string>
  /** session time of the first reading: what was there then is no news */
  readonly firstReadAt: number | null
  /** session time of the last reading */
  readonly time: number | null
}
