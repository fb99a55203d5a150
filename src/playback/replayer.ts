// Playback states of a recording: a position and what is known there. Replays sample by sample, and can start at any part.
import type { SessionClock } from '../base/wall-time.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { readSteps } from '../collectors/wall-clock.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import {
  applyReading,
  createMonitorState,
  isSameBoot,
  type MonitorState,
  switchSession,
} from '../detectors/monitor-state.ts'
import { appendReading, type Reading } from '../history.ts'
import { expandKeyframe, LatestFiles } from '../recording/latest-files.ts'
import type { RecordingPart } from '../recording/part.ts'
import type { Recording } from '../recording/recording.ts'
import { PartCache } from './part-cache.ts'
import { listSummaryAlerts } from './summary-alerts-at.ts'

/** Milliseconds before its time at which an inexact state starts, if its part reaches back that far. */
const LOOK_BACK = 120_000

/** The state after the first `read` readings of `part`. */
export interface PlaybackState {
  readonly part: number
  readonly read: number
  readonly monitor: MonitorState
  /** true: replayed from the start of the recording; false: only from a keyframe nearby, with the alerts of the summaries */
  readonly exact: boolean
}

/** Replays a recording. Caches the parts that it read last. */
export class Replayer {
  recording: Recording
  thresholds: Thresholds
  /** alerts of the summaries, for states that are not exact */
  summaryAlerts: readonly Alert[] = []
  private readonly partCache: PartCache

  constructor(recording: Recording, thresholds: Thresholds) {
    this.recording = recording
    this.thresholds = thresholds
    this.partCache = new PartCache(recording)
  }

  /** Returns a decoded part. */
  readPart(i: number): RecordingPart {
    return this.partCache.readWhole(i)
  }

  /** Returns a part of which at least header and keyframe are decoded. */
  private readBeginning(i: number): RecordingPart {
    return this.partCache.readWhile(i, () => false)
  }

  /** Describes the problems of the recording and of the parts read so far. */
  describeDamage(): readonly string[] {
    return this.partCache.describeDamage()
  }

  /** Returns the part that contains a session time. */
  findPart(time: number): number {
    const last = this.recording.parts.findLastIndex(({ begin }) => begin <= time)
    return Math.max(0, last)
  }

  /** Returns the session time of the last reading; if the recorder was killed, only the last part contains it. */
  findLastTime(): number | undefined {
    for (let i = this.recording.parts.length - 1; i >= 0; i--) {
      const time = this.readPart(i).readings.at(-1)?.time
      if (time !== undefined) return time
    }
    return undefined
  }

  /** The wall clock of the session, with where it was set: each part has all steps before it. */
  readClock(): SessionClock {
    const { session, parts } = this.recording
    const last = this.readPart(parts.length - 1)
    const reading = [...last.keyframe, ...last.readings].findLast(({ collector }) => collector === 'clock')
    return { wallClock: session.wallClock, clockSteps: reading && readSteps(reading, last.session ?? session) }
  }

  /** Handles a recording that has grown: its last part may be longer now. */
  replaceRecording(recording: Recording): void {
    this.partCache.replaceRecording(recording)
    this.recording = recording
  }

  /** Returns the state before the first reading. */
  createStart(): PlaybackState {
    return { part: 0, read: 0, monitor: createMonitorState(this.recording.session), exact: true }
  }

  /** Returns the number of readings of a part in samples that were complete at `time`. */
  countReadingsUntil(part: number, time: number): number {
    const isBefore = ({ readings, sampleEnds }: RecordingPart): boolean =>
      sampleEnds.length === 0 || readings[sampleEnds.at(-1)! - 1]!.time <= time
    const { readings, sampleEnds } = this.partCache.readWhile(part, isBefore)
    return sampleEnds.findLast(end => readings[end - 1]!.time <= time) ?? 0
  }

  /** Returns the number of samples within the first `read` readings of a part. */
  countSamples(part: number, readingCount: number): number {
    const needsMore = ({ sampleEnds }: RecordingPart): boolean => (sampleEnds.at(-1) ?? 0) < readingCount
    return this.partCache.readWhile(part, needsMore).sampleEnds.filter(end => end <= readingCount).length
  }

