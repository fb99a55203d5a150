// Reel: any moment of a tape, soon. It folds the tape once in the background and keeps checkpoints; until it has come as
// far as is asked, a moment is folded from the keyframe before it, and told to be provisional.
import type { Session } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import type { Watch } from '../detectors/watch.ts'
import type { OpenTape } from '../sources/kmem/open.ts'
import { Folder, type Moment } from './moments.ts'
import { alertNotes } from './notes.ts'
import { eventsOf, type TimelineEvent } from './timeline.ts'

/** Parts (of 300 s) that are folded at once; more would be felt. */
const AT_ONCE = 1
/** Milliseconds that a moment known from nearby only looks back at least. */
const LOOK_BACK = 120_000
/** Checkpoints share most of what they hold; so many are kept, of longer tapes every second, fourth, … */
const CHECKPOINTS = 320

type MarkNote = readonly [time: number, text: string]

export class Reel {
  readonly folder: Folder
  private readonly open: OpenTape
  private front: Moment
  private checkpoints: Moment[]
  private stride = 1
  private done = false
  private alerts: Alert[] = []
  private marks: readonly MarkNote[] = []
  private damage: string[] = []
  private lastLook: number | undefined
  private first: number | undefined

  constructor(open: OpenTape, thresholds: Thresholds) {
    this.open = open
    this.folder = new Folder(open.tape, thresholds)
    this.folder.notes = open.tape.parts.flatMap(({ summary }) => (summary?.alerts ?? []) as unknown as readonly Alert[])
    this.front = this.folder.start()
    this.checkpoints = [this.front]
  }

  /**
   * Takes moments of the same session that somebody else folded, oldest first, with the alerts they saw: a tape that begins
   * in the middle of a session need not be folded from its own beginning.
   */
  adopt(watches: readonly Watch[], alerts: readonly Alert[]): void {
    const known = watches.flatMap(watch => this.placeOf(watch) ?? [])
    this.checkpoints.push(...known)
    this.alerts = [...alerts]
    this.marks = (watches.at(-1)?.history.mark ?? []).map(({ time, text }) => [time, text] as const)
    this.front = known.at(-1) ?? this.front
    this.done = known.length > 0
  }

  private placeOf(watch: Watch): Moment | undefined {
    const { time } = watch.history
    if (time < this.begin) return undefined
    const part = this.partOf(time)
    const { readings, looks } = this.folder.part(part)
    const later = looks.findIndex(end => readings[end - 1]!.time > time)
    return { part, look: later < 0 ? looks.length : later, watch, exact: true }
  }

  get session(): Session {
    return this.open.tape.session
  }

  /** Session time of the first and the last look that is known of. */
  get begin(): number {
    return this.open.tape.parts[0]!.begin
  }

  get end(): number {
    this.lastLook ??= this.open.tape.parts.at(-1)!.summary?.end ?? this.lastRead()
    return Math.max(this.begin, this.front.watch.history.time, this.lastLook)
  }

  /** Session time at which the first look was over. */
  get firstLook(): number {
    this.first ??= this.folder.nextTime(this.folder.start()) ?? this.begin
    return this.first
  }

  /** Share of the tape that has been folded, 0 to 1. */
  get progress(): number {
    if (this.done) return 1
    const { history } = this.front.watch
    return Math.min(0.99, Math.max(0, (history.time - this.begin) / Math.max(1, this.end - this.begin)))
  }

  /** Whether every moment up to `time` can be told exactly. */
  covers(time: number): boolean {
    return this.done || this.front.watch.history.time > time
  }

  /** What is wrong with the recording, as far as it is known. */
  get problems(): readonly string[] {
    return [...this.open.tape.problems, ...this.damage]
  }

