// Sustained rises of a series over several horizons. Each is analysed again only after a sixtieth of it has passed. The result
// depends on the series alone, so live view and replay agree.

import {
  computeLargestFall,
  getFirstTime,
  getLatest,
  type Series,
  sampleSeries,
  slicePoints,
} from '../../base/series.ts'
import { computeTrend, fitCurve, isSustainedRise, type Trend } from '../../base/trend.ts'
import { DAY, HOUR } from '../../base/units.ts'
import type { Acceleration, Rise } from './rise.ts'
import { FALL_MARGIN } from './spike.ts'

const POINTS = 60
const SHORT_SPAN = 2 * HOUR // over up to this long a batch job and a leak look alike

/** How far back, and the growth over it that matters: a share of the whole, and at least `least`. */
export interface Horizon {
  readonly span: number
  readonly share: number
  readonly least: number
  /** share of the whole at which `least` is capped, so that the same leak is found on a small node */
  readonly smallShare?: number
}

/** Returns the growth over a horizon that matters, in the unit of the series. */
export const computeFloor = ({ share, least, smallShare = Number.POSITIVE_INFINITY }: Horizon, whole: number): number =>
  Math.max(share * whole, whole === 0 ? least : Math.min(least, smallShare * whole))

/** A window of a series: its trend, since when it rises, and the rate since then (per ms). */
interface TrendWindow {
  readonly first: number
  readonly begin: number
  readonly end: number
  readonly trend: Trend
  readonly onset: number
  readonly rate: number
  readonly acceleration?: Acceleration
  /** minimum of the last tenth; and maximum and largest fall of the two days before the window */
  readonly recentLow: number
  readonly peak: number
  readonly maxFall: number
  readonly values: readonly number[]
}

// An open alert lasts until the rise is clearly over.
const OPEN_ALERT_LIMITS = { z: 1, persistence: 0.15, ratchet: 3 }

/**
 * Finds sustained rises, the longest horizon first. A rise back to a level from before its window does not count: a saw-tooth and a
 * daily wave are compared with their own last peak.
 * @param whole the whole that `share` refers to: MemTotal
 * @param open an alert is open: the limits are lower until the rise is clearly over
 */
export function findSustainedRises(
  series: Series,
  now: number,
  { horizons, whole, open = false }: { horizons: readonly Horizon[]; whole: number; open?: boolean },
): readonly Rise[] {
  return horizons.flatMap(horizon => {
    const { span } = horizon
    const full = computeFloor(horizon, whole)
    const window = getWindow(series, now, span, full / 4)
    if (!window || !isSustainedRise(window.trend, open ? OPEN_ALERT_LIMITS : undefined)) return []
    const slope = Math.max(0, window.trend.slope * (POINTS - 1))
    const currentGain = getLatest(series)! - Math.min(...window.values)
    const floor = full * (open ? 0.5 : getFloorFactor(window, span))
    if (slope < floor || currentGain < slope / 2) return [] // it may have fallen since the window was analysed
    const margin = span <= SHORT_SPAN ? 1 : FALL_MARGIN
    if (!open && (isSuddenJump(window) || isReturnToPeak(window, Math.max(0.4 * floor, margin * window.maxFall))))
      return []
    const growth = Math.min(currentGain, computeGain(window)) // a leak that began within the window did not rise over all of it
    const length = window.end - window.begin
    const acceleration = window.acceleration ? { acceleration: window.acceleration } : {}
    return [{ since: window.onset, growth, perHour: window.rate * HOUR, window: length, ...acceleration }]
  })
}

// A window that is not full yet has seen fewer of the rises that fall again by themselves.
function getFloorFactor({ begin, end, first }: TrendWindow, span: number): number {
  if (span >= DAY) return end - begin >= 0.98 * span ? 1 : 2
  if (end - first >= DAY) return 1 // a daily wave is not known before a day has passed
  return span < DAY / 4 ? 1.5 : 2.2
}

