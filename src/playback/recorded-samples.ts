// The looks of a tape, in order, part by part: for who goes through a whole recording once.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { applyReading, type MonitorState, switchSession } from '../detectors/monitor-state.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import { expandKeyframe } from '../recording/latest-files.ts'
import type { RecordingPart } from '../recording/part.ts'
import type { Replayer } from './replayer.ts'

/** One look, with what must be folded before it where a part begins anew. */
export interface RecordedSample {
  readonly part: number
  /** whose clocks and kernel it tells of */
  readonly session: RecordingHeader
  /** keyframe readings: at the beginning of the tape, and after what is lost */
  readonly preamble: readonly Reading[]
  readonly readings: readonly Reading[]
  /** session time at which it was over */
  readonly time: number
}

/** Where to go through a tape. */
export interface SampleRange {
  /** the part to enter at, as if nothing had been before it */
  readonly from?: number
  /** session time of the last look */
  readonly end?: number
  /** is told of each part before its looks */
  readonly onPart?: (part: RecordingPart, number: number) => void
}

/** Every look in order. Holds few parts at a time, whatever the recording's length. */
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

/** The watch after one more look. */
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

/** The history after one more look; before the first there is none. */
export function appendSample(history: History | undefined, { session, preamble, readings }: RecordedSample): History {
  const before = history ? switchSession({ history, alerts: [] }, session).history : createHistory(session)
  return [...preamble, ...readings].reduce(appendReading, before)
}
