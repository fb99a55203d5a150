// Growth of a series: its rate, whether it is level, and the time left. Banner, rows and pages all show these figures.
import { getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import type { History } from '../../history.ts'
import { estimateTimeLeft } from './forecast.ts'
import type { Rise } from './rise.ts'

/** The growth of a series and what follows if it continues. */
export interface Forecast {
  /** change per hour in the unit of the series, 0 if it is level */
  readonly perHour: number
  /** ms of data behind the rate */
  readonly span: number
  /** ms since it last changed noticeably; undefined while it changes */
  readonly levelFor?: number | undefined
  /** ms until what it uses up has run out; undefined where that is unknown or does not happen */
  readonly timeLeft?: number | undefined
}

/** The forecast of a rise that a detector found. */
export const forecastRise = (history: History, series: Series, rise: Rise): Forecast => ({
  perHour: rise.perHour,
  span: rise.window,
  levelFor: rise.perHour > 0 ? measurePlateau(series, history.time, rise) : undefined,
  timeLeft: estimateTimeLeft(history, rise),
})

/** The growth of a rise since its alert was raised: the whole of it, where the rise is found in a shorter window. */
export function measureTotalGrowth(
  series: Series,
  { since, growth }: Pick<Rise, 'since' | 'growth'>,
  open: { readonly since: number } | undefined,
): Pick<Rise, 'since' | 'growth'> {
  const before = open && open.since < since ? getValueAt(series, open.since) : undefined
  const total = before === undefined ? growth : getLatest(series)! - before
  return total > growth ? { since: open!.since, growth: total } : { since, growth }
}

/** Data in ms from which a rate per hour is given: a few minutes of noise must not be extrapolated to an hour. */
export const MIN_RATE_SPAN = 5 * MINUTE

const MAX_TIME_LEFT = 7 * 24 * HOUR // a longer forecast from minutes of data means nothing

/** The growth of a series since a session time; undefined with less than five minutes of data. */
export function measureGrowth(series: Series | undefined, begin: number, now: number): Forecast | undefined {
  const first = series && getFirstTime(series)
  if (!series || first === undefined) return undefined
  const from = Math.max(begin, first)
  if (now - from < MIN_RATE_SPAN) return undefined
  const growth = getLatest(series)! - getValueAt(series, from)!
  const levelFor = measurePlateau(series, now, { since: from, growth })
  const span = now - from
  return levelFor === undefined ? { perHour: (growth * HOUR) / span, span } : { perHour: 0, span, levelFor }
}

/**
 * The same with the time until memory runs out.
 * @param direction 1 if growth uses up memory, -1 if a fall does (MemAvailable)
 */
export function forecastMemory(
  history: History,
  series: Series | undefined,
  begin: number,
  direction: 1 | -1 = 1,
): Forecast | undefined {
  const growth = measureGrowth(series, begin, history.time)
  const timeLeft = growth && estimateTimeLeft(history, { perHour: direction * growth.perHour })
  return growth && { ...growth, timeLeft: timeLeft !== undefined && timeLeft < MAX_TIME_LEFT ? timeLeft : undefined }
}

/** Returns the ms since a series last changed by 2 % of its growth; undefined while that is within its usual pauses. */
export function measurePlateau(
  series: Series,
  now: number,
  { since, growth }: { readonly since: number; readonly growth: number },
): number | undefined {
  const latest = getLatest(series)!
  let i = series.length - 1
  while (i > 0 && Math.abs(latest - series.values[i - 1]!) <= 0.02 * Math.abs(growth)) i--
  const levelFor = now - series.times[i]!
  return levelFor > Math.max(MIN_RATE_SPAN, (now - since) / 10) ? levelFor : undefined
}
