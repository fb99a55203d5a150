// Cgroup: one memory cgroup, and the tree of them, in the kernel's words.
import type { Series } from '../../base/series.ts'
import type { CgroupMode, CgroupMounts } from './mounts.ts'

/** Memory cgroup IDs are 16 bits wide, 0 is none: MEM_CGROUP_ID_MAX in mm/memcontrol.c. */
export const MEMCG_IDS = 65_535

/** A memory cgroup that has a directory. Bytes; null: not read or not there in this kernel; no limit is Infinity. */
export interface Cgroup {
  /** path below the mount of the memory controller, as the kernel log names it; `/` is the root */
  readonly path: string
  /** identity: a directory made anew under the same name is another cgroup */
  readonly inode: number
  /** session time it was first seen */
  readonly seenAt: number
  readonly current: number | null
  readonly limit: number | null
  readonly anon: number | null
  readonly file: number | null
  readonly shmem: number | null
  /** slab of its own: v2 memory.stat, not told on v1 */
  readonly slab: number | null
  readonly slabUnreclaimable: number | null
  /** kernel memory: v1 memory.kmem.usage_in_bytes, v2 memory.stat `kernel` (5.18 on) */
  readonly kernel: number | null
  readonly swap: number | null
  /** times the limit was hit: v1 failcnt, v2 events max */
  readonly failcnt: number | null
  /** OOM kills: v1 of processes in it; v2 in it and below it */
  readonly oomKill: number | null
  /** v1: tasks are stopped in the OOM handler now */
  readonly underOom: boolean
  readonly oomKillDisable: boolean
  /** course of `current` */
  readonly series: Series
}

/** An OOM-kill counter of a cgroup that rose: `count` kills after `after` and not later than `time`. */
export interface CounterKill {
  readonly path: string
  readonly after: number
  readonly time: number
  readonly count: number
}

/** All memory cgroups of the node, the kernel's own count of them, and what came and went. */
export interface CgroupTree {
  readonly mounts: CgroupMounts
  readonly mode: CgroupMode
  readonly cgroups: ReadonlyMap<string, Cgroup>
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
    readonly created: Series
    readonly removed: Series
  }
  readonly kills: readonly CounterKill[]
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
  readonly begunAt: number | null
  /** session time of the last reading */
  readonly time: number | null
}
