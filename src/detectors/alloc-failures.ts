// Allocations that the kernel refused, as its log tells them: slab, pages of an order, per-CPU, vmalloc, pids.

import { formatCount, formatDuration } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import { formatGfpMask } from '../collectors/kmsg/gfp-mask.ts'
import type { EventKind, MemoryEvent } from '../collectors/kmsg/memory-event.ts'
import type { Detector, Finding } from './detector.ts'
import { COUNT_CGROUPS } from './remedies/cgroup-remedies.ts'

const defaults = {
  /** failures of a kind within the minutes that are told */
  least: 3,
  minutes: 10,
}

interface FailureKind {
  /** fewer than `least` will do: it is logged once only */
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
    advice: 'see what memory is left, and whether the cache belongs to a cgroup: name(id:cgroup)',
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
    what: 'an allocation waited for seconds',
    advice: 'the node reclaims without end: move load away',
    command: 'cat /proc/meminfo',
  },
  'percpu-allocation-failure': {
    isLoggedOnce: true,
    title: 'PERCPU FAILURE',
    what: 'no per-CPU memory',
    advice: 'tens of thousands of cgroups or network devices use it up: count them',
    command: `${COUNT_CGROUPS}; grep Percpu /proc/meminfo`,
  },
  'vmalloc-failure': {
    isLoggedOnce: true,
    title: 'VMALLOC FAILURE',
    what: 'no vmalloc space',
    advice: 'see who holds it',
    command: 'sort -k2 -n -r /proc/vmallocinfo | head',
  },
  'kmem-cache-create-failed': {
    isLoggedOnce: true,
    title: 'CACHE FAILURE',
    what: 'a slab cache could not be made',
    advice: 'count caches and cgroups',
    command: `ls /sys/kernel/slab | wc -l; ${COUNT_CGROUPS}`,
  },
  'fork-rejected': {
    isLoggedOnce: true,
    title: 'PIDS LIMIT',
    what: 'a cgroup has as many processes as it may: fork is refused',
    advice: 'see who forks: ps in that cgroup; then raise pids.max',
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

// Atomic single pages fail in bursts of packets and are tried again: harmless, and not told.
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
  const times =
    events.length === 1
      ? 'once'
      : `${formatCount(events.length)} times in ${formatDuration(last.time - events[0]!.time)}`
  return {
    subject,
    kind: 'event',
    severity: 'warning',
    title: kind.title,
    summary: `${kind.what}, ${times}: ${last.text.slice(0, 160)}`,
    since: events[0]!.time,
    at: last.time,
    count: events.length,
    confidence: 'high: the kernel’s own words',
    cost: 'what asked got an error; how it takes that is its own affair',
    ...(subject === 'slab of memcgs' ? { causedBy: ['kmem-leak'] } : {}),
    ...(kind.command === undefined ? {} : { confirm: { text: kind.advice, command: kind.command } }),
    courses: ['meminfo MemAvailable', 'buddyinfo large'],
    evidence: { times: events.length, ...getEventDetails(last) },
    remedy: [{ text: kind.advice, ...(kind.command === undefined ? {} : { command: kind.command }), risk: 'none' }],
  }
}

function getEventDetails(event: MemoryEvent): Readonly<Record<string, string | null>> {
  if (event.kind === 'slab-allocation-failure') return { cache: event.cache, memcg: event.memcg, gfp: event.gfp }
  if (event.kind === 'page-allocation-failure' || event.kind === 'page-allocation-stall')
    return {
      process: event.comm,
      order: event.order === null ? null : String(event.order),
      mode: event.mode,
      caller: event.caller,
    }
  return 'subject' in event ? { subject: event.subject } : {}
}
