// Failures that the kernel log reports: allocations of slab, pages, per-CPU memory and vmalloc, commit limit, hardware errors.

import { formatDuration, formatTimes } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import type { MemoryEvent } from '../collectors/kmsg/memory-event.ts'
import { formatGfpMask } from '../collectors/kmsg/oom/gfp-mask.ts'
import type { AlertText, Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { FAILURE_KINDS, type FailureKind } from './failure-kinds.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  least: [3, 'failures', 'failures of one kind that raise an alert …'],
  minutes: [10, 'minutes', '… within this time'],
} as const satisfies ThresholdTable

export const allocFailures: Detector<typeof THRESHOLDS> = {
  title: 'the kernel refused an allocation',
  topic: 'log',
  alerts: Object.values(FAILURE_KINDS).map(describeKind),
  collectors: ['kmsg'],
  thresholds: THRESHOLDS,
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

function describeKind({ title, what, advice, isLoggedOnce }: FailureKind): AlertText {
  const meaning = `Kernel log: ${what}${isLoggedOnce ? '' : '; three times within ten minutes'}.`
  return { titles: [title], meaning, lasts: 'ten minutes', response: advice }
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
    severity: kind.severity ?? 'warning',
    title: kind.title,
    summary: `${kind.what}, ${formatTimes(events.length)}${span}: ${last.text.slice(0, 160)}`,
    since: events[0]!.time,
    at: last.time,
    count: events.length,
    confidence: 'high: reported by the kernel log',
    cost: kind.cost ?? 'the caller got an error; whether it copes depends on the program',
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
