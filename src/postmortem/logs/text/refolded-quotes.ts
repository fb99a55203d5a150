// Quoted mails that were folded once more: lines `> text` of which the end came to a line of its own, without the mark. Put together
// before the marks are taken off.
import type { LineSink } from '../lines/line-finder.ts'

const MAX_LINES = 2000
const MIN_QUOTED = 8
const MIN_FOLDED = 3
const MOST = 0.8
const MAX_LENGTH = 16_384

const isQuoted = (line: string): boolean => line.startsWith('>')
const stripEnd = (line: string): string => line.replace(/\r+$/, '')

/** Returns the width at which quoted lines were folded, for the first characters of a text; null if they were not. */
export function findRefoldWidth(head: string): number | null {
  const lines = head.split('\n', MAX_LINES).map(stripEnd)
  const quoted = lines.filter(isQuoted)
  if (quoted.length < MIN_QUOTED) return null
  const width = quoted.reduce((most, { length }) => Math.max(most, length), 0)
  const before = lines.flatMap((line, i) => (i > 0 && line !== '' && !isQuoted(line) ? [lines[i - 1]!] : []))
  const folded = before.filter(({ length }) => length === width).length
  const afterQuoted = before.filter(isQuoted).length
  return folded >= MIN_FOLDED && folded >= afterQuoted * MOST ? width : null
}

/** Puts the first characters of such a text together. */
export function joinRefolded(head: string, width: number): string {
  const joined: string[] = []
  new RefoldedQuotes(
    { needsEveryLine: true, consumeLine: line => joined.push(line), finishText: () => {} },
    width,
  ).consumeText(head)
  return joined.join('\n')
}

/** Gives on whole quoted lines, each with the number of its first piece. */
export class RefoldedQuotes implements LineSink {
  readonly needsEveryLine = true
  private open: { readonly text: string; readonly number: number; readonly width: number } | undefined
  private readonly sink: LineSink
  private readonly width: number

  /** @param width at which the lines were folded */
  constructor(sink: LineSink, width: number) {
    this.sink = sink
    this.width = width
  }

  consumeLine(bytes: string, number: number): void {
    const { open } = this
    if (open?.width === this.width && bytes !== '' && !isQuoted(bytes) && open.text.length < MAX_LENGTH) {
      this.open = { text: open.text + bytes, number: open.number, width: bytes.length }
      return
    }
    this.flush()
    this.open = { text: bytes, number, width: bytes.length }
  }

  /** Takes a whole text. */
  consumeText(text: string): void {
    for (const [i, line] of text.split('\n').entries()) this.consumeLine(stripEnd(line), i + 1)
    this.flush()
  }

  finishText(): void {
    this.flush()
    this.sink.finishText()
  }

  private flush(): void {
    const { open } = this
    this.open = undefined
    if (open) this.sink.consumeLine(open.text, open.number)
  }
}