// It is hardly higher than before. A number that fell may rise as far again: one batch may be twice as large as another.
const isReturnToPeak = ({ recentLow, peak }: TrendWindow, least: number): boolean => recentLow - peak < least

// Most of it came in one step, which is no trend yet.
const isSuddenJump = ({ trend }: TrendWindow): boolean => trend.jump > 0.6

const computeGain = ({ values, trend }: TrendWindow): number =>
  Math.max(trend.slope * (POINTS - 1), Math.min(...values.slice(-3)) - Math.max(...values.slice(0, 3)))

/** Analysed windows by the buffer of their series: appending shares the buffer, thinning replaces it. */
const windowCache = new WeakMap<readonly number[], Map<number, CachedWindow>>()

interface CachedWindow {
  readonly bucket: number
  readonly window: TrendWindow | undefined
}

function getWindow(series: Series, now: number, span: number, least: number): TrendWindow | undefined {
  const bucket = Math.floor(now / (span / POINTS))
  const cachedWindows = windowCache.get(series.times) ?? new Map<number, CachedWindow>()
  windowCache.set(series.times, cachedWindows)
  const before = cachedWindows.get(span)
  if (before?.bucket === bucket) return before.window
  const window = analyzeWindow(series, (bucket * span) / POINTS, span, least)
  cachedWindows.set(span, { bucket, window })
  return window
}

function analyzeWindow(series: Series, end: number, span: number, least: number): TrendWindow | undefined {
  const first = getFirstTime(series)
  if (first === undefined) return undefined
  const begin = Math.max(first, end - span)
  if (end - begin < (span * 2) / 3) return undefined
  const values = sampleSeries(series, begin, end, POINTS).map(value => value ?? 0)
  if (Math.max(...values.slice(-12)) - Math.min(...values.slice(0, 12)) < least) return undefined // too little growth to analyse
  const trend = computeTrend(values)!
  if (trend.slope <= 0) return undefined
  const onset = findOnset(values, begin, end)
  const before = begin > first ? slicePoints(series, begin - 2 * DAY, begin).values : []
  return {
    first,
    begin,
    end,
    trend,
    values,
    onset,
    ...estimateRate(series, { begin, end, onset }, trend),
    recentLow: Math.min(...values.slice(-POINTS / 10)),
    peak: Math.max(...before),
    maxFall: computeLargestFall(before),
  }
}

// The last time it was within a tenth of its rise above its minimum.
function findOnset(values: readonly number[], begin: number, end: number): number {
  const low = Math.min(...values)
  const edge = low + 0.1 * (Math.max(...values) - low)
  const at = Math.max(
    0,
    values.findLastIndex(value => value <= edge),
  )
  return begin + (at * (end - begin)) / (POINTS - 1)
}

function estimateRate(
  series: Series,
  { begin, end, onset }: Pick<TrendWindow, 'begin' | 'end' | 'onset'>,
  trend: Trend,
): RateEstimate {
  const length = end - begin
  const whole = trend.slope / (length / (POINTS - 1))
  if (end - onset < length / 6) return { rate: whole }
  const values = sampleSeries(series, onset, end, POINTS).map(value => value ?? 0)
  const step = (end - onset) / (POINTS - 1)
  return fitAcceleration(values, step) ?? { rate: Math.max(0, computeTrend(values)!.slope / step) }
}

type RateEstimate = Pick<TrendWindow, 'rate' | 'acceleration'>

// The rise accelerates if a curve fits closely and a line does not. Noise and bursts fit neither.
function fitAcceleration(values: readonly number[], step: number): RateEstimate | undefined {
  const curve = fitCurve(values)
  if (!curve || curve.acceleration <= 0 || curve.curveError > 0.03 || curve.lineError < 3 * curve.curveError)
    return undefined
  const acceleration = {
    perHourSquared: (curve.acceleration * HOUR * HOUR) / (step * step),
    observedFor: step * (POINTS - 1),
  }
  return { rate: curve.rate / step, acceleration: acceleration }
}
