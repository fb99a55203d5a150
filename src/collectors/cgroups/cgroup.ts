// Types of a memory cgroup and of the tree of memory cgroups, in the kernel's words.
import type { Series } from '../../base/series.ts'
import type { SnapshotMap } from '../../base/snapshot-map.ts'
import type { PsiStalls } from '../pressure.ts'
import type { CgroupMode, CgroupMounts } from './mounts.ts'

/** Memory cgroup IDs are 16 bits wide, 0 is none: MEM_CGROUP_ID_MAX in mm/memcontrol.c. */
export const MAX_MEMCG_IDS = 65_535

/** Counters of memory.events or memory.events.local; null if this kernel lacks one: `oom_group_kill` came with 5.17. */
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

/** Fields of a cgroup whose history is kept from their first change on. */
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
/** A field of a cgroup that is kept over time. */
export type CgroupSeriesField = (typeof CGROUP_SERIES_FIELDS)[number]

/** A memory cgroup that has a directory. Sizes in bytes; null: not read, or this kernel lacks it; no limit is Infinity. */
export interface Cgroup {
  /** path below the mount of the memory controller, as in the kernel log; `/` is the root */
  readonly path: string
  /** path of the parent; undefined for the root. All siblings share the string, so that a pass over a large tree creates none */
  readonly parent: string | undefined
  /** identity: a directory that is created again under the same name is another cgroup */
  readonly inode: number
  /** session time it was first seen */
  readonly seenAt: number
  readonly current: number | null
  readonly limit: number | null
  /** anon, file and shmem include all descendants: v1 `total_rss`, `total_cache`, `total_shmem`; file includes shmem */
  readonly anon: number | null
  readonly file: number | null
  readonly shmem: number | null
  /** slab of its own: v2 memory.stat; unknown on v1 */
  readonly slab: number | null
  readonly slabUnreclaimable: number | null
  /** socket buffers: v1 memory.kmem.tcp.usage_in_bytes, v2 memory.stat `sock` */
  readonly sock: number | null
  readonly percpu: number | null
  readonly kernelStack: number | null
  readonly pagetables: number | null
  /** pages of its own processes, without its children: v1 `cache` and `rss`; unknown on v2 */
  readonly own: number | null
  /** kernel memory: v1 memory.kmem.usage_in_bytes, v2 memory.stat `kernel` (since 5.18) */
  readonly kernel: number | null
  readonly swap: number | null
  /** times the limit was hit: v1 failcnt, v2 events max */
  readonly failcnt: number | null
  /** OOM kills: v1 of its own processes; v2 of its own and its descendants' */
  readonly oomKill: number | null
  /** v2: times that tasks in it and its descendants were throttled at memory.high */
  readonly throttled: number | null
  /** v2: events in it and its descendants (memory.events) */
  readonly events: CgroupEvents | null
  /** v2, since 5.2: events in it alone (memory.events.local) */
  readonly localEvents: CgroupEvents | null
  /** v2: how long its tasks wait for memory; read for hot cgroups only */
  readonly pressure: PsiStalls | null
  /** v2: descendants that have a directory, and those removed and not yet freed (since 6.12 memory cgroups only) */
  readonly descendants: number | null
  readonly dying: number | null
  /** v1: tasks are stopped in the OOM handler now */
  readonly underOom: boolean
  readonly oomKillDisable: boolean
  /** number of earlier cgroups of this name, with other inodes, seen in this session */
  readonly recreated: number
  /** history of `current` */
  readonly series: Series
  readonly seriesByField: Readonly<Partial<Record<CgroupSeriesField, Series>>>
}

/** A rise of a cgroup's OOM-kill counter: `count` kills after `after` and not later than `time`. */
export interface KillCounterRise {
  readonly path: string
  readonly after: number
  readonly time: number
  readonly count: number
}

/** All memory cgroups of the node, the kernel's own count of them, and how many were created and removed. */
export interface CgroupTree {
  readonly mounts: CgroupMounts
  readonly mode: CgroupMode
  readonly cgroups: SnapshotMap<string, Cgroup>
  /** names of removed cgroups, and how many cgroups had each; newest last, bounded */
  readonly removedNames: ReadonlyMap<string, number>
  /** number of directories, the root included */
  readonly directories: number
  /** cgroups in the kernel, dying ones included; null if the kernel does not report it or only a part of the tree is mounted */
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
    /** cgroups in the kernel that are not removed */
    readonly live: Series
    readonly created: Series
    readonly removed: Series
  }
  readonly kills: readonly KillCounterRise[]
  /** the raw numbers that the counts are computed from */
  readonly counts: {
    readonly procCgroups: number | null
    readonly descendants: number | null
    readonly dyingDescendants: number | null
    readonly dyingMemory: number | null
    readonly memory: number | null
  }
  /** files that could not be parsed, with what was expected */
  readonly problems: ReadonlyMap<string, string>
  /** session time of the first reading: what existed then is not news */
  readonly firstReadAt: number | null
  /** session time of the last reading */
  readonly time: number | null
}
