// Growth per hour and time left of a row: from the open alert about it, else measured the same way as alerts do.
import type { Series } from '../base/series.ts'
import { HOUR, MINUTE } from '../base/units.ts'
import { type Alert, isOngoing } from '../detectors/alerts.ts'
import { type Forecast, forecastMemory, MIN_RATE_SPAN, measureGrowth } from '../detectors/growth/growth-rate.ts'
import type { History } from '../history.ts'

/** Returns the change per hour since `begin`, in the unit of the series; undefined with less than five minutes of data. */
export const computeHourlyRate = (series: Series | undefined, begin: number, now: number): number | undefined =>
  measureGrowth(series, begin, now)?.perHour

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
): Forecast | undefined => forecastMemory(history, series, begin, name === 'MemAvailable' ? -1 : 1)
