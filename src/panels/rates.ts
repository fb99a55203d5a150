// Growth of a series since a time, as every panel tells it.
import { firstTime, latest, type Series, valueAt } from '../base/series.ts'

const LEAST = 60_000 // ms that must have passed before a pace per hour means anything

/** Change per hour since `begin`, in the series' unit; undefined while less than a minute is known. */
export function perHour(series: Series | undefined, begin: number, now: number): number | undefined {
  const first = series && firstTime(series)
  if (!series || first === undefined) return undefined
  const from = Math.max(begin, first)
  if (now - from < LEAST) return undefined
  return ((latest(series)! - valueAt(series, from)!) * 3_600_000) / (now - from)
}
