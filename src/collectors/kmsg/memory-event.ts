// Types of memory events: what the kernel log reports about memory besides OOM kills.
import type { MemInfoBlock } from './oom/mem-info-block.ts'
import type { Invoker, MemcgCounter, UnreclaimableSlabRow } from './oom/oom-kill.ts'
import type { RefusedResource } from './programs/refusal.ts'

interface MemoryEventBase {
  /** session milliseconds */
  readonly time: number
  /** record number of its (first) line */
  readonly sequence: number | null
  /** the line as it was printed */
  readonly text: string
}

/** A slab cache could not get a page: `SLUB: Unable to allocate memory …` and its `cache:` line. mm/slub.c slab_out_of_memory. */
export interface SlabAllocationFailure {
  readonly kind: 'slab-allocation-failure'
  readonly allocator: 'SLUB' | 'SLAB'
  readonly gfp: string | null
  readonly node: number | null
  readonly cache: string | null
  /** the memcg that the cache belongs to, `name(id:cgroup)`: kmem accounting was on. null: a shared cache, or unknown */
  readonly memcgId: number | null
  readonly memcg: string | null
  /** bytes */
  readonly objectSize: number | null
  readonly order: number | null
}

/** `X: page allocation failure: order:4, mode:0x…(…)`. `caller` is the first function of its stack outside the allocator. */
export interface PageAllocationFailure {
  readonly kind: 'page-allocation-failure' | 'page-allocation-stall'
  readonly comm: string
  readonly order: number | null
  readonly mode: string | null
  readonly caller: string | null
  /** of a stack whose frames the kernel is not sure of: the first of them outside the allocator */
  readonly likelyCaller?: string
  /** how long it stalled */
  readonly milliseconds: number | null
}

/** An OOM report without a kill: no killable process, a victim that was exiting already, or an end that is not in the log. */
export interface OomWithoutKill {
  readonly kind: 'oom-without-kill'
  readonly reason:
    | 'no killable process'
    | 'victim was exiting already'
    | 'the kernel panicked'
    | 'the end is not in the log'
  readonly global: boolean | null
  readonly oomMemcg: string | null
  readonly taskMemcg: string | null
  readonly invoker: Invoker | null
  readonly memory: MemcgCounter | null
  /** the process that the kernel had chosen */
  readonly chosen: { readonly pid: number; readonly comm: string | null } | null
  readonly memInfo: MemInfoBlock | null
  readonly unreclaimableSlab: readonly UnreclaimableSlabRow[]
}

/** A Mem-Info outside of an OOM report: of a failed page allocation, of SysRq m, or all that is left of a report. */
export interface PrintedMemory {
  readonly kind: 'memory-printed'
  readonly memInfo: MemInfoBlock
}

/**
 * A stuck process: `INFO: task X:1 blocked for more than 120 seconds`, `soft lockup - CPU#1 stuck for 22s! [X:1]`. Or a CPU that keeps
 * RCU waiting: `rcu: INFO: rcu_sched self-detected stall on CPU`, of which `comm` is empty.
 */
export interface StuckTask {
  readonly kind: 'hung-task' | 'soft-lockup' | 'rcu-stall'
  readonly comm: string
  readonly pid: number | null
  readonly seconds: number | null
  /** the function on its stack that reclaims memory, or waits for that */
  readonly reclaimsIn?: string
}

/** An event with a subject and at most one number: the cgroup of a rejected fork, the cache that could not be created … */
export interface SimpleEvent {
  readonly kind:
    | 'kmem-cache-create-failed'
    | 'memcg-failure'
    | 'fork-rejected'
    | 'no-killable-process'
    | 'oom-panic'
    | 'oom-reaper-failed'
    | 'sysrq-oom'
    | 'reports-suppressed'
    | 'percpu-allocation-failure'
    | 'vmalloc-failure'
    | 'vmalloc-no-pages'
    | 'vmalloc-bad-request'
    | 'oom-reaped'
    | 'fault-without-memory'
    | 'fault-kill'
    | 'cma-failure'
    | 'unreclaimable-slab'
    | 'conntrack-full'
    | 'tcp-memory'
    | 'tcp-orphans'
    | 'neighbours-full'
    | 'route-cache-full'
    | 'file-limit'
    | 'swap-error'
    | 'bad-page'
    | 'commit-refused'
    | 'hardware-memory-error'
    | 'kmemleak'
    | 'balloon-short'
    | 'subsystem-without-memory'
    | 'rcu-starved'
  /** cgroup, cache, function, process: what the line is about */
  readonly subject: string | null
  readonly count: number | null
}

/** A program (kubelet, runc …) reports that it was refused memory or a cgroup. Not a statement of the kernel. */
export interface ProgramFailure {
  readonly kind: 'program-failure'
  readonly program: string | null
  readonly error:
    | 'cannot allocate memory'
    | 'out of memory'
    | 'no space left on device'
    | 'device or resource busy'
    | 'resource temporarily unavailable'
  /** what it ran out of, if its words say so */
  readonly resource: RefusedResource | null
  /** path below the memory hierarchy that could not be created or written */
  readonly cgroup: string | null
  /** mkdir failed; false if a file of a cgroup could not be written */
  readonly isMkdir: boolean
}

/** A program that killed for lack of memory, or reports that the kernel did. Never the kernel's own word. */
export interface ProgramKill {
  readonly kind: 'program-kill'
  readonly program: string | null
  /** killed: it killed the process itself; evicting, evicted: the kubelet; reported: it saw a kill; pressure: memory was short */
  readonly action: 'killed' | 'evicting' | 'evicted' | 'reported' | 'pressure'
  /** name of the process */
  readonly victim: string | null
  readonly pid: number | null
  /** cgroup, unit or pod */
  readonly subject: string | null
}

/** A program saw a process end by SIGKILL. The OOM killer sends it, and so do others: it proves nothing about memory. */
export interface KilledBySignal {
  readonly kind: 'sigkill'
  /** the shell, compiler or service that says so, as far as its words name it */
  readonly program: string | null
  /** name of the process, or of what it did */
  readonly victim: string | null
  readonly pid: number | null
}

/** What an event says besides its time and text, by its kind. */
export type EventDetails =
  | SlabAllocationFailure
  | PageAllocationFailure
  | OomWithoutKill
  | PrintedMemory
  | StuckTask
  | SimpleEvent
  | ProgramFailure
  | ProgramKill
  | KilledBySignal
/** A record or group of records about memory that is not an OOM kill. */
export type MemoryEvent = MemoryEventBase & EventDetails
/** The kind of a memory event. */
export type EventKind = EventDetails['kind']
