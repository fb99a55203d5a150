// Inventory: what is inside a recording, counted reading by reading. Sizes are of the kernel's texts, not of what they are packed to.
import { collectorIds } from '../collectors/index.ts'
import type { Reading } from '../history.ts'

/** What one collector left. */
export interface Share {
  readonly collector: string
  readonly readings: number
  /** bytes of text */
  readonly bytes: number
  /** looks that the kernel refused */
  readonly errors: number
}

/** A time without a look, session milliseconds. */
export interface Gap {
  readonly from: number
  readonly until: number
}

interface Tally {
  readings: number
  bytes: number
  errors: number
}

/** Counts a recording, look by look. */
export class Inventory {
  looks = 0
  /** session time of the first and the last look */
  first: number | undefined
  last: number | undefined
  readonly gaps: Gap[] = []
  readonly marks: { readonly time: number; readonly text: string }[] = []
  private readonly tallies = new Map<string, Tally>()
  private readonly longest: number

  /** @param interval milliseconds between two looks, as the header tells */
  constructor(interval: number) {
    this.longest = 3 * interval + 2000
  }

  look(time: number, readings: readonly Reading[]): void {
    if (this.last !== undefined && time - this.last > this.longest) this.gaps.push({ from: this.last, until: time })
    this.looks++
    this.first ??= time
    this.last = time
    for (const reading of readings) this.take(reading)
  }

  /** In the order of the table of collectors; those of later versions after them. */
  shares(): readonly Share[] {
    const rank = (id: string): number => (collectorIds as readonly string[]).indexOf(id) >>> 0
    return [...this.tallies]
      .map(([collector, tally]) => ({ collector, ...tally }))
      .sort((a, b) => rank(a.collector) - rank(b.collector))
  }

  private take({ time, collector, files, error }: Reading): void {
    const tally = this.tallies.get(collector) ?? { readings: 0, bytes: 0, errors: 0 }
    this.tallies.set(collector, tally)
    tally.readings++
    for (const text of Object.values(files)) tally.bytes += text?.length ?? 0
    if (error !== undefined) tally.errors++
    if (collector === 'mark' && files.text) this.marks.push({ time, text: files.text })
  }
}
