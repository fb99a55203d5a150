// Crash records of pstore in one text. `cat /sys/fs/pstore/*` gives the newest part first, and parts may overlap: put in the order
// of time before they are read.
import { MiB } from '../../../base/units.ts'
import type { LineSink } from '../lines/line-finder.ts'

// Panic#1 Part2        Oops#3 Part1         fs/pstore/platform.c: reason, number of the dump, part: the first has the newest lines
const PART = /^(\w{1,32}#\d{1,9}) Part(\d{1,9})\r*$/
const MAX_BYTES = 16 * MiB
const MAX_OVERLAP = 2000 // lines

interface NumberedLine {
  readonly bytes: string
  readonly number: number
}

interface CrashPart {
  readonly dump: string
  readonly part: number
  readonly lines: NumberedLine[]
}

/** True for the first characters of a text in which a newer part of a crash record is before an older one. */
export function hasPartsNewestFirst(head: string): boolean {
  const last = new Map<string, number>()
  for (const line of head.split('\n')) {
    const [, dump, part] = PART.exec(line) ?? []
    if (dump === undefined) continue
    if (Number(part) > (last.get(dump) ?? Number.POSITIVE_INFINITY)) return true
    last.set(dump, Number(part))
  }
  return false
}

/** Holds the parts, and gives on their lines in the order of time when the text is over. */
export class CrashParts implements LineSink {
  readonly needsEveryLine = true
  private readonly parts: CrashPart[] = []
  private bytes = 0
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  consumeLine(bytes: string, number: number): void {
    const [, dump, part] = PART.exec(bytes) ?? []
    const isFull = this.bytes > MAX_BYTES
    if (dump !== undefined && !isFull) this.parts.push({ dump, part: Number(part), lines: [] })
    const last = this.parts.at(-1)
    if (!last || isFull) {
      this.flush()
      this.sink.consumeLine(bytes, number)
      return
    }
    this.bytes += bytes.length
    if (dump === undefined) last.lines.push({ bytes, number })
  }

  finishText(): void {
    this.flush()
    this.sink.finishText()
  }

  private flush(): void {
    const dumps = Map.groupBy(this.parts.splice(0), ({ dump }) => dump)
    for (const parts of dumps.values()) {
      let before: readonly NumberedLine[] = []
      for (const { lines } of parts.toSorted((a, b) => b.part - a.part)) {
        for (const { bytes, number } of lines.slice(countOverlap(before, lines))) this.sink.consumeLine(bytes, number)
        before = lines
      }
    }
  }
}

// Lines at the beginning of a part that are the last ones of the part before it.
function countOverlap(before: readonly NumberedLine[], lines: readonly NumberedLine[]): number {
  const first = lines[0]?.bytes
  for (let count = Math.min(before.length, lines.length, MAX_OVERLAP); count > 1; count--) {
    const from = before.length - count
    if (before[from]!.bytes !== first) continue
    if (lines.slice(0, count).every(({ bytes }, i) => bytes === before[from + i]!.bytes)) return count
  }
  return 0
}
