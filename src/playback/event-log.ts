// Collects the events of a recording while it is replayed: alerts, marks, and damaged parts.
import { appendAll } from '../base/extremes.ts'
import { formatPlural } from '../base/format.ts'
import { cutLabel, type Mark } from '../collectors/mark.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { Recording } from '../recording/recording.ts'
import { findChangedAlerts, getAlertIdentity } from '../recording/summary-builder.ts'
import { AlertLimit } from './alert-limit.ts'
import type { Replayer } from './replayer.ts'
import { buildTimelineEvents, findRepeatedEvents, type TimelineEvent } from './timeline-events.ts'

const MAX_REPEATED = 50_000

type MarkEntry = readonly [time: number, text: string]

const toMarkEntry = ({ time, text }: Mark): MarkEntry => [time, text]
const cutEntry = ([time, text]: MarkEntry): MarkEntry => [time, cutLabel(text)]

/**
 * Returns the first part without a whole summary; infinite if there is none. A recorder that was killed leaves its last part without, and a
 * recording written by hand has none at all.
 */
export function findUnsummarizedPart({ parts }: Recording): number {
  const part = parts.findIndex(({ summary }) => summary === undefined || summary.alertsLeftOut !== undefined)
  return part < 0 ? Number.POSITIVE_INFINITY : part
}

/** Collects what the timeline shows. It is filled by one replay from the beginning. */
export class EventLog {
  /** descriptions of damaged parts */
  readonly damagedParts: string[] = []
  private readonly limit = new AlertLimit()
  private repeatedLeftOut = 0
  private alerts: Alert[] = []
  private marks: readonly MarkEntry[] = []
  private repeated: TimelineEvent[] = []

  /** Says which events are not on the timeline because there are too many. */
  describeLeftOut(): readonly string[] {
    const [alerts, kills] = [this.limit.leftOut, this.repeatedLeftOut]
    if (alerts + kills === 0) return []
    return [`the timeline lacks ${formatPlural(alerts, 'alert')} and ${formatPlural(kills, 'OOM kill')}: too many`]
  }

  /** Adds the events of another replay of the session. */
  loadEvents(alerts: readonly Alert[], marks: readonly Mark[], repeated: readonly TimelineEvent[]): void {
    this.alerts = [...alerts]
    this.repeated = [...repeated]
    this.marks = marks.map(toMarkEntry)
  }

  /** Adds the events between two samples. */
  addChanges(before: MonitorState, { alerts, history }: MonitorState): void {
    appendAll(this.alerts, this.limit.selectKept(findChangedAlerts(before.alerts, alerts), alerts))
    const repeated = findRepeatedEvents(before.alerts, alerts, history.time)
    const taken = repeated.slice(0, Math.max(0, MAX_REPEATED - this.repeated.length))
    appendAll(this.repeated, taken)
    this.repeatedLeftOut += repeated.length - taken.length
    if (history.mark === before.history.mark) return
    const marks = history.mark.filter(({ time }) => time > before.history.time)
    this.marks = [...this.marks, ...marks.map(toMarkEntry)]
  }

  /** Checks a range of parts for damage. */
  checkForDamage(replayer: Replayer, from: number, until: number): void {
    for (let i = from; i < until; i++) {
      const { problem } = replayer.readPart(i)
      if (problem !== undefined)
        this.damagedParts.push(`part ${i + 1} of ${replayer.recording.parts.length} is ${problem}`)
    }
  }

  /**
   * Returns the session time from which summaries may lack events: they hold that a process was killed, and not that another was killed
   * for the same reason while that alert was open.
   */
  findRepetitions({ summaryAlerts }: Replayer, from: number): number {
    const latest = new Map(summaryAlerts.map(alert => [getAlertIdentity(alert), alert]))
    const begins = [...latest.values()].flatMap(({ kind, raisedAt, resolvedAt = Number.POSITIVE_INFINITY }) =>
      kind === 'event' && resolvedAt > from ? [raisedAt] : [],
    )
    return begins.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  }

  /** Returns the events in order of time: the collected ones, and after `from` those of the parts' summaries. */
  listEvents({ recording, summaryAlerts }: Replayer, from: number): readonly TimelineEvent[] {
    // an alert of before may become critical or end later
    const laterAlerts = summaryAlerts.filter(({ seenAt, resolvedAt = seenAt }) => resolvedAt > from)
    const summaryMarks = recording.parts.flatMap(({ summary }) => (summary?.marks ?? []).map(cutEntry))
    const gaps = recording.parts.flatMap(({ begin, afterGap }, i) => (afterGap && i > 0 ? [begin] : []))
    const marks = [...this.marks, ...summaryMarks.filter(([time]) => time > from)]
    const { alerts, repeated } = this
    return buildTimelineEvents([...alerts, ...laterAlerts], { marks, gaps, repeated, acknowledged: summaryAlerts })
  }
}
