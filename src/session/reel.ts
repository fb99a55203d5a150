// Reel: any moment of a tape, soon. It folds the tape once in the background and keeps checkpoints. A moment far from all of them
// is folded from the keyframe before it and told to be provisional; the exact one is approached in the background.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import type { MonitorState } from '../detectors/watch.ts'
import type { Growth, OpenTape } from '../sources/kmem/open.ts'
import { Checkpoints, later } from './checkpoints.ts'
import { Logbook } from './logbook.ts'
import { Folder, type Moment } from './moments.ts'
import type { TimelineEvent } from './timeline.ts'

/** Looks that are folded at once; more would be felt. */
const AT_ONCE = 200
/** Looks between two moments that are kept: a part of 300 s holds so many. */
const STRIDE = 300
/** Looks between two moments on one's way. */
const PACE = 150

export class Reel {
  readonly folder: Folder
  private readonly open: OpenTape
  private readonly atOnce: number
  private front: Moment
  private checkpoints: Checkpoints
  private exactFrom = Number.NEGATIVE_INFINITY
  private sinceKept = 0
  private sinceVisited = 0
  /** on the way to the exact moment that was asked for */
  private approaching: Moment | undefined
  private done = false
  private readonly logbook = new Logbook()
  private lastLook: number | undefined
  private first: number | undefined

  /** @param atOnce looks that are folded at once */
  constructor(open: OpenTape, thresholds: Thresholds, atOnce = AT_ONCE) {
    this.open = open
    this.atOnce = atOnce
    this.folder = new Folder(open.tape, thresholds)
    this.folder.notes = open.tape.parts.flatMap(({ summary }) => (summary?.alerts ?? []) as unknown as readonly Alert[])
    this.front = this.folder.start()
    this.checkpoints = new Checkpoints(this.front)
  }

  /**
   * Takes moments of the same session that somebody else folded, oldest first, with the alerts they saw and what these saw
   * again: a tape that begins in the middle of a session need not be folded from its own beginning.
   */
  adopt(watches: readonly MonitorState[], alerts: readonly Alert[], repeated: readonly TimelineEvent[] = []): void {
    const known = watches.flatMap(watch => this.placeOf(watch) ?? [])
    if (known.length > 0 && known.length < watches.length) {
      // what the session was before the tape begins is not known at its first looks
      this.checkpoints = new Checkpoints({ ...this.folder.start(), exact: false })
      this.exactFrom = known[0]!.watch.history.time
    }
    for (const moment of known) this.checkpoints.keep(moment)
    this.logbook.adopt(alerts, watches.at(-1)?.history.mark ?? [], repeated)
    this.front = known.at(-1) ?? this.front
    // the tape may have a look that nobody has folded yet
    this.done = known.length > 0 && this.folder.nextTime(this.front) === undefined
  }

  private placeOf(watch: MonitorState): Moment | undefined {
    const { time } = watch.history
    if (time < this.begin) return undefined
    const part = this.folder.partAt(time)
    return { part, read: this.folder.readUntil(part, time), watch, exact: true }
  }

  get session(): RecordingHeader {
    return this.open.tape.session
  }

  /** Session time of the first and the last look that is known of. */
  get begin(): number {
    return this.open.tape.parts[0]!.begin
  }

  get end(): number {
    this.lastLook ??= this.open.tape.parts.at(-1)!.summary?.end ?? this.folder.lastTime() ?? this.begin
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
    return time >= this.exactFrom && (this.done || this.front.watch.history.time > time)
  }

  /** What is wrong with the recording, as far as it is known. */
  get problems(): readonly string[] {
    return [...this.open.tape.problems, ...this.logbook.damage]
  }

  /** What happened, as far as it is known: what was folded, and of the rest what the summaries tell. */
  events(): readonly TimelineEvent[] {
    const from = this.done ? Number.POSITIVE_INFINITY : this.front.watch.history.time
    return this.logbook.events(this.folder, from)
  }

  /** The moment of the last look that was over at `time`: exact when one that is known is near. */
  at(time: number, near?: Moment): Moment {
    const start = this.nearest(time, near)
    if (this.isNear(start, time)) return this.forward(start, time)
    const cold = near && !near.exact && near.watch.history.time <= time && this.isNear(near, time) ? near : undefined
    return this.forward(cold ?? this.folder.near(time), time)
  }

  /** Folds on towards the exact moment at `time` while `goOn` says so; that moment when it is reached. */
  approach(time: number, goOn: () => boolean): Moment | undefined {
    let moment = this.nearest(time, this.approaching)
    do {
      const next = this.folder.nextTime(moment)
      if (next === undefined || next > time) {
        this.approaching = undefined
        return moment
      }
      moment = this.stepped(moment)
    } while (goOn())
    this.approaching = moment
    return undefined
  }

  /** The exact moment at `time`, however long it takes. */
  exactly(time: number): Moment {
    return this.approach(time, () => true)!
  }

  /** Folds from a moment all looks that were over at `time`, at most so many. */
  forward(from: Moment, time: number, looks = Number.POSITIVE_INFINITY): Moment {
    let moment = from
    for (let i = 0; i < looks; i++) {
      const next = this.folder.nextTime(moment)
      if (next === undefined || next > time) break
      moment = this.stepped(moment)
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
        this.logbook.lookForDamage(this.folder, before.part, this.open.tape.parts.length)
      } else this.keep(before)
    }
    return !this.done
  }

  /** Looks whether more was written; what became of the file. */
  refresh(): Growth {
    const growth = this.open.refresh()
    if (growth !== 'grown') return growth
    this.folder.grown(this.open.tape)
    this.done = false
    this.lastLook = undefined
    return growth
  }

  // The end of a part is the beginning of the next, where that goes on from it: there is less to read from there.
  private entered(before: Moment, part: number): Moment {
    return this.folder.isContinued(part) ? { ...before, part, read: 0 } : before
  }

  // At the beginning of a part, or within one that is long.
  private keep(before: Moment): void {
    const { part, watch } = this.front
    const isNew = part !== before.part
    this.logbook.take(before.watch, watch)
    if (isNew) this.logbook.lookForDamage(this.folder, before.part, part)
    this.sinceKept++
    if (this.sinceKept < (isNew ? STRIDE / 2 : STRIDE * 1.5)) return
    this.sinceKept = 0
    this.checkpoints.keep(isNew ? this.entered(before, part) : before)
  }

  private stepped(moment: Moment): Moment {
    const next = this.folder.step(moment)
    if (!next.exact) return next
    this.sinceVisited++
    const isNew = next.part !== moment.part
    if (isNew || this.sinceVisited >= PACE) {
      this.sinceVisited = 0
      this.checkpoints.visit(isNew ? this.entered(moment, next.part) : next)
    }
    return next
  }

  private isNear(start: Moment, time: number): boolean {
    const part = this.folder.partAt(time)
    const isSoon = time - start.watch.history.time <= this.atOnce * this.session.interval
    if (!isSoon || part - start.part > 1) return isSoon
    const until = this.folder.looksIn(part, this.folder.readUntil(part, time))
    const rest = part === start.part ? 0 : this.folder.part(start.part).looks.length
    return rest + until - this.folder.looksIn(start.part, start.read) <= this.atOnce
  }

  private nearest(time: number, near: Moment | undefined): Moment {
    const usable = [this.front, ...(near?.exact ? [near] : [])].filter(({ watch }) => watch.history.time <= time)
    return usable.reduce(later, this.checkpoints.before(time))
  }
}