  /** What happened, as far as it is known: what was folded, and of the rest what the summaries tell. */
  events(): readonly TimelineEvent[] {
    const { parts } = this.open.tape
    const from = this.done ? Number.POSITIVE_INFINITY : this.front.watch.history.time
    const later = this.folder.notes.filter(({ raisedAt }) => raisedAt > from)
    const marks = parts.flatMap(({ summary }) => (summary?.marks ?? []) as readonly MarkNote[])
    const gaps = parts.flatMap(({ begin, afterGap }, i) => (afterGap && i > 0 ? [begin] : []))
    return eventsOf([...this.alerts, ...later], [...this.marks, ...marks.filter(([time]) => time > from)], gaps)
  }

  /** The moment of the last look that was over at `time`. */
  at(time: number, near?: Moment): Moment {
    const start = this.nearest(time, near)
    const part = this.partOf(time)
    if (part - start.part <= AT_ONCE || this.covers(time)) return this.forward(start, time)
    const cold = near && !near.exact && near.watch.history.time <= time && part - near.part <= 1 ? near : undefined
    const short = time - this.open.tape.parts[part]!.begin < LOOK_BACK
    return this.forward(cold ?? this.folder.enter(Math.max(0, short ? part - 1 : part)), time)
  }

  /** Folds from a moment all looks that were over at `time`, at most so many. */
  forward(from: Moment, time: number, looks = Number.POSITIVE_INFINITY): Moment {
    let moment = from
    for (let i = 0; i < looks; i++) {
      const next = this.folder.nextTime(moment)
      if (next === undefined || next > time) break
      moment = this.folder.step(moment)
    }
    return moment
  }

  /** Folds on in the background while `goOn` says so; whether there is more to fold. */
  work(goOn: () => boolean): boolean {
    while (!this.done && goOn()) {
      const before = this.front
      this.front = this.folder.step(before)
      if (this.front === before) {
        this.done = true
        this.lookForDamage(before.part, this.open.tape.parts.length)
      } else this.taken(before)
    }
    return !this.done
  }

  /** Looks whether more was written; whether it was. */
  refresh(): boolean {
    if (!this.open.refresh()) return false
    this.folder.grown(this.open.tape)
    this.done = false
    this.lastLook = undefined
    return true
  }

  private taken(before: Moment): void {
    const { watch, part } = this.front
    this.alerts.push(...alertNotes(before.watch.alerts, watch.alerts))
    const marks = watch.history.mark.filter(({ time }) => time > before.watch.history.time)
    if (marks.length > 0) this.marks = [...this.marks, ...marks.map(({ time, text }) => [time, text] as const)]
    if (part !== before.part) this.entered(before, part)
  }

  private entered(before: Moment, part: number): void {
    this.lookForDamage(before.part, part)
    if (part % this.stride !== 0) return
    this.checkpoints.push(this.folder.isContinued(part) ? { ...before, part, look: 0 } : before)
    if (this.checkpoints.length <= CHECKPOINTS) return
    this.stride *= 2
    this.checkpoints = this.checkpoints.filter(({ part: own }) => own % this.stride === 0)
  }

  private lookForDamage(from: number, until: number): void {
    for (let i = from; i < until; i++) {
      const { problem } = this.folder.part(i)
      if (problem !== undefined) this.damage.push(`part ${i + 1} of ${this.open.tape.parts.length} is ${problem}`)
    }
  }

  // The recorder was killed: the last part tells when it ended.
  private lastRead(): number {
    for (let i = this.open.tape.parts.length - 1; i >= 0; i--) {
      const time = this.folder.part(i).readings.at(-1)?.time
      if (time !== undefined) return time
    }
    return this.begin
  }

  private nearest(time: number, near: Moment | undefined): Moment {
    const usable = [this.front, ...(near?.exact ? [near] : [])].filter(({ watch }) => watch.history.time <= time)
    const checkpoint = this.checkpoints.findLast(({ watch }) => watch.history.time <= time)
    return [...usable, ...(checkpoint ? [checkpoint] : [])].reduce(
      (best, moment) => (moment.watch.history.time > best.watch.history.time ? moment : best),
      this.checkpoints[0]!,
    )
  }

  private partOf(time: number): number {
    return Math.max(
      0,
      this.open.tape.parts.findLastIndex(({ begin }) => begin <= time),
    )
  }
}
