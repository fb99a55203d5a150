// Redacts lines of memory events: each is written again from its parsed fields. Also stack frames.
import type { SlabFailureDetails } from '../../collectors/kmsg/event-lines.ts'
import type { EventDetails, ProgramKill, SimpleEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** Returns the line of an event; empty for an event without a line of its own. */
export function redactEvent(event: EventDetails, pseudonyms: Pseudonyms): string {
  const { redactComm: comm, redactPath: path } = pseudonyms
  switch (event.kind) {
    case 'slab-allocation-failure':
      return `${event.allocator}: Unable to allocate memory on node ${event.node ?? -1}${event.gfp === null ? '' : `, gfp=${cleanGfpMask(event.gfp)}`}`
    case 'page-allocation-failure':
      return `${comm(event.comm)}: page allocation failure: order:${event.order}, mode:${cleanGfpMask(event.mode)}`
    case 'page-allocation-stall':
      return `${comm(event.comm)}: page allocation stalls for ${event.milliseconds}ms, order:${event.order}, mode:${cleanGfpMask(event.mode)}`
    case 'hung-task':
      return `INFO: task ${comm(event.comm)}:${event.pid} blocked for more than ${event.seconds} seconds.`
    case 'soft-lockup':
      return `watchdog: BUG: soft lockup - CPU#0 stuck for ${event.seconds}s! [${comm(event.comm)}:${event.pid}]`
    case 'rcu-stall':
      return 'rcu: INFO: rcu_sched self-detected stall on CPU'
    case 'sigkill':
      return event.pid === null ? 'Killed' : `${event.pid} Killed`
    case 'program-failure': {
      const who = event.program === null ? '' : `${comm(event.program)}: `
      const where = event.cgroup === null ? 'cgroup: ' : `/sys/fs/cgroup${path(event.cgroup)}: `
      const what = event.isMkdir ? 'mkdir ' : ''
      return `${who}${what}${event.cgroup === null && event.error === 'cannot allocate memory' ? '' : where}${event.error}`
    }
    case 'program-kill':
      return redactProgramKill(event, pseudonyms)
    case 'oom-without-kill':
    case 'memory-printed':
      return ''
    default:
      return redactPlainEvent(event, pseudonyms)
  }
}

function redactProgramKill(
  { program, action, victim, pid, subject }: ProgramKill,
  { redactComm: comm, redactPath: path }: Pseudonyms,
): string {
  const who = program === null ? '' : `${comm(program)}: `
  if (action === 'evicting') return `${who}Eviction manager: attempting to reclaim memory`
  if (action === 'evicted') return `${who}The node was low on resource: memory`
  if (action === 'pressure') return `${who}NodeHasInsufficientMemory`
  if (action === 'reported')
    return `${who}System OOM encountered${victim === null ? '' : `, victim process: ${comm(victim)}, pid: ${pid}`}`
  return victim === null && subject !== null
    ? `${who}Killed ${path(subject)} due to memory pressure`
    : `${who}sending SIGTERM to process ${pid} "${comm(victim ?? 'unknown')}"`
}

const cleanGfpMask = (text: string | null): string => (text ?? '').replace(/[^\w|()]/g, '')

// Lines that say nothing about the node.
const FIXED_LINES = {
  'no-killable-process': 'Out of memory and no killable processes...',
  'sysrq-oom': 'sysrq: Manual OOM execution',
  'fault-without-memory': 'Huh VM_FAULT_OOM leaked out to the #PF handler',
  'unreclaimable-slab': 'Unreclaimable slab info:',
  'conntrack-full': 'nf_conntrack: table full, dropping packet',
  'tcp-memory': 'TCP: out of memory -- consider tuning tcp_mem',
  'tcp-orphans': 'TCP: too many orphaned sockets',
  'neighbours-full': 'Neighbour table overflow.',
  'route-cache-full': 'dst cache overflow',
  'swap-error': 'Read-error on swap-device (0:0:0)',
} as const satisfies Partial<Record<SimpleEvent['kind'], string>>

const isFixed = (kind: SimpleEvent['kind']): kind is keyof typeof FIXED_LINES => kind in FIXED_LINES

function redactPlainEvent(
  { kind, subject, count }: SimpleEvent,
  { redactComm: comm, redactPath: path, redactCache: cache, redactId: id }: Pseudonyms,
): string {
  const what = subject ?? ''
  if (isFixed(kind)) return FIXED_LINES[kind]
  switch (kind) {
    case 'kmem-cache-create-failed':
      return `kmem_cache_create(${cache(what)}) failed with error -${count}`
    case 'memcg-failure':
      return `${what}: failed`
    case 'fork-rejected':
      return `cgroup: fork rejected by pids controller in ${path(what)}`
    case 'oom-panic':
      return `Kernel panic - not syncing: ${/deadlocked/.test(what) ? 'System is deadlocked on memory' : 'Out of memory: panic_on_oom is enabled'}`
    case 'oom-reaper-failed':
      return `oom_reaper: unable to reap pid:${count} (${comm(what)})`
    case 'reports-suppressed':
      return `${what}: ${count} callbacks suppressed`
    case 'percpu-allocation-failure':
      return `percpu: allocation failed, size=${count}`
    case 'vmalloc-failure':
      return count === null
        ? `${what === '' ? '' : `${comm(what)}: `}vmalloc: allocation failure`
        : `vmap allocation for size ${count} failed: use vmalloc=<size> to increase size`
    case 'vmalloc-no-pages':
      return `${what === '' ? '' : `${comm(what)}: `}vmalloc error: size ${count ?? 0}, failed to allocate pages`
    case 'vmalloc-bad-request':
      return `${what === '' ? '' : `${comm(what)}: `}vmalloc: allocation failure: 0 bytes`
    case 'oom-reaped':
      return `oom_reaper: reaped process ${count} (${comm(what)}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`
    case 'fault-kill':
      return `VM: killing process ${comm(what)}`
    case 'cma-failure':
      return `cma: cma_alloc: alloc failed, req-size: ${count} pages, ret: -12`
    case 'file-limit':
      return `VFS: file-max limit ${count} reached`
    case 'bad-page':
      return what === 'swap entry' ? 'Bad swap file entry 0' : `BUG: Bad ${what}`
    case 'commit-refused':
      return `__vm_enough_memory: pid: 1, comm: ${comm(what)}, ${count === null ? 'no' : `bytes: ${count} not`} enough memory for the allocation`
    case 'hardware-memory-error':
      if (count !== null) return `EDAC ${/^MC\d+$/.test(what) ? what : 'MC'}: ${count} CE memory error`
      return /^0x[0-9a-f]+$/.test(what) ? `Memory failure: 0x${id(what.slice(2))}: ` : 'EDAC memory error'
    case 'rcu-starved':
      return `rcu: Unless ${/^rcu_[a-z]+$/.exec(what)?.[0] ?? 'rcu_sched'} kthread gets sufficient CPU time, OOM is now expected behavior.`
    case 'balloon-short':
      return `${/^(?:hv|vmw|xen)/.exec(what)?.[0] ?? 'virtio'}_balloon: Can't get ${count ?? 1} pages`
    case 'subsystem-without-memory':
      return redactSubsystem(what)
    case 'kmemleak':
      return count === null ? 'kmemleak: unreferenced object' : `kmemleak: ${count} new suspected memory leaks`
  }
}

// Names of file systems and drivers say nothing about the node; that of a network device may.
function redactSubsystem(name: string): string {
  if (/^(?:BTRFS|EXT[234]-fs|JBD2?|F2FS-fs|GFS2|OCFS2|CIFS|NFS)$/.test(name)) return `${name}: Out of memory`
  if (/^(?:amdgpu|radeon|nouveau|i915|xe|nvidia)$/.test(name)) return `${name} 0000:00:00.0: failed to allocate memory`
  return SUBSYSTEM_TEXTS[name] ?? 'eth: Memory squeeze, dropping packet'
}

const SUBSYSTEM_TEXTS: Readonly<Record<string, string>> = {
  XFS: 'XFS: possible memory allocation deadlock',
  ZFS: 'Possible memory allocation deadlock: size=0',
  swiotlb: 'swiotlb buffer is full',
  'DMA pool': 'DMA: failed to allocate 256 KiB pool for atomic allocation',
  md: "md/raid: couldn't allocate buffers",
  zram: 'zram: Error allocating memory',
  'huge pages': 'HugeTLB: allocating 1 of page size 2.00 MiB failed.',
}

/** Returns the second line of a slab failure. */
export function redactCacheLine(
  { cache: name, memcgId, memcg, objectSize, order }: SlabFailureDetails,
  { redactComponent: component }: Pseudonyms,
): string {
  const whose = memcg === null ? '' : `(${memcgId}:${component(memcg)})`
  return `  cache: ${name}${whose}, object size: ${objectSize}${order === null ? '' : `, order: ${order}`}`
}

// [<ffffffff8118f2e0>] warn_alloc_failed+0x110/0x180          ? get_page+0x1/0x2
const FRAME = /^\s*(?:\[<[0-9a-f]+>\] )?(\? )?([\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+)(?: \[[\w-]+\])?\s*$/

/** Returns a stack frame without its address and module; undefined for any other line. */
export function redactFrame(text: string): string | undefined {
  const [, doubtful = '', symbol] = FRAME.exec(text) ?? []
  return symbol === undefined ? undefined : ` ${doubtful}${symbol}`
}
