// Judges one quantity: does it grow from one iteration to the next, and what is the smallest growth that would have shown?
// The values are troughs (after each settle), the warm-up is discarded, and what moved in the control period is allowed for.
import { computeSlopeInterval, MIN_SLOPE_POINTS, pickMedian } from '../base/slope-interval.ts'
import { KiB } from '../base/units.ts'

/** Troughs of one quantity: before the first judged iteration, and after each. `control` is the drift that no load caused. */
export interface TroughSeries {
  readonly troughs: readonly number[]
  /** change per second in the control period before the first iteration, and its spread; 0 where it stood still */
  readonly control: { readonly drift: number; readonly spread: number }
  /** mean seconds from one trough to the next */
  readonly secondsPerIteration: number
  readonly unit: 'bytes' | 'count'
}

export type Judgement =
  | 'grows'
  | 'steady'
  /** a growth above the tolerance could hide in the noise */
  | 'noisy'
  /** it grew more slowly each time, or in one step, as a warm-up does */
  | 'slowing'
  | 'too few'

/** Growth is per iteration, the drift of the control period subtracted. */
export interface QuantityVerdict {
  readonly judgement: Judgement
  readonly growth: number
  readonly low: number
  readonly high: number
  /** the smallest growth per iteration that would have been reported; Infinity with too few iterations */
  readonly detectable: number
}

const MIN_GROWTH = { bytes: 32 * KiB, count: 0.5 } // below it a page here and a slab there
const SLOWING_SHARE = 0.35 // growth of the later half against that of the earlier half
const STEP_SHARE = 0.7 // of all growth within one iteration
const EVEN_SHARE = 0.25 // the least that each iteration of an even growth has of the median one

/** @param tolerance growth per iteration that is still called steady */
export function judgeQuantity(series: TroughSeries, tolerance: number): QuantityVerdict {
  const { troughs, control, secondsPerIteration, unit } = series
  const { slope, low, high } = computeSlopeInterval(troughs)
  const drift = Math.max(0, control.drift) * secondsPerIteration // what fell before the load was no load's doing
  const noise = Math.max(MIN_GROWTH[unit], computeSlopeError(troughs, control.spread))
  const verdict = { growth: slope - drift, low: low - drift, high: high - drift, detectable: noise + drift }
  if (troughs.length < MIN_SLOPE_POINTS)
    return { ...verdict, judgement: 'too few', detectable: Number.POSITIVE_INFINITY }
  const isRise = verdict.low > 0 && verdict.growth > noise
  if (!isRise) return { ...verdict, judgement: verdict.detectable <= tolerance ? 'steady' : 'noisy' }
  if (!isSlowing(troughs, drift)) return { ...verdict, judgement: 'grows' }
  return { ...verdict, judgement: verdict.growth <= tolerance ? 'steady' : 'slowing' }
}

// Two standard errors of the slope. The spread is that of the distances to the line (scaled median, so that one odd iteration
// counts little), or that of the control period, whichever is larger.
function computeSlopeError(troughs: readonly number[], controlSpread: number): number {
  const n = troughs.length
  const { slope } = computeSlopeInterval(troughs)
  const rests = troughs.map((value, i) => value - slope * i)
  const spread = Math.max(controlSpread, computeSpread(rests))
  return n < 2 ? Number.POSITIVE_INFINITY : (2 * spread) / Math.sqrt((n * (n * n - 1)) / 12)
}

/** Median distance from the median, scaled to a standard deviation. */
export function computeSpread(values: readonly number[]): number {
  const middle = pickMedian([...values].sort((a, b) => a - b))
  return 1.4826 * pickMedian(values.map(value => Math.abs(value - middle)).sort((a, b) => a - b))
}

/** Whether every iteration took its share: one of two hundred caches grows by chance in most iterations, hardly ever in all. */
export function isEvenGrowth(troughs: readonly number[]): boolean {
  const steps = troughs.slice(1).map((value, i) => value - troughs[i]!)
  const median = pickMedian(steps.toSorted((a, b) => a - b))
  return median > 0 && steps.every(step => step >= EVEN_SHARE * median)
}

// A warm-up ends; a leak goes on as it began.
function isSlowing(troughs: readonly number[], drift: number): boolean {
  const steps = troughs.slice(1).map((value, i) => value - troughs[i]! - drift)
  const total = steps.reduce((sum, step) => sum + step, 0)
  if (Math.max(...steps) > STEP_SHARE * total) return true
  const half = Math.floor(steps.length / 2)
  const early = computeMean(steps.slice(0, half))
  const late = computeMean(steps.slice(-half))
  return early > 0 && late < SLOWING_SHARE * early
}

const computeMean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
