// Lines that report a memory event, 3.10 to 7.x: mm/slub.c, mm/page_alloc.c, mm/slab_common.c, kernel/cgroup/pids.c and others.

import { matchPatterns, type PatternTable } from '../../base/match-patterns.ts'
import { toNumber } from '../../base/text.ts'
import { LIMIT_LINES } from './limit-lines.ts'
import type { EventDetails, SimpleEvent } from './memory-event.ts'
import { canBeEventLine, KILLED_LINE } from './memory-lines.ts'
import { SUBSYSTEM_LINES } from './subsystem-lines.ts'

type EventMatch = RegExpExecArray
type EventParser = (match: EventMatch) => EventDetails

const createSimpleParser =
  (kind: SimpleEvent['kind'], subject = 1, count = 2): EventParser =>
  match => ({ kind, subject: match[subject] ?? null, count: toNumber(match[count]) })

// Process, cache and cgroup names may contain anything, so greedy groups extend to the next word of the kernel.
const EVENT_PATTERNS: PatternTable<EventDetails> = [
  // SLUB: Unable to allocate memory on node -1 (gfp=0x8020)      4.6: …, gfp=0xa20(GFP_ATOMIC)      6.12: on CPU 1 (of node 0) on node -1
  [
    /^(SLUB|SLAB): Unable to allocate memory(?: on CPU \d+ \(of node \d+\))? on node (-?\d+)(?:,? ?\(?gfp=(0x[0-9a-f]+(?:\([^)]*\))?))?/,
    m => ({
      kind: 'slab-allocation-failure',
      allocator: m[1] as 'SLUB' | 'SLAB',
      node: Number(m[2]),
      gfp: m[3] ?? null,
      cache: null,
      memcgId: null,
      memcg: null,
      objectSize: null,
      order: null,
    }),
  ],
  // kworker/u8:3: page allocation failure: order:4, mode:0x104020      …, mode:0xcc1(GFP_KERNEL|GFP_DMA), nodemask=(null),…
  [
    /^(.*): page allocation failure[:.] ?order:(\d+), ?mode:(0x[0-9a-f]+(?:\([^)]*\))?)/s,
    m => ({
      kind: 'page-allocation-failure',
      comm: m[1]!,
      order: Number(m[2]),
      mode: m[3]!,
      caller: null,
      milliseconds: null,
    }),
    ': page allocation failure',
  ],
  // __alloc_pages: 0-order allocation failed (gfp=0x20/0)          2.4: without the name of the process
  [
    /^__alloc_pages: (\d+)-order allocation failed(?:\.| \(gfp=(0x[0-9a-f]+)\/)/,
    m => ({
      kind: 'page-allocation-failure',
      comm: '',
      order: Number(m[1]),
      mode: m[2] ?? null,
      caller: null,
      milliseconds: null,
    }),
  ],
  // a.out: page allocation stalls for 10047ms, order:0, mode:0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)
  [
    /^(.*): page allocation stalls for (\d+)ms, order:(\d+), mode:(0x[0-9a-f]+(?:\([^)]*\))?)/s,
    m => ({
      kind: 'page-allocation-stall',
      comm: m[1]!,
      milliseconds: Number(m[2]),
      order: Number(m[3]),
      mode: m[4]!,
      caller: null,
    }),
    ': page allocation stalls',
  ],
  // kmem_cache_create(nf_conntrack) failed with error -12          later also kmem_cache_create_usercopy(…), __kmem_cache_create_args(…)
  [/^_*kmem_cache_create\w*\((.*)\) failed with error -(\d+)/s, createSimpleParser('kmem-cache-create-failed')],
  // cgroup: fork rejected by pids controller in /kmt-res-pids
  [/^cgroup: fork rejected by pids controller in (.*)$/s, createSimpleParser('fork-rejected')],
  // memcg: … or cgroup: … that fail for another reason than a limit
  [
    /^((?:memcg|mem_cgroup|cgroup)\w*): .*\b(?:fail(?:ed|ure)?|cannot|unable|exhausted|out of)\b/i,
    createSimpleParser('memcg-failure', 1, 99),
  ],
  [/^Out of memory and no killable processes\.\.\./, createSimpleParser('no-killable-process', 99, 99)],
  // Kernel panic - not syncing: System is deadlocked on memory      … Out of memory: system-wide panic_on_oom is enabled
  [
    /^Kernel panic - not syncing: ?((?:Out of memory|out of memory|System is deadlocked on memory).*)$/s,
    createSimpleParser('oom-panic', 1, 99),
  ],
  // oom_reaper: unable to reap pid:4120 (java)
  [/^oom_reaper: unable to reap pid:(\d+) \((.*)\)/s, createSimpleParser('oom-reaper-failed', 2, 1)],
  // SysRq : Manual OOM execution        sysrq: Manual OOM execution       sysrq: SysRq : Manual OOM execution
  [/^(?:sysrq: )?(?:SysRq : )?Manual OOM execution/i, createSimpleParser('sysrq-oom', 99, 99)],
  // oom_kill_process: 5 callbacks suppressed        warn_alloc: 12 callbacks suppressed
  [
    /^(oom_kill_process|dump_header|warn_alloc(?:_failed)?|slab_out_of_memory|alloc_pages\w*|__alloc_pages\w*|__slab_alloc\w*|___slab_alloc): (\d+) callbacks suppressed/,
    createSimpleParser('reports-suppressed'),
  ],
  // PERCPU: allocation failed, size=… (3.10)      percpu: allocation failed, size=32 align=8 atomic=0, alloc from reserved chunk failed
  [
    /^percpu: (?:limit reached, |)allocation failed, size=(\d+)/i,
    createSimpleParser('percpu-allocation-failure', 99, 1),
  ],
  // nf_tables: Could not allocate 32880 bytes percpu data             the area of modules is full
  [
    /^(.{1,64}): Could not allocate (\d+) bytes percpu data/s,
    createSimpleParser('percpu-allocation-failure', 99, 2),
    'bytes percpu data',
  ],
  // vmap allocation for size 20480 failed: use vmalloc=<size> to increase size
  [/^vmap allocation for size (\d+) failed/, createSimpleParser('vmalloc-failure', 99, 1)],
  // edr: vmalloc error: size 163840, page order 0, failed to allocate pages, mode:…        x: vmalloc: allocation failure, allocated 12288 of 163840 bytes
  [
    /^(?:(.{0,64}): )?vmalloc(?: error)?: (?:size (\d+), .*failed to (?:allocated?|map) |allocation failure,? allocated \d+ of (\d+) )/s,
    m => ({ kind: 'vmalloc-no-pages', subject: m[1] ?? null, count: toNumber(m[2] ?? m[3]) }),
    'vmalloc',
  ],
  // insmod: vmalloc: allocation failure: 0 bytes        vmalloc error: size 9223372036854775807, exceeds total pages
  [
    /^(?:(.*): )?vmalloc(?: error)?: (?:allocation failure: 0 bytes|size (\d+), exceeds total pages)/s,
    createSimpleParser('vmalloc-bad-request'),
    'vmalloc',
  ],
  // vmalloc error: size 16384, vm_struct allocation failed
  [/^(?:(.{0,64}): )?vmalloc(?: error)?: .*(?:fail|exceeds)/s, createSimpleParser('vmalloc-failure', 1, 99), 'vmalloc'],
  // cma: cma_alloc: alloc failed, req-size: 2048 pages, ret: -12      5.x: cma: cma_alloc: linux,cma: alloc …      6.x: cma: __cma_alloc: …
  [
    /^(?:cma: )?_*cma_\w+\(?\)?: (?:([^:]{1,64}): )?alloc failed, req-size: (\d+) pages/,
    createSimpleParser('cma-failure'),
  ],
  // VM: killing process httpd          2.4 to 2.6: a page fault got no memory, and the process was killed for it
  [/^VM: killing process (.{1,16})$/s, createSimpleParser('fault-kill', 1, 99)],
  [/^Huh VM_FAULT_OOM leaked out to the #PF handler/, createSimpleParser('fault-without-memory', 99, 99)],
  // Unreclaimable slab info:         excessive unreclaimable slab but cannot dump stats
  [/^(?:Unreclaimable slab info:$|excessive unreclaimable slab)/, createSimpleParser('unreclaimable-slab', 99, 99)],
  ...LIMIT_LINES,
  // EDAC MC0: 1 CE memory read error on CPU_SrcID#0_…      Memory failure: 0x1234: recovery action for dirty LRU page: Recovered
  [/^EDAC (\S+): (\d+) (?:CE|UE) /, createSimpleParser('hardware-memory-error')],
  [
    /^(?:EDAC|\{?\d*\}?\[Hardware Error\])(?:(?!\b(?:memory|DIMM)\b).)*\b(?:memory|DIMM)\b.*\b(?:error|failure)\b/i,
    createSimpleParser('hardware-memory-error', 99, 99),
  ],
  [/^(?:mce: )?\[Hardware Error\]: .*\b(?:memory|DIMM)\b/i, createSimpleParser('hardware-memory-error', 99, 99)],
  [/^(?:Memory failure: (0x[0-9a-f]+)|MCE (0x[0-9a-f]+)): /, createSimpleParser('hardware-memory-error', 1, 99)],
  // mce: Uncorrected hardware memory error in user-access at 3a4b5c       MCE: Killing java:12 due to hardware memory corruption …
  [/^(?:mce|MCE): .*\bhardware memory (?:error|corruption)\b/, createSimpleParser('hardware-memory-error', 99, 99)],
  // __vm_enough_memory: pid: 123, comm: java, bytes: 4096 not enough memory for the allocation      up to 6.x: no enough memory …
  [
    /^__vm_enough_memory: pid: ?\d+, comm: (.*), (?:bytes: (\d+) not|not?) enough memory/s,
    createSimpleParser('commit-refused'),
  ],
  ...SUBSYSTEM_LINES,
  // kmemleak: 12 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
  [/^kmemleak: (\d+) new suspected memory leaks/, createSimpleParser('kmemleak', 99, 1)],
  // in the kernel log with its name; /sys/kernel/debug/kmemleak has: unreferenced object 0xffff888003a5d000 (size 1024):
  [/^(?:kmemleak: )?unreferenced object\b/, createSimpleParser('kmemleak', 99, 99)],
  // virtio_balloon virtio3: Out of puff! Can't get 1 pages        hv_balloon: Balloon request will be partially fulfilled. …
  [
    /^(virtio_balloon|hv_balloon|vmw_balloon)(?: \w{1,32})?: (?:Out of puff! Can't get (\d{1,10}) pages|Balloon request will be partially fulfilled|allocation fail)/,
    createSimpleParser('balloon-short'),
  ],
  // INFO: task dockerd:1234 blocked for more than 120 seconds.
  [
    /^INFO: task (.*):(\d+) (?:is )?blocked (?:in I\/O wait )?for more than (\d+) seconds/s,
    m => ({ kind: 'hung-task', comm: m[1]!, pid: Number(m[2]), seconds: Number(m[3]) }),
  ],
  // watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kswapd0:78]           3.10: BUG: …       4.x: NMI watchdog: BUG: …
  [
    /^(?:(?:NMI )?watchdog: )?BUG: soft lockup - CPU#\d+ stuck for (\d+)s! \[(.*):(\d+)\]/s,
    m => ({ kind: 'soft-lockup', comm: m[2]!, pid: Number(m[3]), seconds: Number(m[1]) }),
  ],
  // rcu: INFO: rcu_sched self-detected stall on CPU        INFO: rcu_sched detected stalls on CPUs/tasks: { 3} (detected by 0, t=60002 jiffies)
  [
    /^(?:rcu: )?INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls? on CPU/,
    () => ({ kind: 'rcu-stall', comm: '', pid: null, seconds: null }),
  ],
  // rcu: \tUnless rcu_sched kthread gets sufficient CPU time, OOM is now expected behavior.
  [/^(?:rcu: )?\s*Unless (rcu_\w+) kthread gets sufficient CPU time, OOM is now/, createSimpleParser('rcu-starved')],
]

/** Parses a kernel line that reports a memory event on its own; undefined for any other line. */
export function parseEvent(text: string): EventDetails | undefined {
  // a kill has its own parser: a log may have a million of them
  return canBeEventLine(text) && !KILLED_LINE.test(text) ? matchPatterns(EVENT_PATTERNS, text) : undefined
}

/** Details from the second line of a slab allocation failure. */
export interface SlabFailureDetails {
  readonly cache: string
  readonly memcgId: number | null
  readonly memcg: string | null
  readonly objectSize: number | null
  readonly order: number | null
}

//   cache: ip6_dst_cache(0:18479a49…), object size: 448, buffer size: 448, default order: 2, min order: 0
const CACHE_LINE =
  /^\s*cache: (.*), object size: (\d+)(?:, buffer size: \d+, default order: (\d+))?(?:, order: (\d+))?/s

/** Parses the `cache:` line of a failed slab allocation (slab_out_of_memory() in mm/slub.c and mm/slab.c); undefined for another line. */
export function parseSlabFailureDetails(text: string): SlabFailureDetails | undefined {
  const match = CACHE_LINE.exec(text)
  if (!match) return undefined
  const [, name = '', size, order, slabOrder] = match
  const memcgMatch = /^((?:[^(]|\((?!\d+:))*)\((\d+):(.*)\)$/s.exec(name)
  return {
    cache: memcgMatch?.[1] ?? name,
    memcgId: toNumber(memcgMatch?.[2]),
    memcg: memcgMatch?.[3] ?? null,
    objectSize: toNumber(size),
    order: toNumber(order ?? slabOrder),
  }
}
