// Spikes: growth within a minute, compared with the peak of the minutes before.

import {
  computeLargestFall,
  getFirstTime,
  getValueAt,
  type Series,
  sampleSeries,
  slicePoints,
} from '../../base/series.ts'
import { HOUR, MINUTE, SECOND } from '../../base/units.ts'
import type { Rise } from './rise.ts'

/** Share of its own falls by which a series must exceed its peak: memory that was freed may be taken and freed again. */
export const FALL_MARGIN = 0.5

/** A period without samples: growth during it counts from its start, not as if it came within the last sample. */
export type SamplingGap = { readonly from: number; readonly to: number } | undefined

interface SpikeOptions {
  readonly gap: SamplingGap
  /** ms before the last minute whose peak it must exceed */
  readonly peakWindow: number
  /** the harmless part of the growth since a time */
  readonly getHarmlessGrowth?: (since: number) => number
}

/**
 * Finds a rise of at least `floor` per minute. It is found while it lasts and for a minute after, so that an alert does not come and
 * go with every burst.
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
    const hasLevelled = recentGain < (currentGain / span) * 10 * SECOND * 0.25 // the last 10 s grew at less than a quarter of the average rate
    return { since: until, growth: currentGain, perHour: hasLevelled ? 0 : (currentGain * HOUR) / span, window: span }
  }
  return undefined
}

// The common case: it hardly moved within seven minutes.
function isQuiet(series: Series, now: number, floor: number): boolean {
  const { values } = slicePoints(series, now - 7 * MINUTE, now)
  return Math.max(...values) - Math.min(...values) < floor / 2
}

interface ReferenceLevel {
  readonly level: number
  readonly until: number
  /** how far it usually moves within a minute */
  readonly noise: number
  /** its largest fall within the peak window */
  readonly maxFall: number
}

// The level it rose from: the highest before the last minute, so that a saw-tooth is compared with its own last peak. In a young
// session it is the first sample.
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

// The third quartile of its moves per minute over half an hour: the median would be 0 where samples are missing.
function computeNoise(series: Series, until: number): number {
  const begin = Math.max(getFirstTime(series)!, until - 30 * MINUTE)
  const minutes = Math.floor((until - begin) / MINUTE)
  if (minutes < 4) return 0
  const values = sampleSeries(series, until - minutes * MINUTE, until, minutes + 1)
  const moves = values.slice(1).map((value, i) => Math.abs(value! - values[i]!))
  return moves.sort((a, b) => a - b)[Math.floor(moves.length * 0.75)]!
}

// How far it is above the reference: for 5 s if the rise is large, for 12 s if it is small.
function computeStableGain(series: Series, time: number, level: number, floor: number): number {
  const large = findLowest(series, time - 5 * SECOND, time) - level
  return large >= 1.5 * floor ? large : findLowest(series, time - 12 * SECOND, time) - level
}

const findLowest = (series: Series, begin: number, end: number): number =>
  Math.min(...slicePoints(series, begin, end).values)
