// Table: rows of cells in columns of fixed width; numbers are right-aligned, so that nothing jumps.
import { type Align, fitText, truncateMiddle } from './cells.ts'
import type { Pen, Tone } from './pen.ts'

export interface TableColumn {
  readonly id: string
  readonly title: string
  /** cells; the one column without a width takes the remaining width */
  readonly width?: number
  /** minimum cells of the column without a width; other columns are dropped before it gets narrower */
  readonly minWidth?: number
  readonly align?: Align
  /** where a long text is cut; paths keep both ends */
  readonly truncateAt?: 'end' | 'middle'
  /** a narrow table drops the columns with the highest rank first; 0 is never dropped */
  readonly rank?: number
}

export interface TableCell {
  readonly text: string
  readonly tone?: Tone
}

export interface TableRow {
  readonly key: string
  readonly cells: Readonly<Record<string, TableCell | undefined>>
}

export interface TableOptions {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly TableRow[]
  readonly selected?: string | undefined
  readonly sortedBy?: string | undefined
  /** shown when there are no rows */
  readonly empty: string
}

const MIN_FLEX_WIDTH = 12
const GAP = 1

/** Draws `height` lines of `width` cells: a header and the rows around the selected one. */
export function drawTable(
  pen: Pen,
  { columns, rows, selected, sortedBy, empty }: TableOptions,
  width: number,
  height: number,
): readonly string[] {
  const fitted = fitColumns(columns, width)
  const header = fitted.map(({ column, width: cells }) => drawHeaderCell(pen, column, cells, sortedBy)).join(' ')
  const room = Math.max(0, height - 1)
  const first = findFirstRow(rows, selected, room)
  const rest = ' '.repeat(Math.max(0, width - fitted.reduce((sum, { width: cells }) => sum + cells + GAP, -GAP)))
  const body = rows.slice(first, first + room).map(row => drawTableRow(pen, row, fitted, row.key === selected) + rest)
  return [header + rest, ...(rows.length === 0 && room > 0 ? [pen.paint('muted', fitText(empty, width))] : body)]
}

function drawHeaderCell(
  pen: Pen,
  { id, title, align }: TableColumn,
  width: number,
  sortedBy: string | undefined,
): string {
  const text = id === sortedBy ? `${title}${pen.glyphs.arrow}` : title
  return pen.paint(id === sortedBy ? 'accent' : 'muted', fitText(text, width, align))
}

interface FittedColumn {
  readonly column: TableColumn
  readonly width: number
}

const getMinWidth = ({ width, minWidth }: TableColumn): number => width ?? minWidth ?? MIN_FLEX_WIDTH
const getNarrowestWidth = ({ width, minWidth }: TableColumn): number =>
  width ?? Math.min(minWidth ?? MIN_FLEX_WIDTH, MIN_FLEX_WIDTH)

/**
 * Returns column widths that fill `width` exactly. Columns are kept by rank while they fit, in their own order. To keep
 * the columns of rank 0 the column without a width may get narrower than its `minWidth`.
 */
export function fitColumns(columns: readonly TableColumn[], width: number): readonly FittedColumn[] {
  const byRank = [...columns].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  const kept = new Set<TableColumn>()
  const sumWidths = (cells: (column: TableColumn) => number): number =>
    [...kept].reduce((sum, column) => sum + cells(column) + GAP, -GAP)
  for (const column of byRank) {
    const cells = (column.rank ?? 0) === 0 ? getNarrowestWidth : getMinWidth
    if (kept.size === 0 || sumWidths(cells) + GAP + cells(column) <= width) kept.add(column)
  }
  const spare = width - sumWidths(getMinWidth)
  return columns
    .filter(column => kept.has(column))
    .map(column => ({ column, width: Math.min(width, column.width ?? getMinWidth(column) + spare) }))
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

function drawTableRow(pen: Pen, { cells }: TableRow, fitted: readonly FittedColumn[], selected: boolean): string {
  const parts = fitted.map(({ column, width }) => {
    const { text, tone = 'normal' } = cells[column.id] ?? { text: '' }
    const { ellipsis } = pen.glyphs
    const fixed =
      column.truncateAt === 'middle'
        ? truncateMiddle(text, width, ellipsis)
        : fitText(text, width, column.align, ellipsis)
    return selected ? fixed : pen.paint(tone, fixed)
  })
  const line = parts.join(' ')
  return selected ? pen.paint('selected', pen.glyphs.cursor + line.slice(1)) : line // colour is never the only sign
}
