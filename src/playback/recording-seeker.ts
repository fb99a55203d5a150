// Seeks in a recording. The recording is replayed once in the background, and checkpoints are kept on the way. A time far from all
// checkpoints is shown from the keyframe before it, marked as approximate, until the background replay reaches it.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { FileChange, RecordingFile } from '../recording/open-recording.ts'
import { selectAlerts } from '../recording/summary-alerts.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import { pickLater } from './checkpoints.ts'
import { EventLog, findUnsummarizedPart } from './event-log.ts'
import { type PlaybackState, Replayer } from './replayer.ts'
import type { TimelineEvent } from './timeline-events.ts'

/** Samples that are replayed at once. More would delay the next key. */
const MAX_FORWARD_SAMPLES = 200

/** Gives the state of a recording at any session time: at once, and inexact until the replay has reached it. */
export class RecordingSeeker {
  readonly replayer: Replayer
  private readonly file: RecordingFile
  private readonly maxForwardSamples: number
  private furthest: PlaybackState
  private readonly checkpoints: CheckpointKeeper
  private exactFrom = Number.NEGATIVE_INFINITY
  /** how far the replay towards the requested exact state has come */
  private approachState: PlaybackState | undefined
  private isComplete = false
  private readonly eventLog = new EventLog()
  private cachedEnd: number | undefined
  private cachedFirstTime: number | undefined

  /** @param maxForwardSamples samples that are replayed at once */
  constructor(file: RecordingFile, thresholds: Thresholds, maxForwardSamples = MAX_FORWARD_SAMPLES) {
    this.file = file
    this.maxForwardSamples = maxForwardSamples
    this.replayer = new Replayer(file.recording, thresholds)
    this.replayer.summaryAlerts = file.recording.parts.flatMap(({ summary }) => selectAlerts(summary?.alerts ?? []))
    this.furthest = this.replayer.createStart()
    this.checkpoints = new CheckpointKeeper(this.replayer, this.furthest)
  }

  /**
   * Loads states of the same session that the live monitor computed, oldest first, with its alerts and their repetitions.
   * A recording that begins in the middle of a session then need not be replayed from its own beginning.
   */
  loadStates(
    monitors: readonly MonitorState[],
    alerts: readonly Alert[],
    repeated: readonly TimelineEvent[] = [],
  ): void {
    const states = monitors.flatMap(monitor => this.findState(monitor) ?? [])
    if (states.length > 0 && states.length < monitors.length) {
      // the first samples of the recording lack what the session knew before them
      const start = this.replayer.createStart()
      const history = { ...start.monitor.history, knownSince: this.begin }
      this.checkpoints.restart({ ...start, monitor: { ...start.monitor, history }, exact: false })
      this.exactFrom = states[0]!.monitor.history.time
    }
    for (const state of states) this.checkpoints.addCheckpoint(state)
    this.eventLog.loadEvents(alerts, monitors.at(-1)?.history.mark ?? [], repeated)
    this.furthest = states.at(-1) ?? this.furthest
    // the recording may hold a sample that was not replayed yet
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

  /** Session time of the first and the last known sample, in ms. */
  get begin(): number {
    return this.file.recording.parts[0]!.begin
  }

  get end(): number {
    this.cachedEnd ??= this.file.recording.parts.at(-1)!.summary?.end ?? this.replayer.findLastTime() ?? this.begin
    return Math.max(this.begin, this.furthest.monitor.history.time, this.cachedEnd)
  }

  /** Session time at which the first sample was complete, in ms. */
  get firstSampleTime(): number {
    this.cachedFirstTime ??= this.replayer.findNextTime(this.replayer.createStart()) ?? this.begin
    return this.cachedFirstTime
  }

  /** Share of the recording that has been replayed, 0 to 1. */
  get progress(): number {
    if (this.isComplete) return 1
    const { history } = this.furthest.monitor
    return Math.min(0.99, Math.max(0, (history.time - this.begin) / Math.max(1, this.end - this.begin)))
  }

  /** Returns whether every state up to `time` is exact or can be. */
  isExactUntil(time: number): boolean {
    return time >= this.exactFrom && (this.isComplete || this.furthest.monitor.history.time > time)
  }

  /** Returns whether the alerts of a state are known: it was replayed from the beginning, or summaries hold them. */
  areAlertsKnown({ exact, part }: PlaybackState): boolean {
    return exact || part < findUnsummarizedPart(this.file.recording)
  }

  /** Session time up to which every event is known, in ms. */
  get eventsKnownUntil(): number {
    const { begin = Number.POSITIVE_INFINITY } =
      this.file.recording.parts[findUnsummarizedPart(this.file.recording)] ?? {}
    if (this.isComplete) return Number.POSITIVE_INFINITY
    const { time } = this.furthest.monitor.history
    return Math.max(time, Math.min(begin, this.eventLog.findRepetitions(this.replayer, time)))
  }

  /** Known damage of the recording, and what the timeline leaves out, in words. */
  get problems(): readonly string[] {
    return [...this.file.recording.problems, ...this.eventLog.damagedParts, ...this.eventLog.describeLeftOut()]
  }

  /** Returns the known events: those replayed, and for the rest those in the summaries of the parts. */
  listEvents(): readonly TimelineEvent[] {
    const from = this.isComplete ? Number.POSITIVE_INFINITY : this.furthest.monitor.history.time
    return this.eventLog.listEvents(this.replayer, from)
  }

  /** Returns the state after the last sample complete at `time`: exact if a known exact state is near. */
  seek(time: number, near?: PlaybackState): PlaybackState {
    const start = this.findNearest(time, near)
    if (this.isNear(start, time)) return this.replayUntil(start, time)
    const approximate =
      near && !near.exact && near.monitor.history.time <= time && this.isNear(near, time) ? near : undefined
    return this.replayUntil(approximate ?? this.replayer.approximateAt(time), time)
  }

  /** Replays towards the exact state at `time` while `shouldContinue` allows. Returns that state once it is reached. */
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

  /** Returns the exact state at `time`, however long that takes. */
  seekExact(time: number): PlaybackState {
    return this.seekTowards(time, () => true)!
  }

  /** Replays all samples complete at `time`, at most `maxSamples`. */
  replayUntil(from: PlaybackState, time: number, maxSamples = Number.POSITIVE_INFINITY): PlaybackState {
    let state = from
    for (let i = 0; i < maxSamples; i++) {
      const next = this.replayer.findNextTime(state)
      if (next === undefined || next > time) break
      state = this.stepForward(state)
    }
    return state
  }

  /** Replays in the background while `shouldContinue` allows. Returns whether there is more to replay. */
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

  /** Checks whether the file has grown, and returns what happened to it. */
  refresh(): FileChange {
    const change = this.file.refresh()
    if (change !== 'grown') return change
    this.replayer.replaceRecording(this.file.recording)
    this.isComplete = false
    this.cachedEnd = undefined
    return change
  }

  private updateCheckpoints(before: PlaybackState): void {
    const { part, monitor } = this.furthest
    this.eventLog.addChanges(before.monitor, monitor)
    if (part !== before.part) this.eventLog.checkForDamage(this.replayer, before.part, part)
    this.checkpoints.noteBackgroundStep(before, this.furthest)
  }

  private stepForward(state: PlaybackState): PlaybackState {
    const next = this.replayer.stepForward(state)
    if (next.exact) this.checkpoints.noteSeekStep(state, next)
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
