// Sparkline: a series in one line of eight heights.
import { getFirstTime, type Series, sampleSeries } from '../base/series.ts'
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
  const top = glyphs.spark.length - 1
  return values
    .map(value => {
      if (value === undefined) return ' '
      const share = high > low ? (value - low) / (high - low) : 0
      return glyphs.spark[Math.min(top, Math.max(0, Math.round(share * top)))]!
    })
    .join('')
}

/**
 * Draws the last `span` ms of a series in `width` cells. Cells are aligned to fixed times, so that a bar keeps its height
 * while time passes. A range below `minRange` is widened to it: noise must not look like growth.
 */
export function drawSeriesSparkline(
  series: Series | undefined,
  now: number,
  span: number,
  width: number,
  glyphs: Glyphs,
  minRange = 0,
): string {
  if (!series || series.length === 0 || width <= 0) return ' '.repeat(Math.max(0, width))
  const step = span / width
  const end = Math.floor(now / step) * step
  const values = sampleSeries(series, end - (width - 1) * step, end, width)
  values[width - 1] = series.values[series.length - 1]
  const firstKnownTime = getFirstTime(series)!
  const known = values.map((value, i) =>
    end - (width - 1 - i) * step >= firstKnownTime - step ? (value ?? series.values[0]) : undefined,
  )
  const numbers = known.filter(value => value !== undefined)
  const low = Math.min(...numbers)
  return drawSparkline(known, glyphs, { low, high: Math.max(Math.max(...numbers), low + minRange) })
}
