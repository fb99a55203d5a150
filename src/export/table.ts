// Columns of plain text, as wide as their widest cell.
import stringWidth from 'string-width'
import { escapeControls } from '../base/text.ts'

/**
 * Aligns rows to lines.
 * @param sides `l` or `r` for each column; the rest are left-aligned
 */
export function alignColumns(rows: readonly (readonly string[])[], sides = ''): readonly string[] {
  const shown = rows.map(row => row.map(escapeControls))
  const widths: number[] = []
  for (const row of shown)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell))
  return shown.map(row =>
    row
      .map((cell, i) => {
        const pad = ' '.repeat(widths[i]! - stringWidth(cell))
        return sides[i] === 'r' ? pad + cell : cell + pad
      })
      .join('  ')
      .trimEnd(),
  )
}
