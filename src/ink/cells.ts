// Cells: a simple line as characters with a style each. The lines of the last frames are kept, because each is compared twice.
import { parseRuns } from './runs.ts'
import { isSimpleLine } from './simple-text.ts'
import type { Style, StyleTable } from './styles.ts'

/** The cells of a simple line: a character and a style each. */
export interface Cells {
  readonly text: string
  readonly styles: readonly Style[]
  /** the style after the last cell */
  readonly last: Style
}

// Codes that every terminal and ansi-tokenize understand alike; a line with others is left to Ink.
const UNUSUAL_SGR = /\x1b\[(?!(?:\d|[124]\d|3[0-79]|9[0-7]|10[0-7]|[34]8;5;\d+|[34]8;2;\d+;\d+;\d+)m)|\x1b\[48m/

const MAX_KEPT_LINES = 400

/** Returns a function that parses a line; undefined if the line is not simple. It keeps the lines of about the last two frames. */
export function createCellParser(table: StyleTable): (line: string) => Cells | undefined {
  let recent = new Map<string, Cells | undefined>()
  let older = recent
  return line => {
    if (recent.has(line)) return recent.get(line)
    if (recent.size >= MAX_KEPT_LINES) {
      older = recent
      recent = new Map()
    }
    const cells = older.has(line) ? older.get(line) : parseCells(table, line)
    recent.set(line, cells)
    return cells
  }
}

function parseCells(table: StyleTable, line: string): Cells | undefined {
  if (!isSimpleLine(line) || UNUSUAL_SGR.test(line)) return undefined
  let text = ''
  const styles: Style[] = []
  for (const run of parseRuns(table, `${line}.`)) {
    text += run.text
    for (let i = 0; i < run.text.length; i++) styles.push(run.style)
  }
  return { text: text.slice(0, -1), last: styles.pop()!, styles }
}

/** Formats the cells `from` to `to` as text that begins and ends without a style. */
export function formatCells(table: StyleTable, { text, styles }: Cells, from: number, to: number): string {
  let formatted = ''
  let style = table.none
  let begin = from
  for (let column = from; column < to; column++) {
    const next = styles[column]!
    if (next === style) continue
    formatted += text.slice(begin, column) + table.getTransition(style, next)
    begin = column
    style = next
  }
  return formatted + text.slice(begin, to) + table.getTransition(style, table.none)
}
