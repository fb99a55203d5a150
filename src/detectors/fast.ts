// Fast rises: what a number gains within a minute, against its own peak of the minutes before.
import { slicePoints, getFirstTime, computeLargestFall, type Series, sampleSeries, getValueAt } from '../base/series.ts'
import type { Rise } from './lasting.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Share of its own falls by which it must exceed its peak: what a number gave back it may take and give back again. */
export const FALLS = 0.5

/** A time that nobody looked: growth over it is told at its own pace, not as if it came within the last look. */
export type Gap = { readonly from: number; readonly to: number } | undefined

interface FastOptions {
  readonly gap: Gap
  /** ms before the last minute whose peak it must exceed */
  readonly peaks: number
  /** what of the growth since a time only follows something harmless */
  readonly follows?: (since: number) => number
}

/**
 * A rise of at least `floor` a minute. It is told while it lasts and for a minute after, so that it does not come and go with
 * every burst.
 */
export function fastRise(
  series: Series,
  now: number,
  floor: number,
  { gap, peaks, follows = () => 0 }: FastOptions,
): Rise | undefined {
  if (quiet(series, now, floor)) return undefined
  for (const time of [now, now - 20 * SECOND, now - 40 * SECOND, now - MINUTE]) {
    const reference = referenceLevel(series, time, gap, peaks)
    if (reference === undefined) continue
    const { level, until, restless, fall } = reference
    const least = Math.max(floor, 4 * restless, FALLS * fall) * Math.max(1, (time - until) / MINUTE)
    if (stood(series, time, level, least) < least) continue
    const still = lowest(series, now - 5 * SECOND, now) - level
    if (still < least / 2 || still - follows(until) < least / 2) continue
    const recent = (getValueAt(series, now) ?? 0) - (getValueAt(series, now - 10 * SECOND) ?? level)
    const span = Math.max(12 * SECOND, now - until)
    const levelled = recent < (still / span) * 10 * SECOND * 0.25 // the last 10 s at a quarter of the pace
    return { since: until, growth: still, perHour: levelled ? 0 : (still * HOUR) / span, window: span }
  }
  return undefined
}

// Nearly always: it stands no higher than it did seven minutes ago, nor between.
function quiet(series: Series, now: number, floor: number): boolean {
  const { values } = slicePoints(series, now - 7 * MINUTE, now)
  return Math.max(...values) - Math.min(...values) < floor / 2
}

interface Reference {
  readonly level: number
  readonly until: number
  /** what it usually moves within a minute */
  readonly restless: number
  /** the most that it fell in the time of the peaks */
  readonly fall: number
}

// What it rose from: the highest of what came before the last minute, so that a saw-tooth measures itself against
// its own last peak; in a young session what its first look showed.
function referenceLevel(series: Series, time: number, gap: Gap, peaks: number): Reference | undefined {
  const first = getFirstTime(series)
  if (first === undefined || time - first < 8 * SECOND) return undefined
  const minute = Math.max(first, time - MINUTE)
  const until = gap && gap.to > minute && gap.from < minute ? gap.from : minute
  const { values } = slicePoints(series, until - peaks, until)
  return { level: Math.max(...values), until, restless: restlessness(series, until), fall: computeLargestFall(values) }
}

// What three of four minutes of the half hour before moved it by at most: the median would be 0 where looks are missing.
function restlessness(series: Series, until: number): number {
  const begin = Math.max(getFirstTime(series)!, until - 30 * MINUTE)
  const minutes = Math.floor((until - begin) / MINUTE)
  if (minutes < 4) return 0
  const values = sampleSeries(series, until - minutes * MINUTE, until, minutes + 1)
  const moves = values.slice(1).map((value, i) => Math.abs(value! - values[i]!))
  return moves.sort((a, b) => a - b)[Math.floor(moves.length * 0.75)]!
}

// How far it stands above the reference: a large rise must have stood for 5 s, a small one for 12.
function stood(series: Series, time: number, level: number, floor: number): number {
  const large = lowest(series, time - 5 * SECOND, time) - level
  return large >= 1.5 * floor ? large : lowest(series, time - 12 * SECOND, time) - level
}

const lowest = (series: Series, begin: number, end: number): number => Math.min(...slicePoints(series, begin, end).values)
