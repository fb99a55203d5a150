// Keeps the parts of a recording that were decoded last, as far as memory allows.
import type { RecordingPart } from '../recording/part.ts'

const MAX_PARTS = 3
/** Readings in all of them: each takes some 300 bytes. */
const MAX_READINGS = 500_000

/** Decoded parts by their number. */
export class PartCache {
  private readonly parts = new Map<number, RecordingPart>()

  get(i: number): RecordingPart | undefined {
    return this.parts.get(i)
  }

  /** Adds a part, and drops the oldest. The added one is always kept: it is being read. */
  set(i: number, part: RecordingPart): void {
    this.parts.set(i, part)
    let readings = 0
    for (const other of this.parts.values()) readings += other.readings.length
    for (const [number, other] of this.parts) {
      const isWithin = this.parts.size <= MAX_PARTS && readings <= MAX_READINGS
      if (isWithin || this.parts.size === 1) return
      this.parts.delete(number)
      readings -= other.readings.length
    }
  }

  delete(i: number): void {
    this.parts.delete(i)
  }
}
