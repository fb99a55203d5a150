// Columns of a chart: what a series held in the time of each column. Minimum and maximum are kept, so that no peak is lost.
import { countPointsUntil, type Series } from '../../base/series.ts'

/** The values of one column; undefined before the series begins. */
export interface ColumnRange {
  readonly low: number
  readonly high: number
  /** the value at the end of the column */
  readonly last: number
}

/**
 * Returns the range of values in each of `count` equal intervals from `begin` to `end`, in session ms.
 * A value holds until the next point, so a column without a point has the value before it.
 */
export function computeColumns(
  series: Series,
  begin: number,
  end: number,
  count: number,
): readonly (ColumnRange | undefined)[] {
  const step = (end - begin) / Math.max(1, count)
  const columns: (ColumnRange | undefined)[] = []
  let index = Math.max(0, countPointsUntil(series, begin) - 1) // a long session has a thousand points before
  let value: number | undefined
  for (let column = 0; column < count; column++) {
    const until = begin + (column + 1) * step
    let low = value ?? Number.POSITIVE_INFINITY
    let high = value ?? Number.NEGATIVE_INFINITY
    for (; index < series.length && series.times[index]! <= until; index++) {
      value = series.values[index]!
      const isBefore = series.times[index]! <= begin + column * step
      low = isBefore ? value : Math.min(low, value)
      high = isBefore ? value : Math.max(high, value)
    }
    columns.push(value === undefined ? undefined : { low, high, last: value })
  }
  return columns
}

/** Returns how many of `count` columns begin before the newest sample; at least one. */
export const countKnownColumns = (begin: number, end: number, count: number, newest = end): number =>
  Math.min(count, Math.max(1, Math.ceil(((newest - begin) / Math.max(1, end - begin)) * count)))

/**
 * Returns the time in each column at which `series` was lowest, the last of several: where a stacked chart is read, so that the moment
 * of least free memory is the one that is drawn, and all layers are read at the same moment.
 */
export function findLowestTimes(series: Series, begin: number, end: number, count: number): readonly number[] {
  const step = (end - begin) / Math.max(1, count)
  const times = Array.from({ length: count }, (_, i) => begin + (i + 1) * step)
  const lowest = times.map(() => Number.POSITIVE_INFINITY)
  for (let i = countPointsUntil(series, begin); i < series.length; i++) {
    const time = series.times[i]!
    const column = Math.ceil((time - begin) / step) - 1
    if (column < 0 || column >= count || series.values[i]! > lowest[column]!) continue
    lowest[column] = series.values[i]!
    times[column] = time
  }
  return times
}
