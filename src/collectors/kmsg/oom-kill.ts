// What an OOM kill is: the kernel's words, with null for everything the log did not say.
import type { MemInfoBlock } from './mem-info-block.ts'

export type Constraint = 'CONSTRAINT_NONE' | 'CONSTRAINT_CPUSET' | 'CONSTRAINT_MEMORY_POLICY' | 'CONSTRAINT_MEMCG'

/** The process that died. Sizes in bytes. */
export interface Victim {
  readonly pid: number
  readonly comm: string
  readonly uid: number | null
  readonly totalVm: number | null
  readonly anonRss: number | null
  readonly fileRss: number | null
  readonly shmemRss: number | null
  readonly pgtables: number | null
  readonly oomScoreAdj: number | null
}

/** One row of the task table. */
export interface TaskRow {
  readonly pid: number
  readonly comm: string
  /**
   * Every other column by the kernel's own header name: uid, tgid, total_vm, rss, rss_anon, pgtables_bytes, swapents,
   * oom_score_adj … Sizes are pages, as the kernel prints them, but for `pgtables_bytes`.
   */
  readonly columns: Readonly<Record<string, number>>
}

/** The process that asked for memory; `comm` may be the name of a thread. `gfpMask` as printed: `0xcc0(GFP_KERNEL)`. */
export interface Invoker {
  readonly comm: string
  readonly pid: number | null
  readonly gfpMask: string
  readonly order: number
  readonly oomScoreAdj: number
}

/** A counter line of the report: bytes; `limit` Infinity when there is none. */
export interface MemcgCounter {
  readonly usage: number
  readonly limit: number
  readonly failcnt: number
}

/** A row of `Unreclaimable slab info`: bytes in objects that are in use, and in all objects. */
export interface UnreclaimableSlabRow {
  readonly name: string
  readonly used: number
  readonly total: number
}

/** One OOM kill as the kernel log tells it; unknown is null, never 0. */
export interface OomKill {
  /** session milliseconds of the first `Killed process` line */
  readonly time: number
  /** record number of the first `Killed process` line: with the pid, the identity of the kill */
  readonly sequence: number | null
  readonly constraint: Constraint | null
  /** NUMA nodes that a cpuset or a memory policy allows, `0-1`, when it was they that ran out */
  readonly nodes: string | null
  /** true: the node (or a cpuset, see `constraint`) was out of memory; false: a cgroup hit its limit; null: not said */
  readonly global: boolean | null
  /** false when a part of the report is missing or doubtful: rate limit, overrun, begun before the buffer, mixed up */
  readonly complete: boolean
  readonly invoker: Invoker | null
  /** the cgroup whose limit was hit; null for global kills and when unknown */
  readonly oomMemcg: string | null
  /** the cgroup whose process died */
  readonly taskMemcg: string | null
  /** the cgroup whose memory.oom.group made all its processes die: `taskMemcg` or above it */
  readonly oomGroup: string | null
  readonly victim: Victim
  /** further processes killed by memory.oom.group */
  readonly alsoKilled: readonly Victim[]
  readonly memory: MemcgCounter | null
  /** memory+swap on v1, swap on v2 */
  readonly swap: MemcgCounter | null
  readonly kmem: MemcgCounter | null
  /** in the kernel's order; of a long table the 200 largest by rss and the victim */
  readonly tasks: readonly TaskRow[]
  /** the memcg stats block by the kernel's names: bytes, but for what are counts by name (`pgfault`) */
  readonly stat: Readonly<Record<string, number>>
  readonly unreclaimableSlab: readonly UnreclaimableSlabRow[]
  /** what the node's memory was: in reports about the whole node */
  readonly memInfo: MemInfoBlock | null
  /** true: somebody asked for it (SysRq f; the order is then -1); null when unknown, as on 3.10 */
  readonly sysrq: boolean | null
  /** record numbers of the first and last line */
  readonly logLines: { readonly first: number; readonly last: number } | null
  /** true once an oom_reaper line confirmed it */
  readonly reaped: boolean
  /** `Killed process` lines of this kill: memory.oom.group names the first victim twice, and counters count lines */
  readonly killedLines: number
}

/** What was out of memory when it was no cgroup at its limit. */
export function describeNodes({ constraint, nodes }: Pick<OomKill, 'constraint' | 'nodes'>): string {
  const which = nodes === null ? 'the memory nodes' : `memory node ${nodes}`
  if (constraint === 'CONSTRAINT_CPUSET') return `${which} of a cpuset`
  return constraint === 'CONSTRAINT_MEMORY_POLICY' ? `${which} of a memory policy` : 'the whole node'
}

/** The rows of a task table while it is read, last one first: adding one copies nothing. */
export interface TaskRowList {
  readonly row: TaskRow
  readonly before: TaskRowList | null
  readonly count: number
}

/** What one `Killed process` line says. */
export interface KilledLine {
  readonly victim: Victim
  readonly time: number
  readonly sequence: number | null
  readonly global: boolean | null
}

/** A report that is being read, and for a while after its kill, because memory.oom.group lines may follow. */
export interface OomReport extends Omit<OomKill, 'victim' | 'time'> {
  /** who prints it: lines of another caller are not its own; null on kernels that do not say */
  readonly caller: string | null
  readonly time: number | null
  readonly victim: Victim | null
  /** what the next lines are expected to be */
  readonly section: 'head' | 'mem' | 'stat' | 'slab' | 'tasks' | 'done' | 'group'
  /** the `oom-kill:` line: only the `Killed process` line tells where the names in it end */
  readonly summary: string | null
  /** up to 5.2: the process that it decided to kill. The victim may be a child of it */
  readonly chosen: { readonly pid: number; readonly comm: string } | null
  /** the node that a zone's line began with, when its rest is still to come */
  readonly node: number | null
  readonly taskColumns: readonly string[]
  readonly rows: TaskRowList | null
  /** the last `Killed process` line */
  readonly lastKilledLine: KilledLine | null
  /** false when lines are missing, or another report's may be among them */
  readonly intact: boolean
  /** another report's lines may be among its own: only what names the victim itself is believed */
  readonly mixed: boolean
  /** session milliseconds of its first line */
  readonly startedAt: number
  /** number of the last record seen while open, own or not: a jump is a gap */
  readonly lastSequence: number | null
  /** session milliseconds, by the kernel's clock, of its last line */
  readonly lastLineAt: number
  /** session milliseconds of the first `closeStale` after its last line */
  readonly idleSince: number | null
  /** records that were not its own since its last line */
  readonly foreignRecords: number
}
