// Rises in bursts: their average rate, and alerts that stay open through their pauses.

import { getFirstTime, getLatest, getValueAt, type Series, sampleSeries } from '../../base/series.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import type { Rise } from './rise.ts'

const POINTS = 60

/**
 * Returns the rise of an open alert that is no longer found, through a pause up to twice as long as the longest before. A leak in
 * bursts is level for longer than a short horizon can bridge.
 * @param since start of the alert, session ms
 * @param least growth in bytes below which the rise is over
 */
export function findPausedRise(series: Series, now: number, since: number, least: number): Rise | undefined {
  const begin = Math.max(since, getFirstTime(series) ?? now)
  const growth = getLatest(series)! - (getValueAt(series, begin) ?? Number.POSITIVE_INFINITY)
  if (growth < least || now - begin < MINUTE) return undefined
  const { longest, last } = measurePauses(sampleSeries(series, begin, now, 2 * POINTS).map(value => value ?? 0))
  const step = (now - begin) / (2 * POINTS - 1)
  if (last * step > Math.max(5 * MINUTE, 2 * longest * step)) return undefined
  return { since: begin, growth, perHour: (growth * HOUR) / (now - begin), window: now - begin }
}

// Counts the steps between gains of 2 % of the whole rise: the most of them, and those since the last gain.
function measurePauses(values: readonly number[]): { longest: number; last: number } {
  const gain = 0.02 * (values.at(-1)! - values[0]!)
  let [high, lastGainAt, longest] = [values[0]!, 0, 0]
  for (const [i, value] of values.entries()) {
    if (value < high + gain) continue
    longest = Math.max(longest, i - lastGainAt)
    high = value
    lastGainAt = i
  }
  return { longest, last: values.length - 1 - lastGainAt }
}

/**
 * Returns the rate per hour of a rise in bursts since the earliest of the given times, preferring one from which it rose evenly on the
 * whole; undefined if it does not rise in bursts. The median slope of a staircase is that of its steps, not of the whole climb.
 */
export function computeBurstRate(series: Series, now: number, times: readonly number[]): number | undefined {
  const first = getFirstTime(series)
  if (first === undefined) return undefined
  const begins = [findOnset(series, Math.max(first, now - 72 * HOUR), now), ...times.map(time => Math.max(time, first))]
  const rates = begins
    .filter(begin => now - begin >= 5 * MINUTE)
    .sort((a, b) => a - b)
    .map(begin => computeRateFrom(begin, sampleSeries(series, begin, now, POINTS) as number[], now))
  return (rates.find(rate => rate?.even) ?? rates.at(-1))?.perHour
}

function computeRateFrom(begin: number, values: readonly number[], now: number) {
  if (!isBursty(values)) return undefined
  return { perHour: (computeGainAfterFirst(values) * HOUR) / (now - begin), even: isEven(values) }
}

// The last time it was within a tenth of its rise above its minimum.
function findOnset(series: Series, begin: number, now: number): number {
  const values = sampleSeries(series, begin, now, 4 * POINTS).map(value => value ?? 0)
  const low = Math.min(...values)
  const at = values.findLastIndex(value => value <= low + 0.1 * (values.at(-1)! - low))
  return begin + (Math.max(0, at) * (now - begin)) / (4 * POINTS - 1)
}

// The gain after the first burst, because time is counted from it.
function computeGainAfterFirst(values: readonly number[]): number {
  const gain = values.at(-1)! - values[0]!
  const first = values.find(value => value - values[0]! > 0.02 * gain)!
  return values.at(-1)! - first
}

// A quarter of the steps make up most of the rise, and it hardly falls.
function isBursty(values: readonly number[]): boolean {
  const steps = values.slice(1).map((value, i) => value - values[i]!)
  const ups = steps.filter(step => step > 0).sort((a, b) => b - a)
  const up = ups.reduce((all, step) => all + step, 0)
  const gain = values.at(-1)! - values[0]!
  const most = ups.slice(0, POINTS / 4).reduce((all, step) => all + step, 0)
  return gain > 0 && up - gain <= 0.3 * gain && most >= 0.7 * up
}

// It stays close to the straight line between its ends.
function isEven(values: readonly number[]): boolean {
  const [first, gain] = [values[0]!, values.at(-1)! - values[0]!]
  return values.every((value, i) => Math.abs(value - first - (gain * i) / (POINTS - 1)) <= 0.35 * gain)
}
