// Reel: any moment of a tape, soon. It folds the tape once in the background and keeps checkpoints. A moment far from all of them
// is folded from the keyframe before it and told to be provisional; the exact one is approached in the background.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { FileChange, RecordingFile } from '../recording/open-recording.ts'
import { Checkpoints, pickLater } from './checkpoints.ts'
import { EventLog } from './event-log.ts'
import { type PlaybackState, Replayer } from './replayer.ts'
import type { TimelineEvent } from './timeline-events.ts'

/** Looks that are folded at once; more would be felt. */
const MAX_FORWARD_SAMPLES = 200
/** Looks between two moments that are kept: a part of 300 s holds so many. */
const CHECKPOINT_SPACING = 300
/** Looks between two moments on one's way. */
const RECENT_SPACING = 150

export class RecordingSeeker {
  readonly replayer: Replayer
  private readonly file: RecordingFile
  private readonly maxForwardSamples: number
  private furthest: PlaybackState
  private checkpoints: Checkpoints
  private exactFrom = Number.NEGATIVE_INFINITY
  private samplesSinceCheckpoint = 0
  private samplesSinceRecent = 0
  /** on the way to the exact moment that was asked for */
  private approachState: PlaybackState | undefined
  private isComplete = false
  private readonly eventLog = new EventLog()
  private cachedEnd: number | undefined
  private cachedFirstTime: number | undefined

  /** @param maxForwardSamples looks that are folded at once */
  constructor(file: RecordingFile, thresholds: Thresholds, maxForwardSamples = MAX_FORWARD_SAMPLES) {
    this.file = file
    this.maxForwardSamples = maxForwardSamples
    this.replayer = new Replayer(file.recording, thresholds)
    this.replayer.summaryAlerts = file.recording.parts.flatMap(
      ({ summary }) => (summary?.alerts ?? []) as unknown as readonly Alert[],
    )
    this.furthest = this.replayer.createStart()
    this.checkpoints = new Checkpoints(this.furthest)
  }

  /**
   * Takes moments of the same session that somebody else folded, oldest first, with the alerts they saw and what these saw
   * again: a tape that begins in the middle of a session need not be folded from its own beginning.
   */
  loadStates(
    monitors: readonly MonitorState[],
    alerts: readonly Alert[],
    repeated: readonly TimelineEvent[] = [],
  ): void {
    const states = monitors.flatMap(monitor => this.findState(monitor) ?? [])
    if (states.length > 0 && states.length < monitors.length) {
      // what the session was before the tape begins is not known at its first looks
      this.checkpoints = new Checkpoints({ ...this.replayer.createStart(), exact: false })
      this.exactFrom = states[0]!.monitor.history.time
    }
    for (const state of states) this.checkpoints.addCheckpoint(state)
    this.eventLog.loadEvents(alerts, monitors.at(-1)?.history.mark ?? [], repeated)
    this.furthest = states.at(-1) ?? this.furthest
    // the tape may have a look that nobody has folded yet
    this.isComplete = states.length > 0 && this.replayer.findNextTime(this.furthest) === undefined
  }

  private findState(monitor: MonitorState): PlaybackState | undefined {
    const { time } = monitor.history
    if (time < this.begin) return undefined
    const part = this.replayer.findPart(time)
    return { part, read: this.replayer.countReadingsUntil(part, time), monitor, exact: true }
  }

  get session(): RecordingHeader {
    return this.file.recording.session
  }

  /** Session time of the first and the last look that is known of. */
  get begin(): number {
    return this.file.recording.parts[0]!.begin
  }

  get end(): number {
    this.cachedEnd ??= this.file.recording.parts.at(-1)!.summary?.end ?? this.replayer.findLastTime() ?? this.begin
    return Math.max(this.begin, this.furthest.monitor.history.time, this.cachedEnd)
  }

  /** Session time at which the first look was over. */
  get firstSampleTime(): number {
    this.cachedFirstTime ??= this.replayer.findNextTime(this.replayer.createStart()) ?? this.begin
    return this.cachedFirstTime
  }

  /** Share of the tape that has been folded, 0 to 1. */
  get progress(): number {
    if (this.isComplete) return 1
    const { history } = this.furthest.monitor
    return Math.min(0.99, Math.max(0, (history.time - this.begin) / Math.max(1, this.end - this.begin)))
  }

  /** Whether every moment up to `time` can be told exactly. */
  isExactUntil(time: number): boolean {
    return time >= this.exactFrom && (this.isComplete || this.furthest.monitor.history.time > time)
  }

  /** What is wrong with the recording, as far as it is known. */
  get problems(): readonly string[] {
    return [...this.file.recording.problems, ...this.eventLog.damagedParts]
  }

