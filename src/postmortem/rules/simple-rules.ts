// Diagnoses of problems other than OOM kills: fragmentation, other limits, hardware, stuck tasks.
import { formatPlural } from '../../base/format.ts'
import type { EventKind, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy, Severity } from '../../detectors/detector.ts'
import { FAILURE_KINDS } from '../../detectors/failure-kinds.ts'
import { NETWORK_LIMITS } from '../../detectors/network-limits.ts'
import type { Facts } from '../facts.ts'
import type { Diagnosis } from './diagnosis.ts'

interface SimpleRule {
  readonly kinds: readonly EventKind[]
  readonly name: string
  readonly title: string
  readonly severity: Severity
  readonly summary: string
  readonly remedy: readonly Remedy[]
  /** only such a line proves it; without one it is likely */
  readonly proof?: RegExp
}

const advise = (text: string): Remedy => ({ text, risk: 'low' })
const inspect = (text: string, command: string): Remedy => ({ text, command, risk: 'none' })

/** The words of the live alert for such a line. */
function takeLiveTexts(kind: keyof typeof FAILURE_KINDS): Pick<SimpleRule, 'title' | 'severity' | 'remedy'> {
  const { what, advice, command, severity = 'warning' } = FAILURE_KINDS[kind]!
  return { title: what, severity, remedy: [command === undefined ? advise(advice) : inspect(advice, command)] }
}

function takeLimitTexts(kind: EventKind): Pick<SimpleRule, 'summary' | 'severity' | 'remedy'> {
  const { cost, advice, command } = NETWORK_LIMITS.find(limit => limit.kind === kind)!
  return {
    summary: `${cost[0]!.toUpperCase()}${cost.slice(1)}.`,
    severity: 'warning',
    remedy: [inspect('see use and limit', command), ...advice.map(advise)],
  }
}

