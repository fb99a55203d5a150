// Counts what a recording contains, reading by reading. Sizes are those of the kernel's texts, before compression.

import { collectorIds } from '../collectors/index.ts'
import { cutLabel } from '../collectors/mark.ts'
import type { Reading } from '../history.ts'

/** Totals of one collector. */
export interface CollectorTotals {
  readonly collector: string
  readonly readings: number
  /** bytes of text */
  readonly bytes: number
  /** readings that failed */
  readonly errors: number
}

/** A time without samples, in session milliseconds. */
export interface RecordingGap {
  readonly from: number
  readonly until: number
}

interface Tally {
  readings: number
  bytes: number
  errors: number
}

/** Counts a recording, sample by sample. */
export class Inventory {
  sampleCount = 0
  /** session time of the first and the last sample */
  first: number | undefined
  last: number | undefined
  readonly gaps: RecordingGap[] = []
  readonly marks: { readonly time: number; readonly text: string }[] = []
  private readonly tallies = new Map<string, Tally>()
  private readonly maxInterval: number

  /** @param interval milliseconds between two samples, from the header */
  constructor(interval: number) {
    this.maxInterval = 3 * interval + 2000
  }

  addSample(time: number, readings: readonly Reading[]): void {
    if (this.last !== undefined && time - this.last > this.maxInterval) this.gaps.push({ from: this.last, until: time })
    this.sampleCount++
    this.first ??= time
    this.last = time
    for (const reading of readings) this.addReading(reading)
  }

  /** Lists totals in the order of the collector table; unknown collectors, of later versions, come last. */
  listTotals(): readonly CollectorTotals[] {
    const getRank = (id: string): number => (collectorIds as readonly string[]).indexOf(id) >>> 0
    return [...this.tallies]
      .map(([collector, tally]) => ({ collector, ...tally }))
      .sort((a, b) => getRank(a.collector) - getRank(b.collector))
  }

  private addReading({ time, collector, files, error }: Reading): void {
    const tally = this.tallies.get(collector) ?? { readings: 0, bytes: 0, errors: 0 }
    this.tallies.set(collector, tally)
    tally.readings++
    for (const text of Object.values(files)) tally.bytes += text?.length ?? 0
    if (error !== undefined) tally.errors++
    if (collector === 'mark' && files.text) this.marks.push({ time, text: cutLabel(files.text) })
  }
}
