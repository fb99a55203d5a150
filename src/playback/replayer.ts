// Moments of a tape: a place in it and what is known there. Folded forward look by look, entered at any part.
import type { RecordingHeader } from '../collectors/collector.ts'
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
import { buildAlertsAt } from '../recording/summary-builder.ts'

/** Milliseconds that a moment known from nearby only looks back, at least where its part does. */
const LOOK_BACK = 120_000

/** What is known when the first `read` readings of `part` have been folded. */
export interface PlaybackState {
  readonly part: number
  readonly read: number
  readonly monitor: MonitorState
  /** folded from the beginning of the tape; else only from a keyframe nearby, with alerts as they were noted */
  readonly exact: boolean
}

/** Folds readings of a tape. Remembers the parts it read last. */
export class Replayer {
  recording: Recording
  thresholds: Thresholds
  /** alerts as the tape's summaries noted them: for moments that are not exact */
  summaryAlerts: readonly Alert[] = []
  private readonly decodedParts = new Map<number, RecordingPart>()
  private readonly damaged = new Set<number>()

  constructor(recording: Recording, thresholds: Thresholds) {
    this.recording = recording
    this.thresholds = thresholds
  }

  /** A part, decoded. */
  readPart(i: number): RecordingPart {
    const known = this.decodedParts.get(i)
    if (known) return known
    const part = this.recording.readPart(i)
    if (part.problem !== undefined) this.damaged.add(i)
    if (this.decodedParts.size >= 3) this.decodedParts.delete(this.decodedParts.keys().next().value!)
    this.decodedParts.set(i, part)
    return part
  }

  /** What is wrong with the tape, and with the parts of it that have been read so far, in words. */
  describeDamage(): readonly string[] {
    const { problems, parts } = this.recording
    const numbers = [...this.damaged].sort((a, b) => a - b).map(i => i + 1)
    if (numbers.length === 0) return problems
    const subject =
      numbers.length === 1
        ? `part ${numbers[0]} of ${parts.length} is`
        : `${numbers.length} of ${parts.length} parts are`
    return [...problems, `${subject} damaged, and not read to the end`]
  }

  /** The part that a session time is in. */
  findPart(time: number): number {
    const last = this.recording.parts.findLastIndex(({ begin }) => begin <= time)
    return Math.max(0, last)
  }

  /** Session time of the last reading that can be read: of a recorder that was killed only its last part tells. */
  findLastTime(): number | undefined {
    for (let i = this.recording.parts.length - 1; i >= 0; i--) {
      const time = this.readPart(i).readings.at(-1)?.time
      if (time !== undefined) return time
    }
    return undefined
  }

  /** The tape has grown: what was its last part may hold more now. */
  replaceRecording(recording: Recording): void {
    this.decodedParts.delete(this.recording.parts.length - 1)
    this.damaged.delete(this.recording.parts.length - 1)
    this.recording = recording
  }

  /** Before everything. */
  createStart(): PlaybackState {
    return { part: 0, read: 0, monitor: createMonitorState(this.recording.session), exact: true }
  }

  /** Readings of a part that stand in looks that were over at `time`. */
  countReadingsUntil(part: number, time: number): number {
    const { readings, sampleEnds } = this.readPart(part)
    return sampleEnds.findLast(end => readings[end - 1]!.time <= time) ?? 0
  }

  /** Looks of a part within its first `read` readings. */
  countSamples(part: number, readingCount: number): number {
    return this.readPart(part).sampleEnds.filter(end => end <= readingCount).length
  }

  /**
   * A moment somewhat before `time`, knowing only what was written from the keyframe before it on: what the files said then,
   * and the log.
   */
  approximateAt(time: number): PlaybackState {
    const until = time - LOOK_BACK
    const last = this.findPart(time)
    const part = last > 0 && this.findPart(until) < last && this.isSameBootAsPrevious(last) ? last - 1 : last
    const { keyframe, readings } = this.readPart(part)
    const read = this.countReadingsUntil(part, until)
    const latestFiles = new LatestFiles()
    const before = [...keyframe, ...readings.slice(0, read)]
    for (const reading of before) latestFiles.addReading(reading)
    const eventReadings = before.filter(({ collector }) => LatestFiles.isEvent(collector))
    const initial = { part, read, monitor: createMonitorState(this.getSession(part)), exact: false }
    return {
      ...initial,
      monitor: this.applyReadings(initial, [...expandKeyframe(latestFiles.buildKeyframe()), ...eventReadings]),
    }
  }

  /** Session time of the look that comes next; undefined at the end of the tape. */
  findNextTime(state: PlaybackState): number | undefined {
    const position = this.advanceToSample(state)
    if (!position) return undefined
    return this.readPart(position.part).readings[this.findNextEnd(position)! - 1]?.time
  }

  /** One look further; the same moment at the end of the tape. */
  stepForward(state: PlaybackState): PlaybackState {
    const position = this.advanceToSample(state)
    if (!position) return state
    const read = this.findNextEnd(position)!
    const sampleReadings = this.readPart(position.part).readings.slice(position.read, read)
    return { ...position, read, monitor: this.applyReadings(position, sampleReadings) }
  }

  /** Where the next look ends, in readings. A look may have been longer than it was when it was read. */
  private findNextEnd({ part, read }: PlaybackState): number | undefined {
    const { sampleEnds } = this.readPart(part)
    let [low, high] = [0, sampleEnds.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sampleEnds[middle]! <= read) low = middle + 1
      else high = middle
    }
    return sampleEnds[low]
  }

  // Over the end of a part to the next one that holds a look.
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

  /** Whose clocks and kernel a part tells of. */
  getSession(part: number): RecordingHeader {
    return this.readPart(part).session ?? this.recording.session
  }

  /** Whether a part is of the same boot as the one before it. */
  private isSameBootAsPrevious(part: number): boolean {
    return !this.recording.parts[part]!.afterGap || isSameBoot(this.getSession(part - 1), this.getSession(part))
  }

  /** What must be folded before a part's own readings: nothing, unless it begins the tape or something before it is lost. */
  getPreamble(part: number): readonly Reading[] {
    const { keyframe } = this.readPart(part)
    if (part === 0 || !this.isSameBootAsPrevious(part)) return expandKeyframe(keyframe)
    if (this.isContiguous(part)) return []
    const latestFiles = this.collectFilesBefore(part)
    return keyframe.map(reading => latestFiles.computeDelta(reading))
  }

  /** Whether nothing is lost between a part and the one before it. */
  isContiguous(part: number): boolean {
    return part > 0 && !this.recording.parts[part]!.afterGap && this.readPart(part - 1).problem === undefined
  }

  private collectFilesBefore(part: number): LatestFiles {
    const latestFiles = new LatestFiles()
    let last = part - 1
    while (last > 0 && this.readPart(last).readings.length === 0 && this.readPart(last).keyframe.length === 0) last--
    const { keyframe, readings } = this.readPart(last)
    for (const reading of [...keyframe, ...readings]) latestFiles.addReading(reading)
    return latestFiles
  }

  private applyReadings({ monitor, exact }: PlaybackState, readings: readonly Reading[]): MonitorState {
    if (exact) return readings.reduce((state, reading) => applyReading(state, reading, this.thresholds), monitor)
    const history = readings.reduce(appendReading, monitor.history)
    return { history, alerts: buildAlertsAt(this.summaryAlerts, history.time) }
  }
}
