// Replaces Ink's line-update: of a simple line only the cells that changed are sent. Ink sends the line from the first of them.
import { type Cells, createCellParser, formatCells } from './cells.ts'
import { type Ansi, createStyleTable, type Style } from './styles.ts'

/** Returns the text that changes a line of the terminal from `previous` to `next`. */
export type LineUpdate = (previous: string, next: string, columns: number | undefined) => string

const ERASE_TO_END = '\x1b[K'
const MAX_CACHED_STYLES = 4096

/** Creates the replacement. @param original Ink's function, for lines that are not simple */
export function swapLineUpdate(original: LineUpdate, ansi: Ansi): LineUpdate {
  let styles = createStyleTable(ansi)
  let parseCells = createCellParser(styles)
  return (previous, next, columns) => {
    if (!columns || columns < 1) return original(previous, next, columns)
    if (styles.countCached() > MAX_CACHED_STYLES) {
      styles = createStyleTable(ansi)
      parseCells = createCellParser(styles)
    }
    const [before, after] = [parseCells(previous), parseCells(next)]
    if (!before || !after) return original(previous, next, columns)
    const whole = `\x1b[1G${ERASE_TO_END}${next}`
    if (before.text.length > columns || after.text.length > columns) return whole
    if (before.last !== styles.none || after.last !== styles.none) return original(previous, next, columns)
    const format = ([from, to]: Span): string => `\x1b[${from + 1}G${formatCells(styles, after, from, to)}`
    const parts = formatSpans(findChangedSpans(before, after, styles.none), format)
    const erased = before.text.length > after.text.length ? `\x1b[${after.text.length + 1}G${ERASE_TO_END}` : ''
    return countBytes(parts + erased) < countBytes(whole) ? parts + erased : whole
  }
}

/** Columns from the first to behind the last. */
type Span = readonly [from: number, to: number]

/** Returns the changed cells of `after`. Cells past the end of a line are blank. */
function findChangedSpans(before: Cells, after: Cells, none: Style): readonly Span[] {
  const spans: Span[] = []
  for (let column = 0; column < after.text.length; column++) {
    const old = before.text[column] ?? ' '
    if (old === after.text[column] && (before.styles[column] ?? none) === after.styles[column]) continue
    const [from, to] = spans.at(-1) ?? [0, -1]
    if (column === to) spans[spans.length - 1] = [from, column + 1]
    else spans.push([column, column + 1])
  }
  return spans
}

const MAX_GAP = 30 // equal cells between two changes that may be sent again: moving the cursor and the codes cost no more

// Sends the cells between two changes again where that takes fewer bytes.
function formatSpans(spans: readonly Span[], format: (span: Span) => string): string {
  const parts: { readonly span: Span; readonly text: string }[] = []
  for (const span of spans) {
    const part = { span, text: format(span) }
    const last = parts.at(-1)
    const joined: Span = [last?.span[0] ?? 0, span[1]]
    const isNear = last !== undefined && span[0] - last.span[1] <= MAX_GAP
    const text = isNear ? format(joined) : ''
    if (isNear && countBytes(text) <= countBytes(last.text + part.text))
      parts[parts.length - 1] = { span: joined, text }
    else parts.push(part)
  }
  return parts.map(({ text }) => text).join('')
}

const countBytes = (text: string): number => Buffer.byteLength(text)
