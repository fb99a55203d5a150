// Saved texts of kernel files and programs beside a log: what each of them says. Pure.
import type { BuddyZone } from '../../../collectors/buddyinfo.ts'
import { parseSlabinfo, type SlabCache } from '../../../collectors/slabinfo.ts'

/** What one saved text says. Sizes in bytes. */
export type Snapshot =
  | {
      readonly kind: 'meminfo'
      readonly values: Readonly<Record<string, number>>
      /** NUMA nodes whose files were added; undefined: the file of the whole machine */
      readonly nodes?: readonly string[]
    }
  | {
      readonly kind: 'slabinfo'
      readonly caches: readonly Pick<SlabCache, 'name' | 'bytes' | 'numObjs' | 'objSize'>[]
      /** caches of one memcg, `name(id:cgroup)` */
      readonly memcgCaches: number
    }
  | {
      readonly kind: 'cgroups'
      readonly controllers: Readonly<Record<string, { readonly count: number; readonly enabled: boolean }>>
    }
  /** `ls /sys/kernel/slab`: how many entries are caches of one memcg, and of how many memcgs */
  | { readonly kind: 'slab listing'; readonly entries: number; readonly memcgCaches: number; readonly memcgs: number }
  /** `find /sys/fs/cgroup`: directories of the memory hierarchy */
  | { readonly kind: 'cgroup listing'; readonly directories: number }
  | { readonly kind: 'kernel release'; readonly release: string }
  | { readonly kind: 'command line'; readonly text: string }
  /** what `cat memory.kmem.slabinfo` said: an error where kmem accounting is not active */
  | { readonly kind: 'kmem.slabinfo error' }
  /** /proc/buddyinfo */
  | { readonly kind: 'buddyinfo'; readonly zones: readonly BuddyZone[] }
  /** /proc/zoneinfo: pages */
  | { readonly kind: 'zoneinfo'; readonly zones: readonly ZoneMarks[] }
  /** /sys/kernel/mm/hugepages: pages of each size */
  | { readonly kind: 'huge pages'; readonly pools: readonly SavedHugePages[] }
  /** swapon, /proc/swaps, sar -S; of sar the sample with the least free */
  | {
      readonly kind: 'swap'
      readonly total: number | null
      readonly free: number | null
      readonly samples?: number
    }
  /** the programs free, vmstat -s, sar -r, htop and dstat */
  | {
      readonly kind: 'free'
      /** of sar and dstat: how many samples; the one with the least memory is given */
      readonly samples?: number
      readonly total: number | null
      readonly available: number | null
      readonly free: number | null
      readonly swapTotal: number | null
      readonly swapFree: number | null
      /** of smem -w: memory of the kernel that is no cache */
      readonly kernel?: number
    }
  /** /proc/vmstat */
  | { readonly kind: 'vmstat'; readonly values: Readonly<Record<string, number>> }
  /** the programs vmstat and dstat: the most that was swapped in a second, in its own unit (KiB) */
  | { readonly kind: 'vmstat report'; readonly rows: number; readonly swapIn: number; readonly swapOut: number }
  | { readonly kind: 'systemd-cgtop'; readonly cgroups: readonly { readonly path: string; readonly bytes: number }[] }
  /** a line `oom_kill N` alone: of /proc/vmstat, or of the memory.events of a cgroup */
  | { readonly kind: 'oom_kill'; readonly count: number }
  /** files memory.* of cgroups, with their names */
  | { readonly kind: 'cgroup files'; readonly cgroups: readonly SavedCgroup[] }
  /** ps, top, kubectl top, docker stats: the largest first */
  | {
      readonly kind: 'memory by name'
      readonly what: 'processes' | 'containers' | 'kubectl top'
      readonly rows: readonly MemoryRow[]
    }
  /** kubectl describe of pods and nodes */
  | {
      readonly kind: 'kubectl describe'
      /** null: only a part was saved */
      readonly name: string | null
      readonly namespace: string | null
      readonly containers: readonly DescribedContainer[]
      readonly kernel: string | null
      readonly hasPressure: boolean
    }
  /** systemctl status of a unit: its memory and its limit as they are written, and the line that says it ran out of memory */
  | {
      readonly kind: 'unit status'
      readonly unit: string
      readonly line: string | null
      /** milliseconds since 1970 */
      readonly wall: number | null
      readonly memory: string | null
      readonly limit: string | null
    }
  /** seff or scontrol of a job of Slurm: memory as it is written, and the line that says it ran out of it */
  | {
      readonly kind: 'batch job'
      readonly id: string
      readonly line: string | null
      readonly used: string | null
      readonly asked: string | null
    }
  /** memory.events of a cgroup: how often each limit was hit since it was made */
  | { readonly kind: 'memory.events'; readonly values: Readonly<Record<string, number>> }
  /** /proc/pressure/memory or memory.pressure: percent of the last 10 and 60 seconds */
  | { readonly kind: 'memory pressure'; readonly some: Pressure | null; readonly full: Pressure | null }

