// Collects the events of a recording while it is replayed: alerts, marks, and damaged parts.
import { appendAll } from '../base/extremes.ts'
import { cutLabel, type Mark } from '../collectors/mark.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import { findChangedAlerts } from '../recording/summary-builder.ts'
import type { Replayer } from './replayer.ts'
import { buildTimelineEvents, findRepeatedEvents, type TimelineEvent } from './timeline-events.ts'

type MarkEntry = readonly [time: number, text: string]

const toMarkEntry = ({ time, text }: Mark): MarkEntry => [time, text]
const cutEntry = ([time, text]: MarkEntry): MarkEntry => [time, cutLabel(text)]

export class EventLog {
  /** descriptions of damaged parts */
  readonly damagedParts: string[] = []
  private alerts: Alert[] = []
  private marks: readonly MarkEntry[] = []
  private repeated: TimelineEvent[] = []

  /** Adds the events of another replay of the session. */
  loadEvents(alerts: readonly Alert[], marks: readonly Mark[], repeated: readonly TimelineEvent[]): void {
    this.alerts = [...alerts]
    this.repeated = [...repeated]
    this.marks = marks.map(toMarkEntry)
  }

  /** Adds the events between two samples. */
  addChanges(before: MonitorState, { alerts, history }: MonitorState): void {
    appendAll(this.alerts, findChangedAlerts(before.alerts, alerts))
    appendAll(this.repeated, findRepeatedEvents(before.alerts, alerts, history.time))
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

  /** Returns the events in order of time: the collected ones, and after `from` those of the parts' summaries. */
  listEvents({ recording, summaryAlerts }: Replayer, from: number): readonly TimelineEvent[] {
    const laterAlerts = summaryAlerts.filter(({ raisedAt }) => raisedAt > from)
    const summaryMarks = recording.parts.flatMap(({ summary }) => (summary?.marks ?? []).map(cutEntry))
    const gaps = recording.parts.flatMap(({ begin, afterGap }, i) => (afterGap && i > 0 ? [begin] : []))
    const marks = [...this.marks, ...summaryMarks.filter(([time]) => time > from)]
    const { alerts, repeated } = this
    return buildTimelineEvents([...alerts, ...laterAlerts], { marks, gaps, repeated, acknowledged: summaryAlerts })
  }
}
