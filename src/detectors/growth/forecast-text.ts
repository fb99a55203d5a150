// A forecast in words: the rate, a plateau, and when memory runs out.
import { formatDuration, formatSignedBytes } from '../../base/format.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import { type Forecast, MIN_RATE_SPAN } from './growth-rate.ts'

/**
 * `, +3.97 GiB/h` or `, +3.97 GiB/h, level for 19 min`, and `; no memory left in ~8 h 34 min`, empty where that is unknown.
 * @param span ms of data behind the rate: less than five minutes give a rate per minute
 */
export function formatForecast({ perHour, levelFor, timeLeft }: Forecast, span: number) {
  const levelText = levelFor === undefined ? '' : `, level for ${formatDuration(levelFor)}`
  const rate = perHour > 0 ? `, ${formatMemoryRate(perHour, span)}${levelText}` : ', no longer growing'
  const end = timeLeft === undefined ? '' : `; no memory left in ~${formatDuration(timeLeft)}`
  return { rate, end: levelFor === undefined || timeLeft === undefined ? end : `${end} if it continues` }
}

const formatMemoryRate = (perHour: number, span: number): string =>
  span < MIN_RATE_SPAN ? `${formatSignedBytes((perHour * MINUTE) / HOUR)}/min` : `${formatSignedBytes(perHour)}/h`
