// Types of OOM kills and reports: the kernel's words, with null for everything that the log does not say.
import type { MemInfoBlock } from './mem-info-block.ts'

/** Why the killer was confined, in the words of the kernel (mm/oom_kill.c, oom_constraint_text). */
export type Constraint = 'CONSTRAINT_NONE' | 'CONSTRAINT_CPUSET' | 'CONSTRAINT_MEMORY_POLICY' | 'CONSTRAINT_MEMCG'

/** The process that was killed. Sizes in bytes. */
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
   * Every other column by the name in the kernel's header: uid, tgid, total_vm, rss, rss_anon, pgtables_bytes, swapents,
   * oom_score_adj … Sizes are in pages, as the kernel prints them, except for `pgtables_bytes`.
   */
  readonly columns: Readonly<Record<string, number>>
}

/** The process whose allocation failed; `comm` may be the name of a thread. `gfpMask` as printed: `0xcc0(GFP_KERNEL)`. */
export interface Invoker {
  readonly comm: string
  readonly pid: number | null
  readonly gfpMask: string
  readonly order: number
  /** null before 2.6.36, which printed another scale */
  readonly oomScoreAdj: number | null
}

/** A counter line of the report, in bytes; `limit` is Infinity if there is none. */
export interface MemcgCounter {
  readonly usage: number
  readonly limit: number
  readonly failcnt: number
}

/** A row of `Unreclaimable slab info`: bytes of the objects in use, and of all objects. */
export interface UnreclaimableSlabRow {
  readonly name: string
  readonly used: number
  readonly total: number
}

/** One OOM kill as the kernel log reports it; unknown is null, never 0. */
export interface OomKill {
  /** session milliseconds of the first `Killed process` line */
  readonly time: number
  /** record number of the first `Killed process` line; together with the pid it identifies the kill */
  readonly sequence: number | null
  readonly constraint: Constraint | null
  /** the NUMA nodes that ran out, `0-1`, if a cpuset or a memory policy restricts the allocation to them */
  readonly nodes: string | null
  /** true: the node (or a cpuset, see `constraint`) was out of memory; false: a cgroup hit its limit; null: unknown */
  readonly global: boolean | null
  /** false if a part of the report is missing or doubtful: rate limit, overrun, a start before the buffer, mixed reports */
  readonly complete: boolean
  readonly invoker: Invoker | null
  /** the cgroup whose limit was hit; null if the kill was global or the cgroup is unknown */
  readonly oomMemcg: string | null
  /** the cgroup of the victim */
  readonly taskMemcg: string | null
  /** the cgroup whose memory.oom.group made the kernel kill all its processes: `taskMemcg` or an ancestor */
  readonly oomGroup: string | null
  readonly victim: Victim
  /** further processes killed by memory.oom.group */
  readonly alsoKilled: readonly Victim[]
  readonly memory: MemcgCounter | null
  /** memory+swap on v1, swap on v2 */
  readonly swap: MemcgCounter | null
  readonly kmem: MemcgCounter | null
  /** in the kernel's order; a long table is cut to the 200 largest by rss and the victim */
  readonly tasks: readonly TaskRow[]
  /** the memcg stats block by the kernel's names, in bytes, except for counters (`pgfault`) */
  readonly stat: Readonly<Record<string, number>>
  readonly unreclaimableSlab: readonly UnreclaimableSlabRow[]
  /** what the node's memory was used for; only in reports about the whole node */
  readonly memInfo: MemInfoBlock | null
  /** true: a user triggered it (SysRq f; the order is then -1); null if unknown, as on 3.10 */
  readonly sysrq: boolean | null
  /** record numbers of the first and last line */
  readonly logLines: { readonly first: number; readonly last: number } | null
  /** true once an oom_reaper line confirms it */
  readonly reaped: boolean
  /** number of `Killed process` lines of this kill: memory.oom.group names the first victim twice, and counters count lines */
  readonly killedLines: number
  /** the fields that may belong to another report: the text lacks the lines that would prove them */
  readonly likely: readonly LikelyField[]
}

/** A field of a kill that the lines of a saved text may not prove. */
export type LikelyField =
  | 'invoker'
  | 'sysrq'
  | 'memory'
  | 'swap'
  | 'kmem'
  | 'stat'
  | 'unreclaimableSlab'
  | 'memInfo'
  | 'oomMemcg'
  | 'taskMemcg'

/** True if a name in a saved text is that of the process: one that a screen cut ends with an ellipsis. */
export const isNameOf = (known: string, comm: string): boolean =>
  known === comm || (known.endsWith('…') && comm.startsWith(known.slice(0, -1)))

/** Names what was out of memory if no cgroup was at its limit. */
export function describeNodes({ constraint, nodes }: Pick<OomKill, 'constraint' | 'nodes'>): string {
  const which = nodes === null ? 'the memory nodes' : `memory node ${nodes}`
  if (constraint === 'CONSTRAINT_CPUSET') return `${which} of a cpuset`
  return constraint === 'CONSTRAINT_MEMORY_POLICY' ? `${which} of a memory policy` : 'the whole node'
}

/** The rows of an unfinished task table as a linked list, last row first: adding a row copies nothing. */
export interface TaskRowList {
  readonly row: TaskRow
  readonly before: TaskRowList | null
  readonly count: number
}

/** The contents of one `Killed process` line. */
export interface KilledLine {
  readonly victim: Victim
  readonly time: number
  readonly sequence: number | null
  readonly global: boolean | null
}

/** An unfinished report. It stays open for a while after its kill, because memory.oom.group lines may follow. */
export interface OomReport extends Omit<OomKill, 'victim' | 'time'> {
  /** the caller that prints it: lines of other callers belong to other reports; null on kernels without callers */
  readonly caller: string | null
  readonly time: number | null
  readonly victim: Victim | null
  /** which lines are expected next */
  readonly section: 'head' | 'mem' | 'stat' | 'slab' | 'tasks' | 'done' | 'group'
  /** the `oom-kill:` line; it is parsed with the `Killed process` line, which shows where the names in it end */
  readonly summary: string | null
  /** up to 5.2: the process that the kernel chose. The victim may be a child of it */
  readonly chosen: { readonly pid: number; readonly comm: string } | null
  /** the NUMA node at the start of a zone's line whose rest has not come yet */
  readonly node: number | null
  readonly taskColumns: readonly string[]
  readonly rows: TaskRowList | null
  /** the last `Killed process` line */
  readonly lastKilledLine: KilledLine | null
  /** false if lines are missing or may belong to another report */
  readonly intact: boolean
  /** lines of another report may be among its own: only lines that name the victim are used */
  readonly mixed: boolean
  /** session milliseconds of its first line */
  readonly startedAt: number
  /** number of the last record seen while open, own or foreign: a jump is a gap */
  readonly lastSequence: number | null
  /** session milliseconds of its last line, by the kernel's clock */
  readonly lastLineAt: number
  /** session milliseconds of the first `closeStaleReports` after its last line */
  readonly idleSince: number | null
  /** foreign records since its last line */
  readonly foreignRecords: number
}
