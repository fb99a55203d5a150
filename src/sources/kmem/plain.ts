// Plain lines: a recording by hand, by a script, or unpacked. Each header begins a part; what is no line of a recording is left out.

import type { Part } from './part.ts'
import { NEWLINE, PartLines } from './part-lines.ts'
import type { Bytes } from './tape.ts'

const HEADER = Buffer.from('\n{"kmemtop":')
const CHUNK = 2 ** 24

/** A part of plain lines, with its place. */
interface PlainPart {
  readonly offset: number
  readonly lines: PartLines
}

/** Reads plain lines, and those that are added to them. */
export class PlainText {
  private readonly found: PlainPart[] = []
  private readTo = 0

  /** Reads on, to the last whole line. */
  read({ readAt, size }: Bytes): void {
    while (this.readTo < size) {
      const chunk = readAt(this.readTo, Math.max(CHUNK, this.lineLength))
      const isLast = this.readTo + chunk.length >= size
      const end = isLast && isWhole(chunk) ? chunk.length : chunk.lastIndexOf(NEWLINE) + 1
      if (end > 0) this.take(chunk.subarray(0, end))
      else if (isLast) return
      else this.lineLength *= 2
    }
  }

  private lineLength = CHUNK

  private take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const isHeader = chunk.subarray(at, at + HEADER.length - 1).equals(HEADER.subarray(1))
      if (isHeader || this.found.length === 0) this.found.push({ offset: this.readTo + at, lines: new PartLines() })
      const next = chunk.indexOf(HEADER, at)
      const end = next < 0 ? chunk.length : next + 1
      this.found.at(-1)!.lines.plain(chunk.subarray(at, end))
      at = end
    }
    this.readTo += chunk.length
  }

  /** The parts, with what was read of them up to now. */
  parts(): readonly (Part & { readonly offset: number })[] {
    return this.found.map(({ offset, lines }) => ({ ...lines.part(false), offset }))
  }

  /** What is wrong, in words. @param size of the file: what stands behind the last whole line is no line yet */
  problems(size: number): readonly string[] {
    const strange = this.found.reduce((sum, { lines }) => sum + lines.strange, 0)
    const altered = this.found.reduce((sum, { lines }) => sum + lines.altered, 0)
    const complaint = this.found.find(({ lines }) => lines.complaint !== undefined)?.lines.complaint
    return [
      ...(strange > 0 ? [`${strange} line${strange > 1 ? 's are' : ' is'} left out: ${complaint}`] : []),
      ...(altered > 0 ? [`${altered} look${altered > 1 ? 's are' : ' is'} not as recorded: a check does not fit`] : []),
      ...(size > this.readTo ? [`${size - this.readTo} bytes of text are no lines of a recording: left out`] : []),
    ]
  }
}

// A last line without its newline is one when it is whole: nothing can follow it.
function isWhole(chunk: Buffer): boolean {
  try {
    return typeof JSON.parse(chunk.toString('utf8', chunk.lastIndexOf(NEWLINE) + 1)) === 'object'
  } catch {
    return false
  }
}
