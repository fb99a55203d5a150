// The time until all memcg IDs are used: one figure for alerts, the cgroup panel and `--json`.
import {
  computeGrowthSince,
  getFirstTime,
  getLatest,
  getValueAt,
  getValueOrFirst,
  type Series,
} from '../base/series.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../base/units.ts'
import { MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import { computeMemcgIds } from '../collectors/cgroups/memcg-ids.ts'
import type { History } from '../history.ts'
import { findSustainedRises } from './growth/trend.ts'

const HORIZONS = [
  { span: 24 * HOUR, share: 0, least: 500 },
  { span: 2 * HOUR, share: 0, least: 200 },
]

/**
 * Returns milliseconds until the IDs are used up: at the rate of the last minutes if that ends within the hour, at the rate of a
 * sustained rise if there is one, else at the average rate. Undefined while they do not rise.
 */
export function estimateIdExhaustion(history: History): number | undefined {
  const { time } = history
  const ids = computeMemcgIds(history)
  if (!ids) return undefined
  const left = Math.max(0, MAX_MEMCG_IDS - ids.used)
  if (left === 0 && !ids.isUpperBound) return 0
  const perHour = Math.min(...[1, 5].map(minutes => computeHourlyGain(ids.series, time, minutes)))
  const soon = (left / perHour) * HOUR
  if (perHour > 0 && soon < HOUR && isStillRising(ids.series, time, MINUTE)) return soon
  const [rise] = findSustainedRises(ids.series, time, { horizons: HORIZONS, whole: 0, open: true })
  const average = rise && rise.perHour > 0 ? rise.perHour : computeAverageRate(ids.series, time)
  return average === undefined ? undefined : (left / average) * HOUR
}

// Returns the gain per hour over the last minutes; 0 while less than one minute is known.
function computeHourlyGain(series: Series, now: number, minutes: number): number {
  if (getValueAt(series, now - MINUTE) === undefined) return 0
  const before = getValueOrFirst(series, now - minutes * MINUTE)!
  return (getLatest(series)! - before) * (60 / minutes)
}

const MIN_RATE = MAX_MEMCG_IDS / 1000 // IDs per hour worth a forecast: 40 days from empty to full
/** This many more cgroups are no burst of pods: their rate is known after ten seconds, that of fewer after ten minutes. */
const LARGE_GROWTH = 1000

/** Returns the average rate over all data (a day at most), because churn makes the slope of a few minutes useless. */
function computeAverageRate(series: Series, now: number): number | undefined {
  const first = getFirstTime(series)
  if (first === undefined) return undefined
  const begin = Math.max(first, now - DAY)
  const growth = getLatest(series)! - getValueAt(series, begin)!
  if (now - begin < (growth < LARGE_GROWTH ? 10 * MINUTE : 10 * SECOND)) return undefined
  const perHour = (growth / (now - begin)) * HOUR
  return perHour < MIN_RATE || !isStillRising(series, now, now - begin) ? undefined : perHour
}

// The last quarter of the time has brought a fair part of the growth: an end is not forecast from a rise that is over.
function isStillRising(series: Series, now: number, span: number): boolean {
  return computeGrowthSince(series, now - span / 4) > computeGrowthSince(series, now - span) / 16
}