  /**
   * Returns an inexact state shortly before `time` that knows only what follows the previous keyframe: the texts of the files and
   * the log.
   */
  approximateAt(time: number): PlaybackState {
    const until = time - LOOK_BACK
    const last = this.findPart(time)
    const part = last > 0 && this.findPart(until) < last && this.isSameBootAsPrevious(last) ? last - 1 : last
    const read = this.countReadingsUntil(part, until)
    const { keyframe, readings } = this.readBeginning(part)
    const latestFiles = new LatestFiles(false)
    const before = [...keyframe, ...readings.slice(0, read)]
    for (const reading of before) latestFiles.addReading(reading)
    const eventReadings = before.filter(({ collector }) => LatestFiles.isEvent(collector))
    const { alerts, history } = createMonitorState(this.getSession(part))
    const knownSince = before.length === 0 || (part === 0 && read === 0) ? {} : { knownSince: before.at(-1)!.time }
    const initial = { part, read, monitor: { alerts, history: { ...history, ...knownSince } }, exact: false }
    const files = [...expandKeyframe(latestFiles.buildKeyframe()), ...eventReadings]
    return { ...initial, monitor: this.applyReadings(initial, files) }
  }

  /** Returns the session time of the next sample; undefined at the end of the recording. */
  findNextTime(state: PlaybackState): number | undefined {
    const position = this.advanceToSample(state)
    if (!position) return undefined
    const end = this.findNextEnd(position)!
    return this.readBeginning(position.part).readings[end - 1]?.time
  }

  /** Returns the state one sample later; the same state at the end of the recording. */
  stepForward(state: PlaybackState): PlaybackState {
    const position = this.advanceToSample(state)
    if (!position) return state
    const read = this.findNextEnd(position)!
    const sampleReadings = this.readBeginning(position.part).readings.slice(position.read, read)
    return { ...position, read, monitor: this.applyReadings(position, sampleReadings) }
  }

  /** Returns where the next sample ends, in readings. A sample may have grown since it was read. */
  private findNextEnd({ part, read }: PlaybackState): number | undefined {
    const isBefore = ({ sampleEnds }: RecordingPart): boolean => (sampleEnds.at(-1) ?? 0) <= read
    const { sampleEnds } = this.partCache.readWhile(part, isBefore)
    let [low, high] = [0, sampleEnds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sampleEnds[middle]! <= read) low = middle + 1
      else high = middle
    }
    return sampleEnds[low]
  }

  // Advances over the end of a part to the next one with a sample.
  private advanceToSample(state: PlaybackState): PlaybackState | undefined {
    let position = state
    while (this.findNextEnd(position) === undefined) {
      if (position.part + 1 >= this.recording.parts.length) return undefined
      position = this.enterPart(position, position.part + 1)
    }
    return position.part === 0 && position.read === 0 ? this.enterPart(position, 0) : position
  }

  private enterPart({ monitor, exact }: PlaybackState, part: number): PlaybackState {
    const position = { part, read: 0, monitor: switchSession(monitor, this.getSession(part)), exact }
    return { ...position, monitor: this.applyReadings(position, this.getPreamble(part)) }
  }

  /** Returns the session of a part. */
  getSession(part: number): RecordingHeader {
    return this.readBeginning(part).session ?? this.recording.session
  }

  /** Returns whether a part belongs to the same boot as the previous one. */
  private isSameBootAsPrevious(part: number): boolean {
    return !this.recording.parts[part]!.afterGap || isSameBoot(this.getSession(part - 1), this.getSession(part))
  }

  /** Returns the keyframe to apply before the readings of a part: none, unless it is the first part or follows a loss. */
  getPreamble(part: number): readonly Reading[] {
    const { keyframe } = this.readBeginning(part)
    if (part === 0 || !this.isSameBootAsPrevious(part)) return expandKeyframe(keyframe)
    if (this.isContiguous(part)) return []
    const latestFiles = this.collectFilesBefore(part)
    return keyframe.map(reading => latestFiles.computeDelta(reading))
  }

  /** Returns whether nothing is lost between a part and the previous one. */
  isContiguous(part: number): boolean {
    return part > 0 && !this.recording.parts[part]!.afterGap && this.readPart(part - 1).problem === undefined
  }

  private collectFilesBefore(part: number): LatestFiles {
    const latestFiles = new LatestFiles(false)
    let last = part - 1
    while (last > 0 && this.readPart(last).readings.length === 0 && this.readPart(last).keyframe.length === 0) last--
    const { keyframe, readings } = this.readPart(last)
    for (const reading of [...keyframe, ...readings]) latestFiles.addReading(reading)
    return latestFiles
  }

  private applyReadings({ monitor, exact }: PlaybackState, readings: readonly Reading[]): MonitorState {
    if (exact) return readings.reduce((state, reading) => applyReading(state, reading, this.thresholds), monitor)
    const history = readings.reduce(appendReading, monitor.history)
    return { history, alerts: listSummaryAlerts(this.summaryAlerts, history) }
  }
}
