// The rate of a rise and its time left in words. A rise that has levelled off is reported as such.

import { formatDuration, formatSignedBytes } from '../../base/format.ts'
import { findLastBelow, getLatest, type Series } from '../../base/series.ts'
import { MINUTE } from '../../base/units.ts'
import type { Rise } from './trend.ts'

/** `, +3.97 GiB/h` or `, +3.97 GiB/h, level for 19 min`, and `; no memory left in ~8 h 34 min`, empty where `left` is unknown. */
export function formatRateForecast(series: Series, now: number, rise: Rise, left: number | undefined) {
  const plateau = computePlateau(series, now, rise)
  const plateauText = plateau === undefined ? '' : `, level for ${formatDuration(plateau)}`
  const rate = rise.perHour > 0 ? `, ${formatSignedBytes(rise.perHour)}/h${plateauText}` : ', no longer growing'
  const end = left === undefined ? '' : `; no memory left in ~${formatDuration(left)}`
  return { rate, end: plateau === undefined || left === undefined ? end : `${end} if it continues` }
}

// Milliseconds since it last gained 2 % of its rise; undefined while that is within its usual pauses.
function computePlateau(series: Series, now: number, { since, growth }: Rise): number | undefined {
  const plateau = now - findLastBelow(series, getLatest(series)! - 0.02 * growth)
  return plateau > Math.max(5 * MINUTE, (now - since) / 10) ? plateau : undefined
}
