// What a terminal shows that is too small for panels: the banner, and the size that is needed.
import { fitText } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'
import { MIN_SIZE } from './layout.ts'

/** Lines of `columns` cells, `rows` of them. */
export function drawSmallScreen(banner: readonly string[], pen: Pen, columns: number, rows: number): readonly string[] {
  const needed = `needs ${MIN_SIZE.columns}x${MIN_SIZE.rows}`
  const whole = `too small: ${columns}x${rows}, ${needed}`
  const message = whole.length <= columns ? whole : needed
  const lines = [...banner, fitText(message, columns, 'left', pen.glyphs.ellipsis)].slice(0, rows)
  return [...lines, ...Array.from({ length: rows - lines.length }, () => ' '.repeat(columns))]
}