/** Bytes and counters of a memory cgroup; null: not in the text. */
export interface SavedCgroup {
  /** null: the names of the files have no folder */
  readonly path: string | null
  readonly usage: number | null
  /** Infinity: none is set */
  readonly limit: number | null
  readonly swap: number | null
  readonly kernel: number | null
  readonly anonymous: number | null
  readonly file: number | null
  readonly limitHits: number | null
  readonly oomKills: number | null
  /** cgroup v1: its OOM killer is off and it is out of memory, so that its tasks wait */
  readonly isFrozen: boolean
  /** percent of the last 60 seconds in which all tasks were stalled, or some if the file has no more */
  readonly pressure: number | null
}

/** Memory of a process, a container, a pod or a node. */
export interface MemoryRow {
  readonly name: string
  readonly pid: number | null
  readonly bytes: number
  readonly limit: number | null
}

/** A container of a pod, as the kubelet reports it. */
export interface DescribedContainer {
  /** namespace/name */
  readonly pod: string
  readonly name: string
  /** a state of it has the reason OOMKilled */
  readonly isKilled: boolean
  /** the line that says so */
  readonly line: string | null
  /** milliseconds since 1970 */
  readonly finished: number | null
  readonly restarts: number | null
  /** as it is written in the pod: 768Mi */
  readonly limit: string | null
}

/** Share of time in which tasks were stalled on memory, in percent. */
export interface Pressure {
  readonly avg10: number
  readonly avg60: number
}

/** Free pages of a zone and its marks; null: not in the text. */
export interface ZoneMarks {
  readonly node: number
  readonly name: string
  readonly free: number | null
  readonly min: number | null
  readonly low: number | null
  readonly managed: number | null
  /** pages of RAM in it; a zone without any has marks all the same */
  readonly present: number | null
}

/** Huge pages of one size. */
export interface SavedHugePages {
  /** bytes */
  readonly pageSize: number
  readonly total: number | null
  readonly free: number | null
}

/** Which kernel file or program a piece of text is the output of. */
export type SnapshotKind = Snapshot['kind']

const MEMCG_CACHE = /^(?:.* )?([^\s(]+)\((\d+):(.{0,255}?)\)/

const VERSION_LINE = 'slabinfo - version: 2.1\n'

/** /proc/slabinfo, with its first line or without. */
export function parseSlabinfoSnapshot(text: string): Snapshot {
  const rows = parseSlabinfo(text.startsWith('slabinfo') ? text : `${VERSION_LINE}${text}`, 4096)
  const memcgCaches = rows.filter(({ name }) => MEMCG_CACHE.test(name)).length
  const caches = rows
    .map(({ name, bytes, numObjs, objSize }) => ({ name, bytes, numObjs, objSize }))
    .sort((a, b) => b.bytes - a.bytes)
  return { kind: 'slabinfo', caches: caches.slice(0, 500), memcgCaches }
}

// dentry(1234:0a1b…)        also `ls -l`: … dentry(1234:0a1b…) -> ../:aA-0000192
/** `ls /sys/kernel/slab`, long or short. */
export function parseSlabListing(text: string): Snapshot {
  const names = text.split('\n').filter(line => line !== '' && !line.startsWith('total '))
  const memcgs = new Set<string>()
  let memcgCaches = 0
  for (const name of names) {
    const own = MEMCG_CACHE.exec(name)
    if (!own) continue
    memcgCaches++
    memcgs.add(own[2]!)
  }
  return { kind: 'slab listing', entries: names.length, memcgCaches, memcgs: memcgs.size }
}
