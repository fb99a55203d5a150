// Growth rate of a series since a time, shared by all panels.

import { getFirstTime, getLatest, getValueAt, type Series } from '../base/series.ts'
import { HOUR } from '../base/units.ts'

const MIN_HISTORY = 60_000 // ms of history before a rate per hour means anything

/** Returns the change per hour since `begin`, in the unit of the series; undefined with less than a minute of history. */
export function computeHourlyRate(series: Series | undefined, begin: number, now: number): number | undefined {
  const first = series && getFirstTime(series)
  if (!series || first === undefined) return undefined
  const from = Math.max(begin, first)
  if (now - from < MIN_HISTORY) return undefined
  return ((getLatest(series)! - getValueAt(series, from)!) * HOUR) / (now - from)
}
