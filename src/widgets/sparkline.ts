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

/**
 * Draws the last `span` ms of a series. Cells are aligned to fixed times, so that a bar keeps its height while time
 * passes. A cell shows the value farthest from that of the cell before it: no peak and no dip is lost.
 */
export function drawSeriesSparkline(series: Series | undefined, view: SparklineView): string {
  const { width, glyphs, minRange = 0 } = view
  if (!series || series.length === 0 || width <= 0) return ' '.repeat(Math.max(0, width))
  const values = readCells(series, view)
  const numbers = values.filter(value => value !== undefined)
  if (numbers.length === 0) return ' '.repeat(width)
  const low = Math.min(...numbers)
  return drawSparkline(values, glyphs, { low, high: Math.max(...numbers, low + minRange) })
}

/** Returns how much a series varies within the window: the range that rows to be compared share. */
export function computeVariation(series: Series, { now, span }: Pick<SparklineView, 'now' | 'span'>): number {
  const [range] = computeColumns(series, now - span, now, 1)
  return range === undefined ? 0 : range.high - range.low
}

function readCells(series: Series, { now, span, width, ahead = 0 }: SparklineView): readonly (number | undefined)[] {
  const step = span / width
  const end = ahead > 0 ? now + ahead : Math.floor(now / step) * step
  const begin = end - width * step
  const newest = ahead > 0 ? countKnownColumns(begin, end, width, now) - 1 : width - 1
  const firstTime = getFirstTime(series)!
  let previous: number | undefined
  const cells = computeColumns(series, begin, end, width).map((range, i) => {
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
