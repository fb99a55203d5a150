// Finds the lines of a log that are worth parsing: all lines during a report, otherwise only lines with a word about memory. This
// makes a gigabyte cheap. Pure.
import { MiB } from '../../../base/units.ts'
import { createMemoryWordPattern } from '../../../collectors/kmsg/memory-lines.ts'

/** Receives the lines. */
export interface LineSink {
  /** true: the next line is needed whatever it contains */
  readonly needsEveryLine: boolean
  /** @param number of the line in its file, from 1. `bytes`: latin1, without the line's end */
  consumeLine(bytes: string, number: number): void
  /** called at the end of the text */
  finishText(): void
}

const TRIGGER = createMemoryWordPattern()

const MAX_LINE = MiB // bytes of a line that are examined; a longer one is no line of a log
const KEPT_OF_LONG = 8192

/** Finds lines in a text that comes in pieces. */
export class LineFinder {
  /** number of lines so far, at the end with an unfinished last one */
  lineCount = 0
  /** number of bytes so far */
  byteCount = 0
  /** bytes since the last line end: a text without line ends is not a log */
  unendedBytes = 0
  private carry = ''
  private skipping = false
  private previousLine = ''

  /** lines of which only the beginning was read */
  cutLines = 0

  private readonly sink: LineSink
  readonly maxLine: number

  /** @param maxLine bytes of a line that are read */
  constructor(sink: LineSink, maxLine = MAX_LINE) {
    this.sink = sink
    this.maxLine = maxLine
  }

  push(piece: Buffer): void {
    this.byteCount += piece.length
    const lineEnd = piece.lastIndexOf(0x0a)
    this.unendedBytes = lineEnd < 0 ? this.unendedBytes + piece.length : piece.length - lineEnd - 1
    let text = piece.toString('latin1')
    if (this.skipping) {
      const end = text.indexOf('\n')
      if (end < 0) return
      this.skipping = false
      text = text.slice(end + 1)
    }
    const whole = this.carry + text
    const end = whole.lastIndexOf('\n') + 1
    this.carry = whole.slice(end)
    if (this.carry.length > this.maxLine) this.cutLongLine()
    if (end > 0) this.scan(end === whole.length ? whole : whole.slice(0, end))
  }

  /** Ends the text: a last line without a newline counts too. */
  finish(): void {
    if (this.carry !== '') this.scan(`${this.carry}\n`)
    this.carry = ''
    this.sink.finishText()
  }

  /** Returns the last line: its timestamp is the end of the log. */
  get lastLine(): string {
    return this.previousLine
  }

  private cutLongLine(): void {
    this.cutLines++
    this.scan(`${this.carry.slice(0, KEPT_OF_LONG)}\n`)
    this.carry = ''
    this.skipping = true
  }

  private scan(text: string): void {
    let at = 0
    while (at < text.length) at = this.sink.needsEveryLine ? this.emitLine(text, at) : this.skipToTrigger(text, at)
    this.previousLine = text.slice(text.lastIndexOf('\n', text.length - 2) + 1, -1).slice(0, KEPT_OF_LONG)
  }

  private emitLine(text: string, at: number): number {
    const end = text.indexOf('\n', at)
    this.lineCount++
    const long = Math.min(end, at + this.maxLine)
    let stop = long
    while (stop > at && text.charCodeAt(stop - 1) === 13) stop-- // CRLF; consoles write \r\r\n
    this.sink.consumeLine(text.slice(at, stop), this.lineCount)
    return end + 1
  }

  // Skips to the start of the next message with a word about memory, or to the end of the text.
  private skipToTrigger(text: string, at: number): number {
    TRIGGER.lastIndex = at
    const found = TRIGGER.exec(text)
    const line = found ? Math.max(at, findMessageStart(text, found.index)) : text.length
    for (let next = text.indexOf('\n', at); next >= 0 && next < line; next = text.indexOf('\n', next + 1))
      this.lineCount++
    return found ? this.emitLine(text, line) : text.length
  }
}

// A device, a bomb or a sparse file has no end; a log of a year of a busy node has a few hundred GiB at most.
const MAX_LOG_BYTES = 2 ** 40
const MAX_UNENDED_BYTES = 2 ** 30

/** Returns the bound that a text has reached; null if none. */
export function describeExcess({ byteCount, unendedBytes }: LineFinder): string | null {
  if (unendedBytes > MAX_UNENDED_BYTES) return `read up to here: ${MAX_UNENDED_BYTES >> 30} GiB without a line end`
  return byteCount > MAX_LOG_BYTES ? 'read up to here: larger than 1 TiB' : null
}

/** Says that lines were too long to be read; null if none was. */
export function describeCutLines({ cutLines, maxLine }: LineFinder): string | null {
  if (cutLines === 0) return null
  const which = cutLines === 1 ? '1 line is' : `${cutLines} lines are`
  return `${which} longer than ${maxLine >> 20} MiB: only the first ${KEPT_OF_LONG >> 10} KiB were read`
}

/** A continuation line of a journal or of dmesg begins with at least this many blanks. */
export const INDENT = ' '.repeat(12)

const MAX_INDENTED_LINES = 8

// Returns the start of the line at this index, or of the message that it continues.
function findMessageStart(text: string, index: number): number {
  let begin = text.lastIndexOf('\n', index) + 1
  for (let i = 0; i < MAX_INDENTED_LINES && begin > 1 && text.startsWith(INDENT, begin); i++)
    begin = text.lastIndexOf('\n', begin - 2) + 1
  return begin
}