  /** What happened, as far as it is known: what was folded, and of the rest what the summaries tell. */
  listEvents(): readonly TimelineEvent[] {
    const from = this.isComplete ? Number.POSITIVE_INFINITY : this.furthest.monitor.history.time
    return this.eventLog.listEvents(this.replayer, from)
  }

  /** The moment of the last look that was over at `time`: exact when one that is known is near. */
  seek(time: number, near?: PlaybackState): PlaybackState {
    const start = this.findNearest(time, near)
    if (this.isNear(start, time)) return this.replayUntil(start, time)
    const approximate =
      near && !near.exact && near.monitor.history.time <= time && this.isNear(near, time) ? near : undefined
    return this.replayUntil(approximate ?? this.replayer.approximateAt(time), time)
  }

  /** Folds on towards the exact moment at `time` while `goOn` says so; that moment when it is reached. */
  seekTowards(time: number, shouldContinue: () => boolean): PlaybackState | undefined {
    let state = this.findNearest(time, this.approachState)
    do {
      const next = this.replayer.findNextTime(state)
      if (next === undefined || next > time) {
        this.approachState = undefined
        return state
      }
      state = this.stepForward(state)
    } while (shouldContinue())
    this.approachState = state
    return undefined
  }

  /** The exact moment at `time`, however long it takes. */
  seekExact(time: number): PlaybackState {
    return this.seekTowards(time, () => true)!
  }

  /** Folds from a moment all looks that were over at `time`, at most so many. */
  replayUntil(from: PlaybackState, time: number, maxSamples = Number.POSITIVE_INFINITY): PlaybackState {
    let state = from
    for (let i = 0; i < maxSamples; i++) {
      const next = this.replayer.findNextTime(state)
      if (next === undefined || next > time) break
      state = this.stepForward(state)
    }
    return state
  }

  /** Folds on in the background while `goOn` says so; whether there is more to fold. */
  replayInBackground(shouldContinue: () => boolean): boolean {
    while (!this.isComplete && shouldContinue()) {
      const before = this.furthest
      this.furthest = this.replayer.stepForward(before)
      if (this.furthest === before) {
        this.isComplete = true
        this.eventLog.checkForDamage(this.replayer, before.part, this.file.recording.parts.length)
      } else this.updateCheckpoints(before)
    }
    return !this.isComplete
  }

  /** Looks whether more was written; what became of the file. */
  refresh(): FileChange {
    const change = this.file.refresh()
    if (change !== 'grown') return change
    this.replayer.replaceRecording(this.file.recording)
    this.isComplete = false
    this.cachedEnd = undefined
    return change
  }

  // The end of a part is the beginning of the next, where that goes on from it: there is less to read from there.
  private toPartStart(before: PlaybackState, part: number): PlaybackState {
    return this.replayer.isContiguous(part) ? { ...before, part, read: 0 } : before
  }

  // At the beginning of a part, or within one that is long.
  private updateCheckpoints(before: PlaybackState): void {
    const { part, monitor } = this.furthest
    const isNew = part !== before.part
    this.eventLog.addChanges(before.monitor, monitor)
    if (isNew) this.eventLog.checkForDamage(this.replayer, before.part, part)
    this.samplesSinceCheckpoint++
    if (this.samplesSinceCheckpoint < (isNew ? CHECKPOINT_SPACING / 2 : CHECKPOINT_SPACING * 1.5)) return
    this.samplesSinceCheckpoint = 0
    this.checkpoints.addCheckpoint(isNew ? this.toPartStart(before, part) : before)
  }

  private stepForward(state: PlaybackState): PlaybackState {
    const next = this.replayer.stepForward(state)
    if (!next.exact) return next
    this.samplesSinceRecent++
    const isNew = next.part !== state.part
    if (isNew || this.samplesSinceRecent >= RECENT_SPACING) {
      this.samplesSinceRecent = 0
      this.checkpoints.addRecent(isNew ? this.toPartStart(state, next.part) : next)
    }
    return next
  }

  private isNear(start: PlaybackState, time: number): boolean {
    const part = this.replayer.findPart(time)
    const isSoon = time - start.monitor.history.time <= this.maxForwardSamples * this.session.interval
    if (!isSoon || part - start.part > 1) return isSoon
    const until = this.replayer.countSamples(part, this.replayer.countReadingsUntil(part, time))
    const rest = part === start.part ? 0 : this.replayer.readPart(start.part).sampleEnds.length
    return rest + until - this.replayer.countSamples(start.part, start.read) <= this.maxForwardSamples
  }

  private findNearest(time: number, near: PlaybackState | undefined): PlaybackState {
    const usable = [this.furthest, ...(near?.exact ? [near] : [])].filter(({ monitor }) => monitor.history.time <= time)
    return usable.reduce(pickLater, this.checkpoints.findBefore(time))
  }
}
