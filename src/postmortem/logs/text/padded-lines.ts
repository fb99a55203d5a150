// Lines that a terminal filled with blanks up to its width: the blanks are taken off before the lines are read.
import type { LineSink } from '../lines/line-finder.ts'

const MAX_LINES = 2000
const MIN_LINES = 8
const MOST = 0.9
const SOME = 0.2

/** True for the first characters of a text whose lines are nearly all equally long, many of them with blanks at the end. */
export function hasPaddedLines(head: string): boolean {
  const lines = head.split('\n', MAX_LINES).map(line => line.replace(/\r+$/, ''))
  const filled = lines.filter(line => line !== '')
  const width = filled.reduce((most, { length }) => Math.max(most, length), 0)
  const full = filled.filter(({ length }) => length === width)
  const padded = full.filter(line => line.endsWith('  ')).length
  return full.length >= MIN_LINES && full.length >= filled.length * MOST && padded >= full.length * SOME
}

/** Takes the blanks off the first characters of such a text. */
export const stripPadding = (head: string): string => head.replace(/ +(?=\r*(?:\n|$))/g, '')

/** Gives on each line without the blanks at its end. */
export class PaddedLines implements LineSink {
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  get needsEveryLine(): boolean {
    return this.sink.needsEveryLine
  }

  consumeLine(bytes: string, number: number): void {
    this.sink.consumeLine(bytes.trimEnd(), number)
  }

  finishText(): void {
    this.sink.finishText()
  }
}