// One row for each problem that a single line names.
const SIMPLE_RULES: readonly SimpleRule[] = [
  {
    kinds: ['fork-rejected'],
    name: 'pids-limit',
    ...takeLiveTexts('fork-rejected'),
    summary: 'A cgroup has as many processes as it may; its programs see "Resource temporarily unavailable".',
  },
  {
    kinds: ['page-allocation-stall'],
    name: 'reclaim-stalls',
    ...takeLiveTexts('page-allocation-stall'),
    summary: 'Direct reclaim made no progress: memory was almost exhausted, or storage was too slow to write it back.',
  },
  {
    kinds: ['conntrack-full'],
    name: 'conntrack-full',
    title: 'the connection table is full',
    ...takeLimitTexts('conntrack-full'),
  },
  { kinds: ['tcp-memory'], name: 'tcp-memory', title: 'TCP is out of its memory', ...takeLimitTexts('tcp-memory') },
  {
    kinds: ['tcp-orphans'],
    name: 'tcp-orphans',
    ...takeLiveTexts('tcp-orphans'),
    summary:
      'The kernel resets connections whose process is gone. Up to 3.2 it also says "Out of socket memory" when TCP is out of its memory (tcp_mem).',
    proof: /orphaned sockets/,
  },
  {
    kinds: ['neighbours-full'],
    name: 'neighbours-full',
    ...takeLiveTexts('neighbours-full'),
    summary: 'Packets to addresses that are not in the table are dropped: connects fail at random.',
  },
  {
    kinds: ['route-cache-full'],
    name: 'route-cache-full',
    ...takeLiveTexts('route-cache-full'),
    summary: 'Each entry is memory of the kernel that cannot be reclaimed while it is in use. New connections fail.',
  },
  {
    kinds: ['file-limit'],
    name: 'file-limit',
    ...takeLiveTexts('file-limit'),
    summary: 'Programs see "Too many open files in system". Open files are slab memory that cannot be reclaimed.',
  },
  {
    kinds: ['swap-error'],
    name: 'swap-errors',
    ...takeLiveTexts('swap-error'),
    summary:
      'A page that cannot be read back is lost: the process that has it is killed. What cannot be written stays in memory.',
  },
  {
    kinds: ['bad-page'],
    name: 'damaged-pages',
    ...takeLiveTexts('bad-page'),
    summary: 'A fault of the memory hardware, of a driver or of the kernel made it wrong.',
  },
  {
    kinds: ['commit-refused'],
    name: 'commit-limit',
    ...takeLiveTexts('commit-refused'),
    summary:
      'The commit limit is reached (vm.overcommit_memory 2, or one huge request): programs see "Cannot allocate memory", and nothing is killed.',
  },
  {
    kinds: ['percpu-allocation-failure'],
    name: 'percpu-exhausted',
    ...takeLiveTexts('percpu-allocation-failure'),
    severity: 'critical',
    summary: 'Often the end of tens of thousands of memory cgroups: each takes some on every CPU.',
  },
  {
    kinds: ['cma-failure'],
    name: 'cma-exhausted',
    ...takeLiveTexts('cma-failure'),
    summary:
      'The area that is set aside for devices is full, or what is in it could not be moved (ret: -16): cameras, GPUs and video codecs fail. It says nothing about the memory of programs.',
  },
  {
    kinds: ['balloon-short'],
    name: 'balloon-short',
    title: 'the hypervisor wants more memory back than this guest can give (balloon)',
    severity: 'info',
    summary:
      'The balloon driver takes pages of this guest and gives them to the host. They are missing here, and no process has them.',
    remedy: [
      inspect('compare with the memory that the host has set for this guest', 'grep MemTotal /proc/meminfo; free -m'),
      advise('on the host raise the minimum of this guest, or turn ballooning (dynamic memory) off for it'),
    ],
  },
  {
    kinds: ['fault-kill'],
    name: 'killed-at-fault',
    title: 'the kernel killed a process that touched memory and got none',
    severity: 'critical',
    summary: 'A page fault got no page. Kernels up to 2.6 then kill the process that faulted, whatever its size.',
    remedy: [advise('find what fills memory at that time; add swap or memory')],
  },
  {
    kinds: ['vmalloc-failure'],
    name: 'vmalloc-exhausted',
    ...takeLiveTexts('vmalloc-failure'),
    summary: 'The kernel found no room for a large mapping of its own.',
    proof: /^vmap allocation for size/,
  },
  {
    kinds: ['vmalloc-no-pages'],
    name: 'vmalloc-without-pages',
    ...takeLiveTexts('vmalloc-no-pages'),
    summary:
      'Single pages were not to be had, or the task was being killed. The address space for mappings is not used up.',
  },
  {
    kinds: ['vmalloc-bad-request'],
    name: 'vmalloc-bad-request',
    title: 'a program or driver asked for a mapping of an impossible size',
    severity: 'info',
    summary: 'It asked for no bytes, or for more than the machine has: a fault of the caller, not a lack of memory.',
    remedy: [advise('update the module or the program that the line names')],
  },
  {
    kinds: ['kmem-cache-create-failed', 'memcg-failure'],
    name: 'kernel-allocation-failed',
    title: 'the kernel could not make something of its own',
    severity: 'warning',
    summary: 'A slab cache or a cgroup could not be set up.',
    remedy: [
      ...takeLiveTexts('kmem-cache-create-failed').remedy,
      advise('see the lines; with tens of thousands of cgroups that is the cause'),
    ],
  },
  {
    kinds: ['hardware-memory-error'],
    name: 'hardware-memory-errors',
    ...takeLiveTexts('hardware-memory-error'),
    summary: 'DIMMs or the memory controller are failing: pages are taken out of use, processes may be killed for it.',
  },
  {
    kinds: ['kmemleak'],
    name: 'kmemleak-suspects',
    ...takeLiveTexts('kmemleak'),
    summary: 'Objects that nothing points to were found.',
  },
  {
    kinds: ['rcu-starved'],
    name: 'rcu-starved',
    ...takeLiveTexts('rcu-starved'),
    summary:
      'The kernel frees much of its memory only after RCU has run. If RCU gets no CPU time, that memory piles up.',
  },
  {
    kinds: ['fault-without-memory'],
    name: 'fault-loop',
    ...takeLiveTexts('fault-without-memory'),
    summary: 'A cgroup is at its limit and has nothing to kill.',
  },
]

/** Returns the diagnoses of the rows above that match the events. */
export function applySimpleRules({ events }: Facts): readonly Diagnosis[] {
  return SIMPLE_RULES.flatMap(({ kinds, proof, ...row }) => {
    const own = events.filter(({ kind }) => kinds.includes(kind))
    if (own.length === 0) return []
    const isProven = proof === undefined || own.some(({ text }) => proof.test(text))
    const certainty = isProven ? ('certain' as const) : ('likely' as const)
    return [{ ...row, certainty, evidence: describeLines(own), wantedEvidence: [] }]
  })
}

function describeLines(events: readonly MemoryEvent[]): readonly string[] {
  const texts = [...new Set(events.map(({ text }) => text.split('\n')[0]!))]
  return [`${formatPlural(events.length, 'line')} in the log`, ...texts.slice(0, 3)]
}
