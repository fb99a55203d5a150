// Table: rows of cells in columns of fixed width; numbers are right-aligned, so that nothing jumps.

import { escapeControls } from '../base/text.ts'
import { fitText, measureWidth, truncateMiddle } from './cells.ts'
import type { Pen, Tone } from './pen.ts'
import type { TableColumn } from './table-column.ts'
import { type FittedColumn, fitColumns } from './table-columns.ts'
import { drawMessage } from './wrap.ts'

/** What a row has in one column. */
export interface TableCell {
  /** a text, or what draws one of exactly the width of the column */
  readonly text: string | ((width: number) => string)
  /** follows the text where there is room; columns do not give way for it */
  readonly extra?: string
  readonly tone?: Tone
}

/** A line of a table. `key` is its identity: the selection and the scroll position stay on it. */
export interface TableRow {
  readonly key: string
  readonly cells: Readonly<Record<string, TableCell | undefined>>
}

/** What a table is drawn from. */
export interface TableOptions {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly TableRow[]
  readonly selected?: string | undefined
  readonly sortedBy?: string | undefined
  readonly reverse?: boolean | undefined
  /** the letter in the title of a column that sorts by it, by id */
  readonly sortLetters?: Readonly<Record<string, string>> | undefined
  /** shown when there are no rows */
  readonly empty: string
}

const GAP = 1

/** Draws `height` lines of `width` cells: a header and the rows around the selected one. */
export function drawTable(pen: Pen, options: TableOptions, width: number, height: number): readonly string[] {
  const { rows, selected, empty } = options
  const { margin, fitted } = placeColumns(options, width)
  const header =
    margin + fitted.map(({ column, width: cells }) => drawHeaderCell(pen, column, cells, options)).join(' ')
  const room = Math.max(0, height - 1)
  const first = findFirstRow(rows, selected, room)
  const used = fitted.reduce((sum, { width: cells }) => sum + cells + GAP, margin.length - GAP)
  const rest = ' '.repeat(Math.max(0, width - used))
  const drawRow = (row: TableRow): string => drawTableRow(pen, row, { margin, fitted }, row.key === selected) + rest
  const body = rows.slice(first, first + room).map(drawRow)
  return [header + rest, ...(rows.length === 0 ? drawMessage(pen, empty.trimStart(), { width, height: room }) : body)]
}

interface PlacedColumns {
  readonly margin: string
  readonly fitted: readonly FittedColumn[]
}

// The sign of the selected row takes the first cell of a line: where no column leaves it blank, the table begins a cell later.
function placeColumns({ columns, rows }: Pick<TableOptions, 'columns' | 'rows'>, width: number): PlacedColumns {
  const wanted = measureFlexible(columns, rows)
  const fitted = fitColumns(columns, width, wanted)
  if (fitted[0]?.column.title.startsWith(' ') !== false) return { margin: '', fitted }
  return { margin: ' ', fitted: fitColumns(columns, Math.max(0, width - 1), wanted) }
}

/** What is at a cell of a table: a row, or the head of a column. */
export type TableTarget = { readonly key: string } | { readonly column: string }

/** Returns what is at a cell of a table that is drawn in `size`; undefined where there is nothing. */
export function locateInTable(
  { columns, rows, selected }: TableOptions,
  { width, height }: { readonly width: number; readonly height: number },
  { column, line }: { readonly column: number; readonly line: number },
): TableTarget | undefined {
  if (line > 0) {
    const row = rows[findFirstRow(rows, selected, height - 1) + line - 1]
    return row && { key: row.key }
  }
  const { margin, fitted } = placeColumns({ columns, rows }, width)
  let end = margin.length
  for (const { column: at, width: cells } of fitted) {
    end += cells + GAP
    if (column < end) return { column: at.id }
  }
  return undefined
}

/** Returns the whole texts of a row that are cut in a table of `width` cells. */
export function listCutTexts({ columns, rows }: TableOptions, width: number, key: string): readonly string[] {
  const row = rows.find(other => other.key === key)
  if (!row) return []
  return placeColumns({ columns, rows }, width).fitted.flatMap(({ column, width: cells }) => {
    const { text = '', extra = '' } = row.cells[column.id] ?? {}
    if (typeof text === 'function') return []
    const whole = text + extra
    return measureWidth(escapeControls(whole)) > cells ? [whole.trim()] : []
  })
}

const MAX_MEASURED = 200 // rows whose names are measured: a list of ten thousand has its widest names on top as well

function measureFlexible(columns: readonly TableColumn[], rows: readonly TableRow[]): number {
  const flexible = columns.find(({ width }) => width === undefined)
  if (!flexible || flexible.isSentence) return 0
  const texts = rows.slice(0, MAX_MEASURED).map(({ cells }) => cells[flexible.id]?.text ?? '')
  return Math.max(0, ...texts.map(text => (typeof text === 'string' ? measureWidth(text) : 0)))
}

// The sort sign has priority over the title: a narrow column loses the end of its title instead.
function drawHeaderCell(
  pen: Pen,
  { id, title, align, isAscending = false }: TableColumn,
  width: number,
  { sortedBy, reverse = false, sortLetters = {} }: TableOptions,
): string {
  const letter = sortLetters[id]
  if (id !== sortedBy) return paintHead(pen, 'muted', fitText(title, width, align), letter)
  const sign = reverse === isAscending ? pen.glyphs.arrow : pen.glyphs.arrowUp
  const room = Math.max(0, width - 1)
  const text = (measureWidth(title) > room ? title.slice(0, room) : title) + sign
  return paintHead(pen, 'accent', fitText(text, width, align), letter)
}

// The letter that sorts by the column is underlined.
function paintHead(pen: Pen, tone: Tone, text: string, letter: string | undefined): string {
  const at = letter === undefined ? -1 : text.indexOf(letter)
  if (at < 0) return pen.paint(tone, text)
  const [before, after] = [text.slice(0, at), text.slice(at + 1)]
  return pen.paint(tone, before) + pen.paint('letter', text[at]!) + pen.paint(tone, after)
}

/** Returns the index of the first visible row: the selected row stays visible, near the middle of long lists. */
export function findFirstRow(
  rows: readonly { readonly key: string }[],
  selected: string | undefined,
  room: number,
): number {
  const index = selected === undefined ? 0 : rows.findIndex(({ key }) => key === selected)
  return Math.max(0, Math.min(index - Math.floor(room / 2), rows.length - room))
}

function drawTableRow(pen: Pen, { cells }: TableRow, { margin, fitted }: PlacedColumns, selected: boolean): string {
  const parts = fitted.map(({ column, width }) => {
    const { text: content, extra = '', tone = 'normal' } = cells[column.id] ?? { text: '' }
    const text = typeof content === 'function' ? content(width) : content + extra
    const { ellipsis } = pen.glyphs
    const fixed =
      column.truncateAt === 'middle'
        ? truncateMiddle(text, width, ellipsis)
        : fitText(text, width, column.align, ellipsis)
    return selected ? fixed : pen.paint(tone, fixed)
  })
  const line = margin + parts.join(' ')
  return selected ? pen.paint('selected', pen.glyphs.cursor + line.slice(1)) : line // colour is never the only sign
}
