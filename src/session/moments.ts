// Moments of a tape: a place in it and what is known there. Folded forward look by look, entered at any part.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import { createMonitorState, switchSession, isSameBoot, applyReading, type MonitorState } from '../detectors/watch.ts'
import { appendReading, type Reading } from '../history.ts'
import type { Part } from '../sources/kmem/part.ts'
import type { Tape } from '../sources/kmem/tape.ts'
import { asReadings, Texts } from '../sources/kmem/texts.ts'
import { alertsAt } from './notes.ts'

/** Milliseconds that a moment known from nearby only looks back, at least where its part does. */
const LOOK_BACK = 120_000

/** What is known when the first `read` readings of `part` have been folded. */
export interface Moment {
  readonly part: number
  readonly read: number
  readonly watch: MonitorState
  /** folded from the beginning of the tape; else only from a keyframe nearby, with alerts as they were noted */
  readonly exact: boolean
}

/** Folds readings of a tape. Remembers the parts it read last. */
export class Folder {
  tape: Tape
  thresholds: Thresholds
  /** alerts as the tape's summaries noted them: for moments that are not exact */
  notes: readonly Alert[] = []
  private readonly parts = new Map<number, Part>()
  private readonly damaged = new Set<number>()

  constructor(tape: Tape, thresholds: Thresholds) {
    this.tape = tape
    this.thresholds = thresholds
  }

  /** A part, decoded. */
  part(i: number): Part {
    const known = this.parts.get(i)
    if (known) return known
    const part = this.tape.read(i)
    if (part.problem !== undefined) this.damaged.add(i)
    if (this.parts.size >= 3) this.parts.delete(this.parts.keys().next().value!)
    this.parts.set(i, part)
    return part
  }

  /** What is wrong with the tape, and with the parts of it that have been read so far, in words. */
  damage(): readonly string[] {
    const { problems, parts } = this.tape
    const numbers = [...this.damaged].sort((a, b) => a - b).map(i => i + 1)
    if (numbers.length === 0) return problems
    const which =
      numbers.length === 1
        ? `part ${numbers[0]} of ${parts.length} is`
        : `${numbers.length} of ${parts.length} parts are`
    return [...problems, `${which} damaged, and not read to the end`]
  }

  /** The part that a session time is in. */
  partAt(time: number): number {
    const last = this.tape.parts.findLastIndex(({ begin }) => begin <= time)
    return Math.max(0, last)
  }

  /** Session time of the last reading that can be read: of a recorder that was killed only its last part tells. */
  lastTime(): number | undefined {
    for (let i = this.tape.parts.length - 1; i >= 0; i--) {
      const time = this.part(i).readings.at(-1)?.time
      if (time !== undefined) return time
    }
    return undefined
  }

  /** The tape has grown: what was its last part may hold more now. */
  grown(tape: Tape): void {
    this.parts.delete(this.tape.parts.length - 1)
    this.damaged.delete(this.tape.parts.length - 1)
    this.tape = tape
  }

  /** Before everything. */
  start(): Moment {
    return { part: 0, read: 0, watch: createMonitorState(this.tape.session), exact: true }
  }

  /** Readings of a part that stand in looks that were over at `time`. */
  readUntil(part: number, time: number): number {
    const { readings, looks } = this.part(part)
    return looks.findLast(end => readings[end - 1]!.time <= time) ?? 0
  }

  /** Looks of a part within its first `read` readings. */
  looksIn(part: number, read: number): number {
    return this.part(part).looks.filter(end => end <= read).length
  }

  /**
   * A moment somewhat before `time`, knowing only what was written from the keyframe before it on: what the files said then,
   * and the log.
   */
  near(time: number): Moment {
    const until = time - LOOK_BACK
    const last = this.partAt(time)
    const part = last > 0 && this.partAt(until) < last && this.continuesBoot(last) ? last - 1 : last
    const { keyframe, readings } = this.part(part)
    const read = this.readUntil(part, until)
    const texts = new Texts()
    const before = [...keyframe, ...readings.slice(0, read)]
    for (const reading of before) texts.take(reading)
    const said = before.filter(({ collector }) => Texts.isEvent(collector))
    const blank = { part, read, watch: createMonitorState(this.sessionOf(part)), exact: false }
    return { ...blank, watch: this.fold(blank, [...asReadings(texts.keyframe()), ...said]) }
  }

  /** Session time of the look that comes next; undefined at the end of the tape. */
  nextTime(moment: Moment): number | undefined {
    const place = this.settle(moment)
    if (!place) return undefined
    return this.part(place.part).readings[this.nextEnd(place)! - 1]?.time
  }

  /** One look further; the same moment at the end of the tape. */
  step(moment: Moment): Moment {
    const place = this.settle(moment)
    if (!place) return moment
    const read = this.nextEnd(place)!
    const came = this.part(place.part).readings.slice(place.read, read)
    return { ...place, read, watch: this.fold(place, came) }
  }

  /** Where the next look ends, in readings. A look may have been longer than it was when it was read. */
  private nextEnd({ part, read }: Moment): number | undefined {
    const { looks } = this.part(part)
    let [low, high] = [0, looks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (looks[middle]! <= read) low = middle + 1
      else high = middle
    }
    return looks[low]
  }

  // Over the end of a part to the next one that holds a look.
  private settle(moment: Moment): Moment | undefined {
    let place = moment
    while (this.nextEnd(place) === undefined) {
      if (place.part + 1 >= this.tape.parts.length) return undefined
      place = this.entered(place, place.part + 1)
    }
    return place.part === 0 && place.read === 0 ? this.entered(place, 0) : place
  }

  private entered({ watch, exact }: Moment, part: number): Moment {
    const place = { part, read: 0, watch: switchSession(watch, this.sessionOf(part)), exact }
    return { ...place, watch: this.fold(place, this.bridge(part)) }
  }

  /** Whose clocks and kernel a part tells of. */
  sessionOf(part: number): RecordingHeader {
    return this.part(part).session ?? this.tape.session
  }

  /** Whether a part is of the same boot as the one before it. */
  private continuesBoot(part: number): boolean {
    return !this.tape.parts[part]!.afterGap || isSameBoot(this.sessionOf(part - 1), this.sessionOf(part))
  }

  /** What must be folded before a part's own readings: nothing, unless it begins the tape or something before it is lost. */
  bridge(part: number): readonly Reading[] {
    const { keyframe } = this.part(part)
    if (part === 0 || !this.continuesBoot(part)) return asReadings(keyframe)
    if (this.isContinued(part)) return []
    const texts = this.textsBefore(part)
    return keyframe.map(reading => texts.bridge(reading))
  }

  /** Whether nothing is lost between a part and the one before it. */
  isContinued(part: number): boolean {
    return part > 0 && !this.tape.parts[part]!.afterGap && this.part(part - 1).problem === undefined
  }

  private textsBefore(part: number): Texts {
    const texts = new Texts()
    let last = part - 1
    while (last > 0 && this.part(last).readings.length === 0 && this.part(last).keyframe.length === 0) last--
    const { keyframe, readings } = this.part(last)
    for (const reading of [...keyframe, ...readings]) texts.take(reading)
    return texts
  }

  private fold({ watch, exact }: Moment, readings: readonly Reading[]): MonitorState {
    if (exact) return readings.reduce((seen, reading) => applyReading(seen, reading, this.thresholds), watch)
    const history = readings.reduce(appendReading, watch.history)
    return { history, alerts: alertsAt(this.notes, history.time) }
  }
}
