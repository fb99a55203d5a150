// Keeps the parts of a recording that were decoded last, as far as memory allows.
import type { RecordingPart } from '../recording/part.ts'
import type { PartReader } from '../recording/part-reader.ts'
import type { Recording } from '../recording/recording.ts'

const MAX_PARTS = 3
/** Readings in all of them: each takes some 300 bytes. */
const MAX_READINGS = 500_000

/** Parts by their number, each decoded as far as was needed. */
export class PartCache {
  private recording: Recording
  private readonly readers = new Map<number, PartReader>()
  private readonly damaged = new Set<number>()

  constructor(recording: Recording) {
    this.recording = recording
  }

  /** Returns a part that is decoded to its end. */
  readWhole(i: number): RecordingPart {
    return this.readWhile(i, () => true)
  }

  /** Returns a part that is decoded at least as far as `needsMore` asks, with its keyframe. */
  readWhile(i: number, needsMore: (part: RecordingPart) => boolean): RecordingPart {
    const reader = this.open(i)
    if (reader.isComplete) return reader.part
    reader.decodeWhile(needsMore)
    if (reader.isComplete) this.keep(i, reader)
    return reader.part
  }

  /** Handles a recording that has grown: its last part may be longer now. */
  replaceRecording(recording: Recording): void {
    const last = this.recording.parts.length - 1
    this.readers.delete(last)
    this.damaged.delete(last)
    this.recording = recording
  }

  /** Describes the problems of the recording and of the parts read so far. */
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

  private open(i: number): PartReader {
    const known = this.readers.get(i)
    if (known) return known
    const reader = this.recording.openPart(i)
    this.keep(i, reader)
    return reader
  }

  private keep(i: number, reader: PartReader): void {
    if (reader.part.problem !== undefined) this.damaged.add(i)
    this.readers.delete(i)
    this.readers.set(i, reader)
    this.dropOldest()
  }

  // The newest is always kept: it is being read.
  private dropOldest(): void {
    let readings = 0
    for (const { part } of this.readers.values()) readings += part.readings.length
    for (const [number, { part }] of this.readers) {
      const isWithin = this.readers.size <= MAX_PARTS && readings <= MAX_READINGS
      if (isWithin || this.readers.size === 1) return
      this.readers.delete(number)
      readings -= part.readings.length
    }
  }
}
