// Sparkline: a series in one line of block heights.
import { getFirstTime, type Series } from '../base/series.ts'
import { type ColumnRange, computeColumns, countKnownColumns } from './chart/chart-columns.ts'
import type { Glyphs } from './pen.ts'

/** Draws values as bars between `range`, or their own minimum and maximum. Unknown values are blank; equal values get the lowest bar. */
export function drawSparkline(
  values: readonly (number | undefined)[],
  glyphs: Glyphs,
  range?: { readonly low: number; readonly high: number },
): string {
  const known = values.filter(value => value !== undefined)
  const low = range?.low ?? Math.min(...known)
  const high = range?.high ?? Math.max(...known)
  const top = glyphs.spark.length - 2 // the full block is left out: it would touch the row above
  return values
    .map(value => {
      if (value === undefined) return ' '
      const share = high > low ? (value - low) / (high - low) : 0
      return glyphs.spark[Math.min(top, Math.max(0, Math.round(share * top)))]!
    })
    .join('')
}

/** What a sparkline covers, and its size. Times are session ms. */
export interface SparklineView {
  readonly now: number
  readonly span: number
  /** ms of the span after the newest sample, which are blank: a young session fills its axis from the left */
  readonly ahead?: number
  readonly width: number
  readonly glyphs: Glyphs
  /** a smaller range is widened to it: noise must not look like growth */
  readonly minRange?: number
}

/** Where the cells of a sparkline are; two of the same series with equal cells are equal. */
interface SparklineCells {
  readonly begin: number
  readonly step: number
  readonly width: number
  /** the cell of the newest sample */
  readonly newest: number
  readonly minRange: number
  readonly glyphs: Glyphs
}

interface DrawnSparkline extends SparklineCells {
  readonly text: string
}

/** The last sparkline of each series. A version of a series never changes. */
const drawnSparklines = new WeakMap<Series, DrawnSparkline>()

/**
 * Draws the last `span` ms of a series. Cells are aligned to fixed times, so that a bar keeps its height while time
 * passes. A cell shows the value farthest from that of the cell before it: no peak and no dip is lost.
 */
export function drawSeriesSparkline(series: Series | undefined, view: SparklineView): string {
  if (!series || series.length === 0 || view.width <= 0) return ' '.repeat(Math.max(0, view.width))
  const cells = placeCells(view)
  const drawn = drawnSparklines.get(series)
  if (drawn && isSame(drawn, cells)) return drawn.text
  const text = drawCells(series, cells)
  drawnSparklines.set(series, { ...cells, text })
  return text
}

function placeCells({ now, span, width, ahead = 0, minRange = 0, glyphs }: SparklineView): SparklineCells {
  const step = span / width
  const end = ahead > 0 ? now + ahead : Math.floor(now / step) * step
  const begin = end - width * step
  const newest = ahead > 0 ? countKnownColumns(begin, end, width, now) - 1 : width - 1
  return { begin, step, width, newest, minRange, glyphs }
}

const isSame = (a: SparklineCells, b: SparklineCells): boolean =>
  a.begin === b.begin &&
  a.step === b.step &&
  a.width === b.width &&
  a.newest === b.newest &&
  a.minRange === b.minRange &&
  a.glyphs === b.glyphs

function drawCells(series: Series, cells: SparklineCells): string {
  const values = readCells(series, cells)
  const numbers = values.filter(value => value !== undefined)
  if (numbers.length === 0) return ' '.repeat(cells.width)
  const low = Math.min(...numbers)
  return drawSparkline(values, cells.glyphs, { low, high: Math.max(...numbers, low + cells.minRange) })
}

/** Returns how much a series varies within the window: the range that rows to be compared share. */
export function computeVariation(series: Series, { now, span }: Pick<SparklineView, 'now' | 'span'>): number {
  const [range] = computeColumns(series, now - span, now, 1)
  return range === undefined ? 0 : range.high - range.low
}

function readCells(series: Series, { begin, step, width, newest }: SparklineCells): readonly (number | undefined)[] {
  const firstTime = getFirstTime(series)!
  let previous: number | undefined
  const cells = computeColumns(series, begin, begin + step * width, width).map((range, i) => {
    const isKnown = i < newest && begin + (i + 1) * step >= firstTime - step
    previous = range ? pickFarthest(range, previous) : previous
    return isKnown ? (previous ?? series.values[0]) : undefined
  })
  cells[newest] = series.values[series.length - 1]
  return cells
}

const pickFarthest = ({ low, high, last }: ColumnRange, from: number | undefined): number => {
  if (from === undefined) return last
  return Math.abs(high - from) >= Math.abs(low - from) ? high : low
}
