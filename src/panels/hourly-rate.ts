// Growth of a series since a time, as every panel tells it.

import { getFirstTime, getLatest, getValueAt, type Series } from '../base/series.ts'
import { HOUR } from '../base/units.ts'

const MIN_HISTORY = 60_000 // ms that must have passed before a pace per hour means anything

/** Change per hour since `begin`, in the series' unit; undefined while less than a minute is known. */
export function computeHourlyRate(series: Series | undefined, begin: number, now: number): number | undefined {
  const first = series && getFirstTime(series)
  if (!series || first === undefined) return undefined
  const from = Math.max(begin, first)
  if (now - from < MIN_HISTORY) return undefined
  return ((getLatest(series)! - getValueAt(series, from)!) * HOUR) / (now - from)
}
