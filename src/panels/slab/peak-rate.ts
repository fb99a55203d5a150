// The fastest growth of a cache in this session, and when: a leak that has levelled off shows no rate any more.
import { formatDuration, formatSignedBytes } from '../../base/format.ts'
import { getFirstTime, type Series, sampleSeries } from '../../base/series.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { History } from '../../history.ts'
import { formatWhen } from '../alerts/format.ts'

const PARTS = 24
const MIN_PART = 5 * MINUTE // as of every rate per hour

/** The part of a series with the largest growth. */
interface PeakRate {
  readonly perHour: number
  /** session ms */
  readonly begin: number
  readonly end: number
}

/** Returns the fastest of 24 equal parts, or of those of five minutes; undefined without growth, or where there are not two parts. */
export function findPeakRate(series: Series, now: number): PeakRate | undefined {
  const first = getFirstTime(series) ?? now
  const parts = Math.min(PARTS, Math.floor((now - first) / MIN_PART))
  if (parts < 2) return undefined
  const part = (now - first) / parts
  const values = sampleSeries(series, first, now, parts + 1)
  const rates = values.slice(1).map((value, i) => (((value ?? 0) - (values[i] ?? 0)) * HOUR) / part)
  const perHour = Math.max(...rates)
  const begin = first + rates.indexOf(perHour) * part
  return perHour > 0 ? { perHour, begin, end: begin + part } : undefined
}

/** `+1.49 GiB per hour, in 1 h 30 min from Tue 14:00:00`; undefined where nothing grew. */
export function describePeakRate({ session, time }: History, series: Series): string | undefined {
  const peak = findPeakRate(series, time)
  if (!peak) return undefined
  const from = formatWhen(toWallTime(session, peak.begin), toWallTime(session, time))
  return `${formatSignedBytes(peak.perHour)} per hour, in ${formatDuration(peak.end - peak.begin)} from ${from}`
}
