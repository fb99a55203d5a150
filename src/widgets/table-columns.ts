// Widths of table columns: which columns fit, and who gets the cells that are left.
import type { TableColumn } from './table-column.ts'

const MIN_FLEX_WIDTH = 12
const MAX_FLEX_SHARE = 0.45 // of the width that long names may take before columns are kept instead
const GAP = 1

/** A column with the width that it got, in cells. */
export interface FittedColumn {
  readonly column: TableColumn
  readonly width: number
}

const isFlexible = ({ width }: TableColumn): boolean => width === undefined

/**
 * Returns column widths that fill `width` exactly. Columns are kept by rank while they fit, in their own order; to keep
 * the columns of a rank below 1 the flexible column may get narrower than its `minWidth`.
 * @param wanted cells that the texts of the flexible column need: columns give way before names are cut
 */
export function fitColumns(columns: readonly TableColumn[], width: number, wanted = 0): readonly FittedColumn[] {
  const kept = selectColumns(columns, width, wanted)
  const widths = new Map(kept.map(column => [column, getMinWidth(column)]))
  const sum = (): number => [...widths.values()].reduce((total, cells) => total + cells + GAP, -GAP)
  const spare = (): number => width - sum()
  const flexible = kept.find(isFlexible)
  if (flexible && spare() > 0)
    widths.set(flexible, widths.get(flexible)! + Math.min(spare(), Math.max(0, wanted - widths.get(flexible)!)))
  growColumns(kept, widths, Math.max(0, spare()))
  const taker = flexible ?? kept.find(({ grow }) => grow !== undefined)
  if (taker) widths.set(taker, Math.min(width, widths.get(taker)! + spare()))
  return kept.map(column => ({ column, width: Math.min(width, widths.get(column)!) }))
}

const getMinWidth = ({ width, minWidth }: TableColumn): number => width ?? minWidth ?? MIN_FLEX_WIDTH
const getNarrowestWidth = ({ width, minWidth }: TableColumn): number =>
  width ?? Math.min(minWidth ?? MIN_FLEX_WIDTH, MIN_FLEX_WIDTH)

function selectColumns(columns: readonly TableColumn[], width: number, wanted: number): readonly TableColumn[] {
  const cap = Math.floor(width * MAX_FLEX_SHARE)
  const getWantedWidth = (column: TableColumn): number =>
    isFlexible(column) ? Math.max(getMinWidth(column), Math.min(wanted, cap)) : getMinWidth(column)
  const byRank = [...columns].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  const kept = new Set<TableColumn>()
  const sumWidths = (cells: (column: TableColumn) => number): number =>
    [...kept].reduce((sum, column) => sum + cells(column) + GAP, -GAP)
  for (const column of byRank) {
    const cells = (column.rank ?? 0) < 1 ? getNarrowestWidth : getWantedWidth
    if (kept.size === 0 || sumWidths(cells) + GAP + cells(column) <= width) kept.add(column)
  }
  return columns.filter(column => kept.has(column))
}

// Columns that may grow share the spare cells; the remainder of an uneven share stays with the flexible column.
function growColumns(kept: readonly TableColumn[], widths: Map<TableColumn, number>, spare: number): void {
  const growing = kept.filter(({ grow }) => grow !== undefined)
  for (const column of growing) {
    const share = Math.floor(spare / growing.length)
    widths.set(column, widths.get(column)! + Math.min(share, column.grow!))
  }
}
