// Texts whose lines were broken with a backslash at the end, as shells and some editors do: put together before they are read.
import type { LineSink } from '../lines/line-finder.ts'
import { isStamped } from '../lines/strip-prefix.ts'

const MAX_LINES = 2000
const MIN_BROKEN = 2
const MOST = 0.8
const MAX_LENGTH = 16_384
const MAX_PIECES = 100

const BROKEN = /[^\\]\\$/

/** True for the first characters of a text whose long lines end with a backslash and go on below without a stamp. */
export function hasContinuedLines(head: string): boolean {
  const lines = head.split('\n', MAX_LINES).map(line => line.replace(/\r+$/, ''))
  const broken = lines.slice(0, -1).flatMap((line, i) => (BROKEN.test(line) ? [lines[i + 1]!] : []))
  const continued = broken.filter(next => next !== '' && !isStamped(next))
  return continued.length >= MIN_BROKEN && continued.length >= broken.length * MOST
}

/** Gives on whole lines, each with the number of its first piece. */
export class ContinuedLines implements LineSink {
  readonly needsEveryLine = true
  private open: { text: string; readonly number: number; pieces: number } | undefined
  private readonly sink: LineSink

  constructor(sink: LineSink) {
    this.sink = sink
  }

  consumeLine(bytes: string, number: number): void {
    const { open } = this
    const text = open ? joinPieces(open.text, bytes) : bytes
    const pieces = (open?.pieces ?? 0) + 1
    const first = open?.number ?? number
    if (BROKEN.test(bytes) && text.length < MAX_LENGTH && pieces < MAX_PIECES) {
      this.open = { text: text.slice(0, -1), number: first, pieces }
      return
    }
    this.open = undefined
    this.sink.consumeLine(text, first)
  }

  finishText(): void {
    if (this.open) this.sink.consumeLine(this.open.text, this.open.number)
    this.open = undefined
    this.sink.finishText()
  }
}

// Behind `text \` the next piece was indented by whoever broke the line. Behind `te\` nothing was.
const joinPieces = (before: string, next: string): string =>
  before.endsWith(' ') ? `${before.trimEnd()} ${next.trimStart()}` : before + next
