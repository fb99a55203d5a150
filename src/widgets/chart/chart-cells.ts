// Cells of a plot: areas in blocks, lines in braille, and stacked areas, as characters with tones.
import type { Glyphs, Tone } from '../pen.ts'
import type { ColumnRange } from './chart-columns.ts'

/** One cell of a chart. */
export interface PlotCell {
  readonly text: string
  readonly tone: Tone
}

/** A series in columns. `top` is the value at the upper end of the grid. */
export interface PlotSeries {
  readonly columns: readonly (ColumnRange | undefined)[]
  readonly top: number
  readonly tone: Tone
}

/** Rows from top to bottom, each of the width of the plot. */
export type PlotGrid = PlotCell[][]

const BLANK: PlotCell = { text: ' ', tone: 'normal' }

/** Returns an empty plot. */
export const createGrid = (width: number, height: number): PlotGrid =>
  Array.from({ length: height }, () => Array.from({ length: width }, () => BLANK))

/** Fills the area below a series. The part between the minimum and the maximum of a column is drawn lighter. */
export function fillArea(grid: PlotGrid, { columns, top, tone }: PlotSeries, glyphs: Glyphs): void {
  const height = grid.length
  columns.forEach((range, x) => {
    if (range === undefined) return
    const low = (range.low / top) * height
    const high = (range.high / top) * height
    for (let level = 0; level < height; level++) {
      const text = getAreaGlyph(level, low, high, glyphs)
      if (text !== ' ') grid[height - 1 - level]![x] = { text, tone }
    }
  })
}

/** Shades what is below the line of a series, which is on the grid already. */
export function fillBelowLine(grid: PlotGrid, tone: Tone, { bar, line }: Glyphs): void {
  const isLine = ({ text }: PlotCell): boolean => text === line || (text >= FIRST_BRAILLE && text <= LAST_BRAILLE)
  for (let x = 0; x < (grid[0]?.length ?? 0); x++) {
    const lowest = grid.findLastIndex(row => isLine(row[x]!))
    if (lowest >= 0) for (const row of grid.slice(lowest + 1)) row[x] = { text: bar[3]!, tone }
  }
}

// The glyph of the cell between `level` and `level` + 1, in rows above the axis.
function getAreaGlyph(level: number, low: number, high: number, glyphs: Glyphs): string {
  const steps = glyphs.spark.length
  if (level + 1 <= low + 0.5 / steps) return glyphs.spark[steps - 1]!
  if (level + 1 <= high) return level + 0.5 <= low ? glyphs.spark[steps - 1]! : glyphs.bar[2]!
  const part = Math.round((high - level) * steps)
  if (part <= 0) return level === 0 && high > 0 ? glyphs.spark[0]! : ' '
  return glyphs.spark[Math.min(steps, part) - 1]!
}

/** How a layer is drawn; `isRest`: it is what the others leave, such as free memory. */
export interface StackStyle extends PlotCell {
  readonly isRest?: boolean
}

/** Layers in columns. `top` is the value at the upper end of the grid. */
export interface PlotStack {
  /** for each column the values of the layers, from bottom to top */
  readonly columns: readonly (readonly number[] | undefined)[]
  readonly top: number
  readonly styles: readonly StackStyle[]
}

/**
 * Fills stacked areas. A cell shows the layer that fills most of it: a layer far thinner than a row would otherwise
 * appear only where the sum below it happens to cross the middle of a row.
 */
export function fillStack(grid: PlotGrid, { columns, top, styles }: PlotStack, glyphs: Glyphs): void {
  const height = grid.length
  const edges = styles.some(({ isRest }) => isRest) ? glyphs.spark : []
  columns.forEach((values, x) => {
    if (values === undefined) return
    const ends = sumLayers(values).map(sum => (sum / top) * height)
    const used = ends.findLast((_, layer) => !styles[layer]!.isRest) ?? 0
    for (let level = 0; level < height; level++) {
      const cell = drawStackCell({ ends, used, styles, edges }, level)
      if (cell !== undefined) grid[height - 1 - level]![x] = cell
    }
  })
}

/** One column of a stack: where each layer ends, in rows above the axis. */
interface StackColumn {
  readonly ends: readonly number[]
  /** where the layers end that are no rest */
  readonly used: number
  readonly styles: readonly StackStyle[]
  /** glyphs of a cell that is used in part; none in a stack without a rest */
  readonly edges: Glyphs['spark']
}

// What is used ends within a cell: as a part of a block, because a row may be gigabytes.
function drawStackCell({ ends, used, styles, edges }: StackColumn, level: number): PlotCell | undefined {
  const steps = Math.round((used - level) * edges.length)
  if (steps > 0 && steps < edges.length) {
    const layer = findLargestLayer(
      ends.filter((_, i) => !styles[i]!.isRest),
      level,
      0,
    )
    return { text: edges[steps - 1]!, tone: styles[layer ?? 0]!.tone }
  }
  const layer = findLargestLayer(ends, level, level + 1 - Math.max(level, ends.at(-1) ?? level))
  return layer === undefined ? undefined : styles[layer]
}

const sumLayers = (values: readonly number[]): readonly number[] => {
  let sum = 0
  return values.map(value => (sum += Math.max(0, value)))
}

// The layer with the largest part of the cell between `level` and `level` + 1; undefined where none has more than `above`.
function findLargestLayer(ends: readonly number[], level: number, above: number): number | undefined {
  let begin = level
  let largest: number | undefined
  let most = above
  for (let layer = 0; layer < ends.length; layer++) {
    const end = ends[layer]!
    const part = Math.min(end, level + 1) - begin
    if (part > most) {
      largest = layer
      most = part
    }
    begin = Math.max(begin, end)
  }
  return largest
}

const FIRST_BRAILLE = '\u2801'
const LAST_BRAILLE = '\u28ff'

const DOT_BITS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const // left and right column of a braille cell, from bottom to top

/** Draws a series as a line over what the grid holds. It has two columns for each cell. */
export function drawLine(grid: PlotGrid, { columns, top, tone }: PlotSeries, glyphs: Glyphs): void {
  const height = grid.length
  const bits = grid.map(row => row.map(() => 0))
  let previous: number | undefined
  columns.forEach((range, i) => {
    if (range === undefined) return
    const toDot = (value: number): number =>
      Math.min(height * 4 - 1, Math.max(0, Math.round((value / top) * height * 4)))
    const from = Math.min(toDot(range.low), previous ?? toDot(range.low))
    const until = Math.max(toDot(range.high), previous ?? toDot(range.high))
    previous = toDot(range.last)
    for (let dot = from; dot <= until; dot++)
      bits[height - 1 - Math.floor(dot / 4)]![Math.floor(i / 2)]! |= DOT_BITS[i % 2]![dot % 4]!
  })
  for (const [y, row] of bits.entries())
    for (const [x, pattern] of row.entries())
      if (pattern !== 0) grid[y]![x] = { text: glyphs.line ?? String.fromCodePoint(0x2800 + pattern), tone }
}
