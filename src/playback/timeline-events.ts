// The events of a whole recording on the timeline: alerts, marks, gaps.
import { type Alert, formatOccurrences } from '../detectors/alerts.ts'
import type { Severity } from '../detectors/detector.ts'
import { getAlertIdentity } from '../recording/summary-builder.ts'

/** An event at a session time. `until`: when an alert was resolved. */
export interface TimelineEvent {
  readonly time: number
  readonly kind: Severity | 'mark' | 'gap' | 'acknowledged' | 'ended'
  readonly text: string
  readonly until?: number
}

/** What happens apart from alerts. */
interface OtherEvents {
  readonly marks: readonly (readonly [time: number, text: string])[]
  /** session times before which something is lost */
  readonly gaps: readonly number[]
  readonly repeated?: readonly TimelineEvent[]
  /** alerts as they were acknowledged: a replay raises alerts again, but nobody acknowledges them */
  readonly acknowledged?: readonly Alert[]
}

/**
 * Returns the events in order of time. An alert is one where it was raised, one where it became critical, one where it
 * was acknowledged, and one where it ended, each with the severity and the words of that time.
 * @param records alerts as they were raised, changed and ended, in order
 */
export function buildTimelineEvents(
  records: readonly Alert[],
  { marks, gaps, repeated = [], acknowledged = [] }: OtherEvents,
): readonly TimelineEvent[] {
  const alertEvents = [...Map.groupBy(records, getAlertIdentity).values()].flatMap(listTransitions)
  const markEvents = marks.map(([time, text]): TimelineEvent => ({ time, kind: 'mark', text }))
  const gapEvents = gaps.map((time): TimelineEvent => ({ time, kind: 'gap', text: 'data is missing here' }))
  const acknowledgements = listAcknowledgements([...records, ...acknowledged])
  return [...alertEvents, ...repeated, ...acknowledgements, ...markEvents, ...gapEvents].sort((a, b) => a.time - b.time)
}

// An alert that happens again can be acknowledged again; each is one event, in however many records it is.
function listAcknowledgements(records: readonly Alert[]): readonly TimelineEvent[] {
  const events = records.flatMap((alert): readonly (readonly [string, TimelineEvent])[] => {
    const { acknowledgedAt: time, title } = alert
    if (time === undefined) return []
    return [[`${getAlertIdentity(alert)} ${time}`, { time, kind: 'acknowledged', text: `acknowledged: ${title}` }]]
  })
  return [...new Map(events).values()]
}

/** Lists the events of one alert. Summaries of an older version do not say when it became critical: then its records do. */
function listTransitions(records: readonly Alert[]): readonly TimelineEvent[] {
  const [first, last] = [records[0]!, records.at(-1)!]
  const critical = records.find(({ severity }) => severity === 'critical')
  const criticalAt = last.criticalAt ?? critical?.criticalAt ?? (critical === first ? undefined : critical?.seenAt)
  const toEvent = (time: number, kind: TimelineEvent['kind'], { title, summary }: Alert): TimelineEvent => ({
    time,
    kind,
    text: kind === 'ended' ? `over: ${title}` : `${title}  ${summary}`,
  })
  const hasTurned = criticalAt !== undefined && criticalAt > first.raisedAt
  const raisedAs = hasTurned && first.severity === 'critical' ? 'warning' : first.severity
  return [
    {
      ...toEvent(first.raisedAt, raisedAs, first),
      ...(last.resolvedAt === undefined ? {} : { until: last.resolvedAt }),
    },
    ...(hasTurned ? [toEvent(criticalAt, 'critical', critical ?? last)] : []),
    ...(last.resolvedAt === undefined ? [] : [toEvent(last.resolvedAt, 'ended', last)]),
  ]
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
  return repeated.map(alert => ({
    time,
    kind: alert.severity,
    text: `${alert.title}${formatOccurrences(alert)}  ${alert.summary}`,
  }))
}

/** Finds the next event after `time`, or the previous one. */
export function findNeighbour(events: readonly TimelineEvent[], time: number, by: 1 | -1): TimelineEvent | undefined {
  return by > 0 ? events.find(event => event.time > time) : events.findLast(event => event.time < time)
}
