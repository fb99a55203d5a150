// A part of a recording: one data frame, decoded.
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'

/** The first line of a part: its session, and the session time at which it begins. */
export interface PartHeader {
  readonly session: RecordingHeader
  readonly begin: number
}

/** The contents of a frame: the keyframe, and the other readings in their order. */
export interface RecordingPart {
  /** undefined: the frame does not begin with a header */
  readonly session: RecordingHeader | undefined
  /** session time of the header */
  readonly begin: number
  readonly keyframe: readonly Reading[]
  readonly readings: readonly Reading[]
  /** ends of the samples, as numbers of readings */
  readonly sampleEnds: readonly number[]
  /** length of its text, as far as it was read */
  readonly bytes: number
  /** what is wrong with it */
  readonly problem?: string
}
