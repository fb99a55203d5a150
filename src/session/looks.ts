// The looks of a tape, in order, part by part: for who goes through a whole recording once.
import type { Reading } from '../history.ts'
import type { Part } from '../sources/kmem/part.ts'
import { Texts } from '../sources/kmem/texts.ts'
import type { Folder } from './moments.ts'

/** One look, with what must be folded before it where a part begins anew. */
export interface TapeLook {
  readonly part: number
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
    const bridge = part === from ? keyframe.map(reading => new Texts().bridge(reading)) : folder.bridge(part)
    lead = [...lead, ...bridge]
    for (const [i, until] of looks.entries()) {
      const came = readings.slice(looks[i - 1] ?? 0, until)
      const { time } = came.at(-1)!
      if (time > end) return
      yield { part, lead, readings: came, time }
      lead = []
    }
  }
}

/** The part that a session time is in. */
export const partAt = (folder: Folder, time: number): number =>
  Math.max(
    0,
    folder.tape.parts.findLastIndex(({ begin }) => begin <= time),
  )
