// Allocation failures reported in the kernel log: slab, pages of an order, per-CPU memory, vmalloc, processes.

import { formatDuration, formatTimes } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import { formatGfpMask } from '../collectors/kmsg/gfp-mask.ts'
import type { EventKind, MemoryEvent } from '../collectors/kmsg/memory-event.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { COUNT_CGROUPS } from './remedies/cgroup-remedies.ts'

const defaults = {
  /** failures of one kind within so many minutes from which an alert is raised */
  least: 3,
  minutes: 10,
}

interface FailureKind {
  /** one is enough: the kernel logs it only once */
  readonly isLoggedOnce?: boolean
  readonly title: string
  readonly what: string
  readonly advice: string
  readonly command?: string
}

const FAILURE_KINDS: Partial<Record<EventKind, FailureKind>> = {
  'slab-allocation-failure': {
    title: 'SLUB FAILURE',
    what: 'no page for a slab cache',
    advice: 'check the memory available, and whether the cache belongs to a cgroup: name(id:cgroup)',
    command: 'dmesg | grep -A3 "Unable to allocate memory"',
  },
  'page-allocation-failure': {
    title: 'PAGE FAILURE',
    what: 'no contiguous pages',
    advice: 'order 0 in atomic context: raise vm.min_free_kbytes; order 3 and above: fragmentation',
    command: 'cat /proc/buddyinfo; sysctl vm.min_free_kbytes',
  },
  'page-allocation-stall': {
    title: 'PAGE STALL',
    what: 'an allocation stalled for seconds',
    advice: 'the node reclaims all the time: move load to another node',
    command: 'cat /proc/meminfo',
  },
  'percpu-allocation-failure': {
    isLoggedOnce: true,
    title: 'PERCPU FAILURE',
    what: 'no per-CPU memory left',
    advice: 'count cgroups and network devices: tens of thousands of them use it up',
    command: `${COUNT_CGROUPS}; grep Percpu /proc/meminfo`,
  },
  'vmalloc-failure': {
    isLoggedOnce: true,
    title: 'VMALLOC FAILURE',
    what: 'no vmalloc space left',
    advice: 'find the largest holders',
    command: 'sort -k2 -n -r /proc/vmallocinfo | head',
  },
  'kmem-cache-create-failed': {
    isLoggedOnce: true,
    title: 'CACHE FAILURE',
    what: 'a slab cache could not be created',
    advice: 'count caches and cgroups',
    command: `ls /sys/kernel/slab | wc -l; ${COUNT_CGROUPS}`,
  },
  'fork-rejected': {
    isLoggedOnce: true,
    title: 'PIDS LIMIT',
    what: 'a cgroup is at its pids limit: fork is refused',
    advice: 'find what forks (ps in that cgroup), then raise pids.max',
    command: 'grep -rH . /sys/fs/cgroup --include=pids.current --include=pids.max | grep CGROUP',
  },
}

export const allocFailures: Detector<typeof defaults> = {
  title: 'the kernel refused an allocation',
  collectors: ['kmsg'],
  defaults,
  detect: (history, { least, minutes }) => {
    const from = history.time - minutes * MINUTE
    const recent = history.kmsg.events.filter(event => event.time >= from && isReportable(event))
    const subjects = Map.groupBy(recent, getSubject)
    return [...subjects].flatMap(([subject, events]) => {
      const kind = FAILURE_KINDS[events[0]!.kind]!
      return events.length >= (kind.isLoggedOnce ? 1 : least) ? [buildFinding(subject, events, kind)] : []
    })
  },
}

// Atomic single pages fail in bursts of packets and are retried: harmless, so no alert.
function isReportable(event: MemoryEvent): boolean {
  if (!(event.kind in FAILURE_KINDS)) return false
  return (
    event.kind !== 'page-allocation-failure' || event.order !== 0 || !formatGfpMask(event.mode ?? '').includes('ATOMIC')
  )
}

function getSubject(event: MemoryEvent): string {
  if (event.kind === 'slab-allocation-failure')
    return event.memcgId === null ? `slab ${event.cache ?? ''}` : 'slab of memcgs'
  if (event.kind === 'page-allocation-failure') return `order ${event.order ?? '?'}`
  return 'subject' in event ? `${event.kind} ${event.subject ?? ''}` : event.kind
}

function buildFinding(subject: string, events: readonly MemoryEvent[], kind: FailureKind): Finding {
  const last = events.at(-1)!
  const span = events.length === 1 ? '' : ` in ${formatDuration(last.time - events[0]!.time)}`
  return {
    subject,
    kind: 'event',
    severity: 'warning',
    title: kind.title,
    summary: `${kind.what}, ${formatTimes(events.length)}${span}: ${last.text.slice(0, 160)}`,
    since: events[0]!.time,
    at: last.time,
    count: events.length,
    confidence: 'high: reported by the kernel log',
    cost: 'the caller got an error; whether it copes depends on the program',
    ...(subject === 'slab of memcgs' ? { causedBy: ['kmem-leak'] } : {}),
    ...(kind.command === undefined ? {} : { confirm: { text: kind.advice, command: kind.command } }),
    evidenceSeries: ['meminfo MemAvailable', 'buddyinfo large'],
    evidence: listEvidence(['times', events.length, 'count'], ...listEventDetails(last)),
    remedy: [{ text: kind.advice, ...(kind.command === undefined ? {} : { command: kind.command }), risk: 'none' }],
  }
}

function listEventDetails(
  event: MemoryEvent,
): readonly (readonly [name: string, value: string | null, unit: 'text'])[] {
  if (event.kind === 'slab-allocation-failure')
    return [
      ['cache', event.cache, 'text'],
      ['memcg', event.memcg, 'text'],
      ['gfp', event.gfp, 'text'],
    ]
  if (event.kind === 'page-allocation-failure' || event.kind === 'page-allocation-stall')
    return [
      ['process', event.comm, 'text'],
      ['order', event.order === null ? null : String(event.order), 'text'],
      ['mode', event.mode, 'text'],
      ['caller', event.caller, 'text'],
    ]
  return 'subject' in event ? [['subject', event.subject, 'text']] : []
}
