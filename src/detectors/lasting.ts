// Lasting rises of a number: several horizons, each looked at anew only when a sixtieth of it has passed. What it says follows
// from the series alone, so that live and replay agree.
import { slicePoints, getFirstTime, computeLargestFall, getLatest, type Series, sampleSeries } from '../base/series.ts'
import { fitCurve, isSustainedRise, type Trend, computeTrend } from '../base/trend.ts'
import { FALLS } from './fast.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const POINTS = 60

/** How far back, and the growth in it that matters: a share of a whole, and at least so much. */
export interface Horizon {
  readonly span: number
  readonly share: number
  readonly least: number
}

/** A rise: gained since a time, and the pace per hour (0: it has levelled off). */
export interface Rise {
  readonly since: number
  readonly growth: number
  readonly perHour: number
  /** ms of the window it was found in */
  readonly window: number
  /** it goes faster and faster: what the pace gains an hour, and how long that was seen (ms) */
  readonly quickens?: Quickening
}

export interface Quickening {
  readonly perHour2: number
  readonly seen: number
}

/** A window of a series: what its trend says, since when it rises, and the pace since then (per ms). */
interface Window {
  readonly first: number
  readonly begin: number
  readonly end: number
  readonly trend: Trend
  readonly onset: number
  readonly pace: number
  readonly quickens?: Quickening
  /** lowest value of the last tenth, and of the two days before the window the highest and the most that it fell */
  readonly stands: number
  readonly peak: number
  readonly fall: number
  readonly values: readonly number[]
}

// An open alert stands until the rise is clearly over.
const STILL = { z: 1, persistence: 0.15, ratchet: 3 }

/**
 * Rises that last, the longest horizon first. A rise that only comes back to where the number was before its window is none: a
 * saw-tooth and a daily wave measure themselves against their own last peak.
 * @param whole what `share` is of: MemTotal
 * @param open an alert of it is open: what was found stays found until it is clearly over
 */
export function lastingRises(
  series: Series,
  now: number,
  { horizons, whole, open = false }: { horizons: readonly Horizon[]; whole: number; open?: boolean },
): readonly Rise[] {
  return horizons.flatMap(({ span, share, least }) => {
    const full = Math.max(share * whole, least)
    const window = windowOf(series, now, span, full / 4)
    if (!window || !isSustainedRise(window.trend, open ? STILL : undefined)) return []
    const slope = Math.max(0, window.trend.slope * (POINTS - 1))
    const stands = getLatest(series)! - Math.min(...window.values)
    const floor = full * (open ? 0.5 : floorFactor(window, span))
    if (slope < floor || stands < slope / 2) return [] // it may have fallen since the window was looked at
    if (!open && (jumped(window) || comesBack(window, floor))) return []
    const growth = Math.min(stands, gained(window)) // a leak that began within the window did not rise for all of it
    const length = window.end - window.begin
    const quickens = window.quickens ? { quickens: window.quickens } : {}
    return [{ since: window.onset, growth, perHour: window.pace * HOUR, window: length, ...quickens }]
  })
}

const DAY = 24 * HOUR

// A window that is not full yet has seen less of what comes back by itself.
function floorFactor({ begin, end, first }: Window, span: number): number {
  if (span < DAY) return end - first >= DAY ? 1 : span < DAY / 4 ? 1.5 : 2.2 // a daily wave is not known before a day has passed
  return end - begin >= 0.98 * span ? 1 : 2
}

// It stands hardly higher than before, for a number that has given back as much.
const comesBack = ({ stands, peak, fall }: Window, floor: number): boolean =>
  stands - peak < Math.max(0.4 * floor, FALLS * fall)

// Most of it came at once: whether it goes on is to be seen.
const jumped = ({ trend }: Window): boolean => trend.jump > 0.6

const gained = ({ values, trend }: Window): number =>
  Math.max(trend.slope * (POINTS - 1), Math.min(...values.slice(-3)) - Math.max(...values.slice(0, 3)))

/** What a window says, remembered by the buffer of its series: pushing shares it, thinning makes another. */
const memo = new WeakMap<readonly number[], Map<number, Remembered>>()

interface Remembered {
  readonly bucket: number
  readonly window: Window | undefined
}

function windowOf(series: Series, now: number, span: number, least: number): Window | undefined {
  const bucket = Math.floor(now / (span / POINTS))
  const known = memo.get(series.times) ?? new Map<number, Remembered>()
  memo.set(series.times, known)
  const before = known.get(span)
  if (before?.bucket === bucket) return before.window
  const window = look(series, (bucket * span) / POINTS, span, least)
  known.set(span, { bucket, window })
  return window
}

function look(series: Series, end: number, span: number, least: number): Window | undefined {
  const first = getFirstTime(series)
  if (first === undefined) return undefined
  const begin = Math.max(first, end - span)
  if (end - begin < (span * 2) / 3) return undefined
  const values = sampleSeries(series, begin, end, POINTS).map(value => value ?? 0)
  if (Math.max(...values.slice(-12)) - Math.min(...values.slice(0, 12)) < least) return undefined // no need to ask how
  const trend = computeTrend(values)!
  if (trend.slope <= 0) return undefined
  const onset = onsetOf(values, begin, end)
  const before = begin > first ? slicePoints(series, begin - 2 * DAY, begin).values : []
  return {
    first,
    begin,
    end,
    trend,
    values,
    onset,
    ...paceSince(series, onset, end, trend, end - begin),
    stands: Math.min(...values.slice(-POINTS / 10)),
    peak: Math.max(...before),
    fall: computeLargestFall(before),
  }
}

// The last time it stood within a tenth of its rise above where it began.
function onsetOf(values: readonly number[], begin: number, end: number): number {
  const low = Math.min(...values)
  const edge = low + 0.1 * (Math.max(...values) - low)
  const at = Math.max(
    0,
    values.findLastIndex(value => value <= edge),
  )
  return begin + (at * (end - begin)) / (POINTS - 1)
}

function paceSince(series: Series, onset: number, end: number, trend: Trend, length: number): Pace {
  const whole = trend.slope / (length / (POINTS - 1))
  if (end - onset < length / 6) return { pace: whole }
  const values = sampleSeries(series, onset, end, POINTS).map(value => value ?? 0)
  const step = (end - onset) / (POINTS - 1)
  return quickening(values, step) ?? { pace: Math.max(0, computeTrend(values)!.slope / step) }
}

type Pace = Pick<Window, 'pace' | 'quickens'>

// A curve that fits closely where a line is well off: it goes faster and faster. Noise and bursts fit neither.
function quickening(values: readonly number[], step: number): Pace | undefined {
  const curve = fitCurve(values)
  if (!curve || curve.acceleration <= 0 || curve.curveError > 0.03 || curve.lineError < 3 * curve.curveError) return undefined
  const quickens = { perHour2: (curve.acceleration * HOUR * HOUR) / (step * step), seen: step * (POINTS - 1) }
  return { pace: curve.rate / step, quickens }
}
