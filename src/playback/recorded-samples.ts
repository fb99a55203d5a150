// Reads the samples of a recording in order, part by part, for a single pass over the whole recording.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { applyReading, type MonitorState, switchSession } from '../detectors/monitor-state.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import { expandKeyframe } from '../recording/latest-files.ts'
import type { RecordingPart } from '../recording/part.ts'
import type { Replayer } from './replayer.ts'

/** One sample, with the keyframe to apply before it if the recording starts or continues after a loss. */
export interface RecordedSample {
  readonly part: number
  /** the session it belongs to */
  readonly session: RecordingHeader
  /** keyframe readings: at the start of the recording, and after a loss */
  readonly preamble: readonly Reading[]
  readonly readings: readonly Reading[]
  /** session time at which it was complete */
  readonly time: number
}

/** The range to read. */
export interface SampleRange {
  /** the first part, read as if nothing preceded it */
  readonly from?: number
  /** session time of the last sample */
  readonly end?: number
  /** called for each part before its samples */
  readonly onPart?: (part: RecordingPart, number: number) => void
}

/** Yields every sample in order. Keeps few parts in memory, however long the recording is. */
export function* readSamples(replayer: Replayer, range: SampleRange = {}): Generator<RecordedSample> {
  const { from = 0, end = Number.POSITIVE_INFINITY, onPart } = range
  let preamble: readonly Reading[] = []
  for (let part = from; part < replayer.recording.parts.length; part++) {
    const { keyframe, readings, sampleEnds } = replayer.readPart(part)
    onPart?.(replayer.readPart(part), part)
    const partPreamble = part === from ? expandKeyframe(keyframe) : replayer.getPreamble(part)
    preamble = [...preamble, ...partPreamble]
    for (const [i, until] of sampleEnds.entries()) {
      const sampleReadings = readings.slice(sampleEnds[i - 1] ?? 0, until)
      const { time } = sampleReadings.at(-1)!
      if (time > end) return
      yield { part, session: replayer.getSession(part), preamble, readings: sampleReadings, time }
      preamble = []
    }
  }
}

/** Returns the monitor state after one more sample. */
export function applySample(
  monitor: MonitorState,
  { session, preamble, readings }: RecordedSample,
  thresholds: Thresholds,
): MonitorState {
  return [...preamble, ...readings].reduce(
    (state, reading) => applyReading(state, reading, thresholds),
    switchSession(monitor, session),
  )
}

/** Returns the history after one more sample. Before the first there is none. */
export function appendSample(history: History | undefined, { session, preamble, readings }: RecordedSample): History {
  const before = history ? switchSession({ history, alerts: [] }, session).history : createHistory(session)
  return [...preamble, ...readings].reduce(appendReading, before)
}
