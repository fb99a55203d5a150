// Table: rows of cells in columns of fixed width; numbers at the right, so that nothing jumps.
import { type Align, fitMiddle, fitTo } from './cells.ts'
import type { Pen, Tone } from './pen.ts'

export interface Column {
  readonly id: string
  readonly title: string
  /** cells; the one column without a width takes what is left */
  readonly width?: number
  /** the fewest cells of the column without a width; other columns are left out before it gets fewer */
  readonly least?: number
  readonly align?: Align
  /** where a long text is cut; paths keep both ends */
  readonly cut?: 'end' | 'middle'
  /** the table leaves out columns with the lowest rank first when it is narrow; 0 is never left out */
  readonly rank?: number
}

export interface Cell {
  readonly text: string
  readonly tone?: Tone
}

export interface Row {
  readonly key: string
  readonly cells: Readonly<Record<string, Cell | undefined>>
}

export interface TableOptions {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly selected?: string | undefined
  readonly sortedBy?: string | undefined
  /** what stands where there are no rows */
  readonly empty: string
}

const LEAST_FLEX = 12
const GAP = 1

/** `height` lines of `width` cells: a header and the rows around the selected one. */
export function table(
  pen: Pen,
  { columns, rows, selected, sortedBy, empty }: TableOptions,
  width: number,
  height: number,
): readonly string[] {
  const fitted = fitColumns(columns, width)
  const header = fitted.map(({ column, width: cells }) => headerCell(pen, column, cells, sortedBy)).join(' ')
  const room = Math.max(0, height - 1)
  const first = firstRow(rows, selected, room)
  const rest = ' '.repeat(Math.max(0, width - fitted.reduce((sum, { width: cells }) => sum + cells + GAP, -GAP)))
  const body = rows.slice(first, first + room).map(row => tableRow(pen, row, fitted, row.key === selected) + rest)
  return [header + rest, ...(rows.length === 0 && room > 0 ? [pen.paint('muted', fitTo(empty, width))] : body)]
}

function headerCell(pen: Pen, { id, title, align }: Column, width: number, sortedBy: string | undefined): string {
  const text = id === sortedBy ? `${title}${pen.glyphs.arrow}` : title
  return pen.paint(id === sortedBy ? 'accent' : 'muted', fitTo(text, width, align))
}

interface Fitted {
  readonly column: Column
  readonly width: number
}

const leastOf = ({ width, least }: Column): number => width ?? least ?? LEAST_FLEX
const tightest = ({ width, least }: Column): number => width ?? Math.min(least ?? LEAST_FLEX, LEAST_FLEX)

/**
 * Column widths that fill `width` exactly: columns by rank, each that still fits; in their own order. For those that are
 * never left out the one without a width gets narrower than its `least`.
 */
export function fitColumns(columns: readonly Column[], width: number): readonly Fitted[] {
  const byRank = [...columns].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  const kept = new Set<Column>()
  const used = (cells: (column: Column) => number): number =>
    [...kept].reduce((sum, column) => sum + cells(column) + GAP, -GAP)
  for (const column of byRank) {
    const cells = (column.rank ?? 0) === 0 ? tightest : leastOf
    if (kept.size === 0 || used(cells) + GAP + cells(column) <= width) kept.add(column)
  }
  const spare = width - used(leastOf)
  return columns
    .filter(column => kept.has(column))
    .map(column => ({ column, width: Math.min(width, column.width ?? leastOf(column) + spare) }))
}

/** The first row to show: the selected one stays in view, near the middle in long lists. */
export function firstRow(
  rows: readonly { readonly key: string }[],
  selected: string | undefined,
  room: number,
): number {
  const at = selected === undefined ? 0 : rows.findIndex(({ key }) => key === selected)
  return Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room))
}

function tableRow(pen: Pen, { cells }: Row, fitted: readonly Fitted[], selected: boolean): string {
  const parts = fitted.map(({ column, width }) => {
    const { text, tone = 'normal' } = cells[column.id] ?? { text: '' }
    const { ellipsis } = pen.glyphs
    const fixed =
      column.cut === 'middle' ? fitMiddle(text, width, ellipsis) : fitTo(text, width, column.align, ellipsis)
    return selected ? fixed : pen.paint(tone, fixed)
  })
  const line = parts.join(' ')
  return selected ? pen.paint('selected', pen.glyphs.cursor + line.slice(1)) : line // a sign too: colour is never the only one
}
