// Texts in which somebody put a mark before each line, drew a box around them, or left a blank line between each two: undone
// before they are read. The marks > of mails are handled with single lines.
import type { LineSink } from '../lines/line-finder.ts'

/** How a text is quoted. */
export interface Quoting {
  /** before each line: a mark, or blanks before all of them; empty: none */
  readonly mark: string
  /** each line ends with the mark too, behind blanks */
  readonly isBoxed: boolean
  /** a blank line is between each two */
  readonly isSpaced: boolean
}

const MAX_LINES = 2000
const MIN_LINES = 8
const MOST = 0.7
// | text        : text        # text        // text        │ text      no line of the kernel begins like this. Latin1.
const MARK = /^(?:[|:;%#*~!]|\/\/|--|\xe2(?:\x94[\x82\x83]|\x95\x91)) ?(?=.)/

/** Returns how the first characters of a text are quoted; null for a text as it was logged. */
export function findQuoting(head: string): Quoting | null {
  const lines = head.split('\n', MAX_LINES).map(line => line.trimEnd())
  const filled = lines.filter(line => line !== '')
  if (filled.length < MIN_LINES) return null
  const mark = findIndent(filled) || findMark(filled)
  const quoted = filled.filter(line => line.startsWith(mark.trimEnd()))
  const edge = mark.trimEnd()
  const isBoxed = edge !== '' && quoted.every(line => line.length > edge.length && line.endsWith(edge))
  const inside = mark === '' ? lines : lines.map(line => (line === edge ? '' : line))
  const isSpaced = isDoubleSpaced(inside)
  // the columns of a table are something else
  const isTable = mark.startsWith('|') && quoted.some(line => line.slice(1, -1).includes('|'))
  if (isTable || (mark === '' && !isSpaced)) return null
  return { mark, isBoxed, isSpaced }
}

const KERNEL_WORDS = / invoked oom-killer: |Killed process \d/

// Blanks before every line of a report that has no stamps: where there are some, single lines are handled.
function findIndent(filled: readonly string[]): string {
  const indent = /^[ \t]*/.exec(filled[0]!)![0]
  const common = filled.reduce((least, line) => {
    let length = 0
    while (length < least.length && line[length] === least[length]) length++
    return least.slice(0, length)
  }, indent)
  return common !== '' && filled.some(line => KERNEL_WORDS.test(line)) ? common : ''
}

function findMark(filled: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const line of filled) {
    const mark = MARK.exec(line)?.[0]
    if (mark !== undefined) counts.set(mark, (counts.get(mark) ?? 0) + 1)
  }
  const [mark = '', count = 0] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? []
  return count >= filled.length * MOST ? mark : ''
}

function isDoubleSpaced(lines: readonly string[]): boolean {
  const filled = lines.flatMap((line, i) => (line === '' ? [] : [i])).slice(0, -1)
  const spaced = filled.filter(i => lines[i + 1] === '' && lines[i + 2] !== '')
  return filled.length >= MIN_LINES && spaced.length >= filled.length * MOST
}

// ┌────┐ └────┘ above and below a box
const BOX_EDGE = /^(?:\xe2[\x94-\x96][\x80-\xbf]){3,}\r?$/

/** Gives on the lines without their marks. */
export class QuotedLines implements LineSink {
  private readonly sink: LineSink
  private readonly quoting: Quoting

  constructor(sink: LineSink, quoting: Quoting) {
    this.sink = sink
    this.quoting = quoting
  }

  get needsEveryLine(): boolean {
    return this.sink.needsEveryLine
  }

  consumeLine(bytes: string, number: number): void {
    if (BOX_EDGE.test(bytes)) return
    const text = unquoteLine(bytes, this.quoting)
    if (text !== '' || !this.quoting.isSpaced) this.sink.consumeLine(text, number)
  }

  finishText(): void {
    this.sink.finishText()
  }
}

/** Returns a line without its marks. */
export function unquoteLine(line: string, { mark, isBoxed }: Quoting): string {
  const edge = mark.trimEnd()
  if (edge === '') return line.startsWith(mark) ? line.slice(mark.length) : line
  if (!line.startsWith(edge)) return line
  const text = line.startsWith(mark) ? line.slice(mark.length) : line.slice(edge.length)
  return isBoxed && text.trimEnd().endsWith(edge) ? text.trimEnd().slice(0, -edge.length).trimEnd() : text
}

/** Returns the first characters of a text without the marks. */
export const unquoteText = (head: string, quoting: Quoting): string =>
  head
    .split('\n')
    .filter(line => !BOX_EDGE.test(line))
    .map(line => unquoteLine(line, quoting))
    .filter(line => !quoting.isSpaced || line.trimEnd() !== '')
    .join('\n')
