// Logbook: what happened on a tape, as it is folded: alerts, marks, and what of it could not be read.
import type { Mark } from '../collectors/mark.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import { findChangedAlerts } from '../recording/summary-builder.ts'
import type { Replayer } from './replayer.ts'
import { buildTimelineEvents, findRepeatedEvents, type TimelineEvent } from './timeline-events.ts'

type MarkEntry = readonly [time: number, text: string]

const toMarkEntry = ({ time, text }: Mark): MarkEntry => [time, text]

export class EventLog {
  /** parts that could not be read as they were written, in words */
  readonly damagedParts: string[] = []
  private alerts: Alert[] = []
  private marks: readonly MarkEntry[] = []
  private repeated: TimelineEvent[] = []

  /** What somebody else saw who folded the session. */
  loadEvents(alerts: readonly Alert[], marks: readonly Mark[], repeated: readonly TimelineEvent[]): void {
    this.alerts = [...alerts]
    this.repeated = [...repeated]
    this.marks = marks.map(toMarkEntry)
  }

  /** Takes what came from one look to the next. */
  addChanges(before: MonitorState, { alerts, history }: MonitorState): void {
    this.alerts.push(...findChangedAlerts(before.alerts, alerts))
    this.repeated.push(...findRepeatedEvents(before.alerts, alerts, history.time))
    if (history.mark === before.history.mark) return
    const marks = history.mark.filter(({ time }) => time > before.history.time)
    this.marks = [...this.marks, ...marks.map(toMarkEntry)]
  }

  /** Looks what is wrong with parts, from one to before another. */
  checkForDamage(replayer: Replayer, from: number, until: number): void {
    for (let i = from; i < until; i++) {
      const { problem } = replayer.readPart(i)
      if (problem !== undefined)
        this.damagedParts.push(`part ${i + 1} of ${replayer.recording.parts.length} is ${problem}`)
    }
  }

  /** What happened, in order of time: what was taken, and after `from` what the summaries of the parts tell. */
  listEvents({ recording, summaryAlerts }: Replayer, from: number): readonly TimelineEvent[] {
    const laterAlerts = summaryAlerts.filter(({ raisedAt }) => raisedAt > from)
    const summaryMarks = recording.parts.flatMap(({ summary }) => (summary?.marks ?? []) as readonly MarkEntry[])
    const gaps = recording.parts.flatMap(({ begin, afterGap }, i) => (afterGap && i > 0 ? [begin] : []))
    const marks = [...this.marks, ...summaryMarks.filter(([time]) => time > from)]
    return buildTimelineEvents([...this.alerts, ...laterAlerts], marks, gaps, this.repeated)
  }
}
