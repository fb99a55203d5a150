// The events of a whole recording on the timeline: alerts, marks, gaps.
import type { Alert } from '../detectors/alerts.ts'
import type { Severity } from '../detectors/detector.ts'
import { getAlertIdentity } from '../recording/summary-builder.ts'

/** An event at a session time. `until`: when an alert was resolved. */
export interface TimelineEvent {
  readonly time: number
  readonly kind: Severity | 'mark' | 'gap'
  readonly text: string
  readonly until?: number
}

/** Returns the events in order of time. An alert that became worse is where it was raised, with its highest severity. */
export function buildTimelineEvents(
  alertRecords: readonly Alert[],
  marks: readonly (readonly [time: number, text: string])[],
  gaps: readonly number[],
  repeated: readonly TimelineEvent[] = [],
): readonly TimelineEvent[] {
  const alertsByIdentity = new Map<string, Alert>()
  for (const record of alertRecords)
    alertsByIdentity.set(
      getAlertIdentity(record),
      keepWorstSeverity(alertsByIdentity.get(getAlertIdentity(record)), record),
    )
  const alertEvents = [...alertsByIdentity.values()].map(
    ({ raisedAt, severity, title, summary, resolvedAt }): TimelineEvent => ({
      time: raisedAt,
      kind: severity,
      text: `${title}  ${summary}`,
      ...(resolvedAt === undefined ? {} : { until: resolvedAt }),
    }),
  )
  const markEvents = marks.map(([time, text]): TimelineEvent => ({ time, kind: 'mark', text }))
  const gapEvents = gaps.map((time): TimelineEvent => ({ time, kind: 'gap', text: 'data is missing here' }))
  return [...alertEvents, ...repeated, ...markEvents, ...gapEvents].sort((a, b) => a.time - b.time)
}

/** Returns the open alerts that happened again in the sample that ended at `time`: every kill is an event, not only the first. */
export function findRepeatedEvents(
  before: readonly Alert[],
  after: readonly Alert[],
  time: number,
): readonly TimelineEvent[] {
  if (before === after) return []
  const counts = new Map(before.map(alert => [getAlertIdentity(alert), alert.count]))
  const repeated = after.filter(alert => {
    const identity = getAlertIdentity(alert)
    return alert.kind === 'event' && counts.has(identity) && (alert.count ?? 1) > (counts.get(identity) ?? 1)
  })
  return repeated.map(({ severity, title, count, summary }) => ({
    time,
    kind: severity,
    text: `${title} ×${count}  ${summary}`,
  }))
}

const keepWorstSeverity = (before: Alert | undefined, record: Alert): Alert =>
  before?.severity === 'critical' ? { ...record, severity: 'critical' } : record

/** Finds the next event after `time`, or the previous one. */
export function findNeighbour(events: readonly TimelineEvent[], time: number, by: 1 | -1): TimelineEvent | undefined {
  return by > 0 ? events.find(event => event.time > time) : events.findLast(event => event.time < time)
}
