// Diagnoses of problems other than OOM kills: fragmentation, other limits, hardware, stuck tasks.
import { formatPlural } from '../../base/format.ts'
import type { EventKind, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy, Severity } from '../../detectors/detector.ts'
import { COUNT_CGROUPS } from '../../detectors/remedies/cgroup-remedies.ts'
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

// One row for each problem that a single line names.
const SIMPLE_RULES: readonly SimpleRule[] = [
  {
    kinds: ['fork-rejected'],
    name: 'pids-limit',
    title: 'forks rejected by the pids controller',
    severity: 'warning',
    summary: 'A cgroup has as many processes as it may; its programs see "Resource temporarily unavailable".',
    remedy: [
      inspect(
        'see use and limits: that of the cgroup that is named, or of one above it',
        'grep -rH . /sys/fs/cgroup --include=pids.current | sort -t: -k2 -n | tail',
      ),
      advise('raise podPidsLimit, or fix what forks'),
    ],
  },
  {
    kinds: ['page-allocation-stall'],
    name: 'reclaim-stalls',
    title: 'processes waited seconds for a page',
    severity: 'warning',
    summary: 'Direct reclaim made no progress: memory was almost exhausted, or storage was too slow to write it back.',
    remedy: [advise('find what fills memory at that time; keep more of the node in reserve')],
  },
  {
    kinds: ['conntrack-full'],
    name: 'conntrack-full',
    title: 'the connection table is full',
    severity: 'warning',
    summary: 'New connections are dropped because nf_conntrack_max is reached.',
    remedy: [
      inspect(
        'see use and limit',
        'cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max',
      ),
      advise('raise nf_conntrack_max, shorten timeouts'),
    ],
  },
  {
    kinds: ['tcp-memory'],
    name: 'tcp-memory',
    title: 'TCP is out of its memory',
    severity: 'warning',
    summary: 'Sockets hold more than tcp_mem allows.',
    remedy: [inspect('see what they hold', 'cat /proc/net/sockstat /proc/sys/net/ipv4/tcp_mem')],
  },
  {
    kinds: ['commit-refused'],
    name: 'commit-limit',
    title: 'the kernel refused to promise more memory',
    severity: 'warning',
    summary:
      'The commit limit is reached (vm.overcommit_memory 2, or one huge request): programs see "Cannot allocate memory", and nothing is killed.',
    remedy: [
      inspect('see limit and use', 'grep -i commit /proc/meminfo; sysctl vm.overcommit_memory vm.overcommit_ratio'),
    ],
  },
  {
    kinds: ['percpu-allocation-failure'],
    name: 'percpu-exhausted',
    title: 'no percpu memory',
    severity: 'critical',
    summary: 'Often the end of tens of thousands of memory cgroups: each takes some on every CPU.',
    remedy: [inspect('see how many cgroups there are', `${COUNT_CGROUPS}; grep Percpu /proc/meminfo`)],
  },
  {
    kinds: ['cma-failure'],
    name: 'cma-exhausted',
    title: 'no contiguous pages for a device (CMA)',
    severity: 'warning',
    summary:
      'The area that is set aside for devices has no room for a buffer: cameras, GPUs and video codecs fail. It says nothing about the memory of programs.',
    remedy: [
      inspect('see the size of the area, and what is free of it', 'grep -i cma /proc/meminfo; cat /proc/cmdline'),
      advise('make the area larger (cma= on the command line of the kernel), or use fewer buffers'),
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
    title: 'no vmalloc space',
    severity: 'warning',
    summary: 'The kernel found no room for a large mapping of its own.',
    proof: /^vmap allocation for size/,
    remedy: [
      inspect(
        'see who holds it',
        "awk '{s[$3]+=$2} END {for (c in s) print s[c], c}' /proc/vmallocinfo | sort -rn | head",
      ),
    ],
  },
  {
    kinds: ['vmalloc-no-pages'],
    name: 'vmalloc-without-pages',
    title: 'a mapping of the kernel did not get its pages',
    severity: 'warning',
    summary:
      'Single pages were not to be had, or the task was being killed. The address space for mappings is not used up.',
    remedy: [advise('find what fills memory at that time')],
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
    remedy: [advise('see the lines; with tens of thousands of cgroups that is the cause')],
  },
  {
    kinds: ['hardware-memory-error'],
    name: 'hardware-memory-errors',
    title: 'memory hardware reports errors',
    severity: 'critical',
    summary: 'DIMMs or the memory controller are failing: pages are taken out of use, processes may be killed for it.',
    remedy: [
      inspect('see which DIMM', 'ras-mc-ctl --errors; grep . /sys/devices/system/edac/mc/mc*/dimm*/dimm_*_count'),
      advise('drain the node and change the DIMM'),
    ],
  },
  {
    kinds: ['kmemleak'],
    name: 'kmemleak-suspects',
    title: 'kmemleak suspects leaks in the kernel',
    severity: 'warning',
    summary: 'Objects that nothing points to were found.',
    remedy: [inspect('see where they were allocated', 'cat /sys/kernel/debug/kmemleak')],
  },
  {
    kinds: ['fault-without-memory'],
    name: 'fault-loop',
    title: 'page faults go in circles without memory',
    severity: 'critical',
    summary: 'A cgroup is at its limit and has nothing to kill.',
    remedy: [advise('raise its limit, or end its processes')],
  },
  {
    kinds: ['hung-task', 'soft-lockup'],
    name: 'stood-still',
    title: 'tasks stood still after memory trouble',
    severity: 'warning',
    summary: 'They waited for reclaim or for something that a killed process held.',
    remedy: [advise('treat the memory trouble before them')],
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
