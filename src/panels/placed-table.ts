// A table in the area of its panel: drawing it, and finding what is at a cell of it.
import type { Pen } from '../widgets/pen.ts'
import { drawTable, listCutTexts, locateInTable, type TableTarget } from '../widgets/table.ts'
import type { PlacedTable } from './panel.ts'

/** Draws the lines of the table. */
export const drawPlacedTable = (pen: Pen, { options, width, height }: PlacedTable): readonly string[] =>
  drawTable(pen, options, width, height)

/** Returns the row or the column that is at a cell of the panel's area; undefined where there is none. */
export function locateInPlacedTable(table: PlacedTable, column: number, line: number): TableTarget | undefined {
  const [x, y] = [column - table.left, line - table.top]
  if (x < 0 || x >= table.width || y < 0 || y >= table.height) return undefined
  return locateInTable(table.options, table, { column: x, line: y })
}

/** Returns the whole texts of a row that the table shows only a part of. */
export const listCutTextsOf = ({ options, width }: PlacedTable, key: string): readonly string[] =>
  listCutTexts(options, width, key)
