// Growth per hour and time left of a row: from the open alert about it, else measured the same way as alerts do. Of a recording that is
// still being read, no rate is given over a time that was not read.
import type { Series } from '../base/series.ts'
import { HOUR, MINUTE } from '../base/units.ts'
import { estimateTimeToLimit } from '../collectors/cgroups/tree-queries.ts'
import { type Alert, isOngoing } from '../detectors/alerts.ts'
import { type Forecast, forecastMemory, MIN_RATE_SPAN, measureGrowth } from '../detectors/growth/growth-rate.ts'
import { type History, isKnownSince } from '../history.ts'

/** Returns the change per hour since `begin`, in the unit of the series; undefined with less than five minutes of data. */
export const computeHourlyRate = (history: History, series: Series | undefined, begin: number): number | undefined =>
  isKnownSince(history, begin) ? measureGrowth(series, begin, history.time)?.perHour : undefined

/** Returns whether the five minutes were read whose rate the time to a limit follows from. */
export const isLimitRateKnown = (history: History): boolean => isKnownSince(history, history.time - 5 * MINUTE)

/** Returns the milliseconds until the tightest limit of a cgroup is reached; undefined if that does not happen or is not known. */
export const computeTimeToLimit = (history: History, path: string): number | undefined =>
  isLimitRateKnown(history) ? estimateTimeToLimit(history.cgroups, path, history.time) : undefined

/** A forecast with its rate per hour, or per minute where there is too little data for an hour. */
export interface ShownForecast extends Partial<Forecast> {
  readonly perMinute?: number
}

/**
 * Returns the forecast of the open alert about a subject, so that banner, row and page show the same figures. A rate from less than
 * five minutes is given per minute, as the alert gives it.
 */
export function findAlertForecast(alerts: readonly Alert[], subject: string): ShownForecast | undefined {
  const alert = alerts.find(one => one.subject === subject && isOngoing(one))
  const { perHour, span = 0, ...rest } = alert?.forecast ?? {}
  if (!alert?.forecast) return undefined
  if (perHour === undefined) return rest
  return span < MIN_RATE_SPAN && perHour !== 0
    ? { ...rest, perMinute: (perHour * MINUTE) / HOUR }
    : { ...rest, perHour }
}

/** Returns the forecast of unreclaimable memory that grows; of MemAvailable, where a fall uses up memory. */
export const computeMemoryForecast = (
  history: History,
  series: Series | undefined,
  begin: number,
  name = '',
): Forecast | undefined =>
  isKnownSince(history, begin) ? forecastMemory(history, series, begin, name === 'MemAvailable' ? -1 : 1) : undefined
