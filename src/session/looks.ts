// The looks of a tape, in order, part by part: for who goes through a whole recording once.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Thresholds } from '../detectors/index.ts'
import { switchSession, applyReading, type MonitorState } from '../detectors/watch.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import type { Part } from '../sources/kmem/part.ts'
import { asReadings } from '../sources/kmem/texts.ts'
import type { Folder } from './moments.ts'

/** One look, with what must be folded before it where a part begins anew. */
export interface TapeLook {
  readonly part: number
  /** whose clocks and kernel it tells of */
  readonly session: RecordingHeader
  /** keyframe readings: at the beginning of the tape, and after what is lost */
  readonly lead: readonly Reading[]
  readonly readings: readonly Reading[]
  /** session time at which it was over */
  readonly time: number
}

/** Where to go through a tape. */
export interface Through {
  /** the part to enter at, as if nothing had been before it */
  readonly from?: number
  /** session time of the last look */
  readonly end?: number
  /** is told of each part before its looks */
  readonly entered?: (part: Part, number: number) => void
}

/** Every look in order. Holds few parts at a time, whatever the recording's length. */
export function* looksOf(folder: Folder, through: Through = {}): Generator<TapeLook> {
  const { from = 0, end = Number.POSITIVE_INFINITY, entered } = through
  let lead: readonly Reading[] = []
  for (let part = from; part < folder.tape.parts.length; part++) {
    const { keyframe, readings, looks } = folder.part(part)
    entered?.(folder.part(part), part)
    const bridge = part === from ? asReadings(keyframe) : folder.bridge(part)
    lead = [...lead, ...bridge]
    for (const [i, until] of looks.entries()) {
      const came = readings.slice(looks[i - 1] ?? 0, until)
      const { time } = came.at(-1)!
      if (time > end) return
      yield { part, session: folder.sessionOf(part), lead, readings: came, time }
      lead = []
    }
  }
}

/** The watch after one more look. */
export function seeLook(watch: MonitorState, { session, lead, readings }: TapeLook, thresholds: Thresholds): MonitorState {
  return [...lead, ...readings].reduce((seen, reading) => applyReading(seen, reading, thresholds), switchSession(watch, session))
}

/** The history after one more look; before the first there is none. */
export function appendLook(history: History | undefined, { session, lead, readings }: TapeLook): History {
  const before = history ? switchSession({ history, alerts: [] }, session).history : createHistory(session)
  return [...lead, ...readings].reduce(appendReading, before)
}
