// The pace of a rise in words, and when it ends; a number that stands still by now is said to do so.

import { formatDuration, formatSignedBytes } from '../../base/format.ts'
import { findLastBelow, getLatest, type Series } from '../../base/series.ts'
import { MINUTE } from '../../base/units.ts'
import type { Rise } from './trend.ts'

/** `, +3.97 GiB/h` or `, +3.97 GiB/h, level for 19 min`, and `; no memory left in ~8 h 34 min`, empty when `left` is not known. */
export function formatRateForecast(series: Series, now: number, rise: Rise, left: number | undefined) {
  const plateau = computePlateau(series, now, rise)
  const plateauText = plateau === undefined ? '' : `, level for ${formatDuration(plateau)}`
  const pace = rise.perHour > 0 ? `, ${formatSignedBytes(rise.perHour)}/h${plateauText}` : ', now level'
  const end = left === undefined ? '' : `; no memory left in ~${formatDuration(left)}`
  return { pace, end: plateau === undefined || left === undefined ? end : `${end} if it goes on` }
}

// Ms since it last gained a fiftieth of its rise; undefined when that is no longer than it takes, in bursts too.
function computePlateau(series: Series, now: number, { since, growth }: Rise): number | undefined {
  const plateau = now - findLastBelow(series, getLatest(series)! - 0.02 * growth)
  return plateau > Math.max(5 * MINUTE, (now - since) / 10) ? plateau : undefined
}
