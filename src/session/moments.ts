// Moments of a tape: a place in it and what is known there. Folded forward look by look, entered at any part.
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import { emptyWatch, see, type Watch } from '../detectors/watch.ts'
import { append, type Reading } from '../history.ts'
import type { Part } from '../sources/kmem/part.ts'
import type { Tape } from '../sources/kmem/tape.ts'
import { asReadings, Texts } from '../sources/kmem/texts.ts'
import { alertsAt } from './notes.ts'

/** Milliseconds that a moment known from nearby only looks back, at least where its part does. */
const LOOK_BACK = 120_000

/** What is known when `look` looks of `part` have been folded. */
export interface Moment {
  readonly part: number
  readonly look: number
  readonly watch: Watch
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

  constructor(tape: Tape, thresholds: Thresholds) {
    this.tape = tape
    this.thresholds = thresholds
  }

  /** A part, decoded. */
  part(i: number): Part {
    const known = this.parts.get(i)
    if (known) return known
    const part = this.tape.read(i)
    if (this.parts.size >= 3) this.parts.delete(this.parts.keys().next().value!)
    this.parts.set(i, part)
    return part
  }

  /** The part that a session time is in. */
  partAt(time: number): number {
    const last = this.tape.parts.findLastIndex(({ begin }) => begin <= time)
    return Math.max(0, last)
  }

  /** The tape has grown: what was its last part may hold more now. */
  grown(tape: Tape): void {
    this.tape = tape
    this.parts.clear()
  }

  /** Before everything. */
  start(): Moment {
    return { part: 0, look: 0, watch: emptyWatch(this.tape.session), exact: true }
  }

  /** Looks of a part that were over at `time`. */
  looksUntil(part: number, time: number): number {
    const { readings, looks } = this.part(part)
    const after = looks.findIndex(end => readings[end - 1]!.time > time)
    return after < 0 ? looks.length : after
  }

  /**
   * A moment somewhat before `time`, knowing only what was written from the keyframe before it on: what the files said then,
   * and the log.
   */
  near(time: number): Moment {
    const until = time - LOOK_BACK
    const part = Math.max(this.partAt(time) - 1, this.partAt(until))
    const { keyframe, readings, looks } = this.part(part)
    const look = this.looksUntil(part, until)
    const texts = new Texts()
    const before = [...keyframe, ...readings.slice(0, looks[look - 1] ?? 0)]
    for (const reading of before) texts.take(reading)
    const said = before.filter(({ collector }) => Texts.isEvent(collector))
    const blank = { part, look, watch: emptyWatch(this.tape.session), exact: false }
    return { ...blank, watch: this.fold(blank, [...asReadings(texts.keyframe()), ...said]) }
  }

  /** Session time of the look that comes next; undefined at the end of the tape. */
  nextTime(moment: Moment): number | undefined {
    const place = this.settle(moment)
    if (!place) return undefined
    const { readings, looks } = this.part(place.part)
    const last = readings[looks[place.look]! - 1]
    return last?.time
  }

  /** One look further; the same moment at the end of the tape. */
  step(moment: Moment): Moment {
    const place = this.settle(moment)
    if (!place) return moment
    const { readings, looks } = this.part(place.part)
    const came = readings.slice(looks[place.look - 1] ?? 0, looks[place.look])
    return { ...place, look: place.look + 1, watch: this.fold(place, came) }
  }

  // Over the end of a part to the next one that holds a look.
  private settle(moment: Moment): Moment | undefined {
    let place = moment
    while (place.look >= this.part(place.part).looks.length) {
      if (place.part + 1 >= this.tape.parts.length) return undefined
      const next = { ...place, part: place.part + 1, look: 0 }
      place = { ...next, watch: this.fold(next, this.bridge(next.part)) }
    }
    if (place.part === 0 && place.look === 0) return { ...place, watch: this.fold(place, this.bridge(0)) }
    return place
  }

  /** What must be folded before a part's own readings: nothing, unless it begins the tape or something before it is lost. */
  bridge(part: number): readonly Reading[] {
    const { keyframe } = this.part(part)
    if (part === 0) return asReadings(keyframe)
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

  private fold({ watch, exact }: Moment, readings: readonly Reading[]): Watch {
    if (exact) return readings.reduce((seen, reading) => see(seen, reading, this.thresholds), watch)
    const history = readings.reduce(append, watch.history)
    return { history, alerts: alertsAt(this.notes, history.time) }
  }
}
