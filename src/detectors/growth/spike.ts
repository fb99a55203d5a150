// Fast rises: what a number gains within a minute, against its own peak of the minutes before.

import {
  computeLargestFall,
  getFirstTime,
  getValueAt,
  type Series,
  sampleSeries,
  slicePoints,
} from '../../base/series.ts'
import { HOUR, MINUTE, SECOND } from '../../base/units.ts'
import type { Rise } from './trend.ts'

/** Share of its own falls by which it must exceed its peak: what a number gave back it may take and give back again. */
export const FALL_MARGIN = 0.5

/** A time that nobody looked: growth over it is told at its own pace, not as if it came within the last look. */
export type SamplingGap = { readonly from: number; readonly to: number } | undefined

interface SpikeOptions {
  readonly gap: SamplingGap
  /** ms before the last minute whose peak it must exceed */
  readonly peakWindow: number
  /** what of the growth since a time only follows something harmless */
  readonly getHarmlessGrowth?: (since: number) => number
}

/**
 * A rise of at least `floor` a minute. It is told while it lasts and for a minute after, so that it does not come and go with
 * every burst.
 */
export function findSpike(
  series: Series,
  now: number,
  floor: number,
  { gap, peakWindow, getHarmlessGrowth = () => 0 }: SpikeOptions,
): Rise | undefined {
  if (isQuiet(series, now, floor)) return undefined
  for (const time of [now, now - 20 * SECOND, now - 40 * SECOND, now - MINUTE]) {
    const reference = findReferenceLevel(series, time, gap, peakWindow)
    if (reference === undefined) continue
    const { level, until, noise, maxFall } = reference
    const threshold = Math.max(floor, 4 * noise, FALL_MARGIN * maxFall) * Math.max(1, (time - until) / MINUTE)
    if (computeStableGain(series, time, level, threshold) < threshold) continue
    const currentGain = findLowest(series, now - 5 * SECOND, now) - level
    if (currentGain < threshold / 2 || currentGain - getHarmlessGrowth(until) < threshold / 2) continue
    const recentGain = (getValueAt(series, now) ?? 0) - (getValueAt(series, now - 10 * SECOND) ?? level)
    const span = Math.max(12 * SECOND, now - until)
    const hasLevelled = recentGain < (currentGain / span) * 10 * SECOND * 0.25 // the last 10 s at a quarter of the pace
    return { since: until, growth: currentGain, perHour: hasLevelled ? 0 : (currentGain * HOUR) / span, window: span }
  }
  return undefined
}

// Nearly always: it stands no higher than it did seven minutes ago, nor between.
function isQuiet(series: Series, now: number, floor: number): boolean {
  const { values } = slicePoints(series, now - 7 * MINUTE, now)
  return Math.max(...values) - Math.min(...values) < floor / 2
}

interface ReferenceLevel {
  readonly level: number
  readonly until: number
  /** what it usually moves within a minute */
  readonly noise: number
  /** the most that it fell in the time of the peaks */
  readonly maxFall: number
}

// What it rose from: the highest of what came before the last minute, so that a saw-tooth measures itself against
// its own last peak; in a young session what its first look showed.
function findReferenceLevel(
  series: Series,
  time: number,
  gap: SamplingGap,
  peakWindow: number,
): ReferenceLevel | undefined {
  const first = getFirstTime(series)
  if (first === undefined || time - first < 8 * SECOND) return undefined
  const minute = Math.max(first, time - MINUTE)
  const until = gap && gap.to > minute && gap.from < minute ? gap.from : minute
  const { values } = slicePoints(series, until - peakWindow, until)
  return { level: Math.max(...values), until, noise: computeNoise(series, until), maxFall: computeLargestFall(values) }
}

// What three of four minutes of the half hour before moved it by at most: the median would be 0 where looks are missing.
function computeNoise(series: Series, until: number): number {
  const begin = Math.max(getFirstTime(series)!, until - 30 * MINUTE)
  const minutes = Math.floor((until - begin) / MINUTE)
  if (minutes < 4) return 0
  const values = sampleSeries(series, until - minutes * MINUTE, until, minutes + 1)
  const moves = values.slice(1).map((value, i) => Math.abs(value! - values[i]!))
  return moves.sort((a, b) => a - b)[Math.floor(moves.length * 0.75)]!
}

// How far it stands above the reference: a large rise must have stood for 5 s, a small one for 12.
function computeStableGain(series: Series, time: number, level: number, floor: number): number {
  const large = findLowest(series, time - 5 * SECOND, time) - level
  return large >= 1.5 * floor ? large : findLowest(series, time - 12 * SECOND, time) - level
}

const findLowest = (series: Series, begin: number, end: number): number =>
  Math.min(...slicePoints(series, begin, end).values)
