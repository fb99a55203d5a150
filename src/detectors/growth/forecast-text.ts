// A forecast in words: the rate, a plateau, and when memory runs out.
import { formatDuration, formatSignedBytes } from '../../base/format.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import type { EvidenceRow } from '../evidence.ts'
import { type Forecast, MIN_RATE_SPAN } from './growth-rate.ts'

/** `, +3.97 GiB/h` or `, +3.97 GiB/h, level for 19 min`, and `; no memory left in ~8 h 34 min`, empty where that is unknown. */
export function formatForecast({ perHour, span, levelFor, timeLeft }: Forecast) {
  const levelText = levelFor === undefined ? '' : `, level for ${formatDuration(levelFor)}`
  const rate = perHour > 0 ? `, ${formatMemoryRate(perHour, span)}${levelText}` : ', no longer growing'
  const end = timeLeft === undefined ? '' : `; no memory left in ~${formatDuration(timeLeft)}`
  return { rate, end: levelFor === undefined || timeLeft === undefined ? end : `${end} if it continues` }
}

/** `+64.7 MiB/min, no memory left in ~5 h 21 min`: what fits into a narrow banner; undefined where nothing grows. */
export function formatShortForecast(forecast: Forecast): string | undefined {
  const { perHour, span, levelFor, timeLeft } = forecast
  if (perHour <= 0 || levelFor !== undefined || timeLeft === undefined) return undefined
  return `${formatMemoryRate(perHour, span)}, no memory left in ~${formatDuration(timeLeft)}`
}

// Less than five minutes of data give a rate per minute.
const formatMemoryRate = (perHour: number, span: number): string =>
  span < MIN_RATE_SPAN ? `${formatSignedBytes((perHour * MINUTE) / HOUR)}/min` : `${formatSignedBytes(perHour)}/h`

/** The rate and the time left as evidence: the rate per hour where there is enough data, else per minute. */
export function listForecastEvidence(forecast: Forecast | undefined): readonly EvidenceRow[] {
  const { perHour, span = 0, timeLeft } = forecast ?? {}
  const isShort = perHour !== undefined && perHour !== 0 && span < MIN_RATE_SPAN
  return [
    ['growth per hour', isShort ? null : perHour, 'bytesPerHour', 'perHour'],
    ...(isShort ? ([['growth per minute', (perHour * MINUTE) / HOUR, 'bytesPerMinute', 'perMinute']] as const) : []),
    ['time left', timeLeft, 'ms', 'timeLeft'],
  ]
}
