// Logbook: what happened on a tape, as it is folded: alerts, marks, and what of it could not be read.
import type { Mark } from '../collectors/mark.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { MonitorState } from '../detectors/watch.ts'
import type { Folder } from './moments.ts'
import { alertNotes } from './notes.ts'
import { eventsOf, repeatedEvents, type TimelineEvent } from './timeline.ts'

type MarkNote = readonly [time: number, text: string]

const noteOf = ({ time, text }: Mark): MarkNote => [time, text]

export class Logbook {
  /** parts that could not be read as they were written, in words */
  readonly damage: string[] = []
  private alerts: Alert[] = []
  private marks: readonly MarkNote[] = []
  private repeated: TimelineEvent[] = []

  /** What somebody else saw who folded the session. */
  adopt(alerts: readonly Alert[], marks: readonly Mark[], repeated: readonly TimelineEvent[]): void {
    this.alerts = [...alerts]
    this.repeated = [...repeated]
    this.marks = marks.map(noteOf)
  }

  /** Takes what came from one look to the next. */
  take(before: MonitorState, { alerts, history }: MonitorState): void {
    this.alerts.push(...alertNotes(before.alerts, alerts))
    this.repeated.push(...repeatedEvents(before.alerts, alerts, history.time))
    if (history.mark === before.history.mark) return
    const marks = history.mark.filter(({ time }) => time > before.history.time)
    this.marks = [...this.marks, ...marks.map(noteOf)]
  }

  /** Looks what is wrong with parts, from one to before another. */
  lookForDamage(folder: Folder, from: number, until: number): void {
    for (let i = from; i < until; i++) {
      const { problem } = folder.part(i)
      if (problem !== undefined) this.damage.push(`part ${i + 1} of ${folder.tape.parts.length} is ${problem}`)
    }
  }

  /** What happened, in order of time: what was taken, and after `from` what the summaries of the parts tell. */
  events({ tape, notes }: Folder, from: number): readonly TimelineEvent[] {
    const later = notes.filter(({ raisedAt }) => raisedAt > from)
    const noted = tape.parts.flatMap(({ summary }) => (summary?.marks ?? []) as readonly MarkNote[])
    const gaps = tape.parts.flatMap(({ begin, afterGap }, i) => (afterGap && i > 0 ? [begin] : []))
    const marks = [...this.marks, ...noted.filter(([time]) => time > from)]
    return eventsOf([...this.alerts, ...later], marks, gaps, this.repeated)
  }
}
