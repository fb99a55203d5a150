// Judges one quantity: does it grow from one iteration to the next, and what is the smallest growth that would have shown?
// The values are troughs (after each settle), the warm-up is discarded, and what moved in the control period is allowed for.
import { computeSlopeInterval, MIN_SLOPE_POINTS, pickMedian } from '../base/slope-interval.ts'
import { computeQuantile } from '../base/student-t.ts'
import { KiB, MiB } from '../base/units.ts'

/** Troughs of one quantity: before the first judged iteration, and after each. */
export interface TroughSeries {
  readonly troughs: readonly number[]
  /** change per second in the control period before the first iteration, which no load caused; 0 where it was level */
  readonly controlDrift: number
  /** mean seconds from one trough to the next */
  readonly secondsPerIteration: number
  readonly unit: 'bytes' | 'count'
}

export type Judgement =
  | 'grows'
  | 'steady'
  /** a growth above the tolerance could hide in the noise */
  | 'noisy'
  /** it rose in most iterations, but not by more than chance may move it */
  | 'rising'
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

/** What a growth is compared with. */
export interface JudgingRule {
  /** growth per iteration that is still called steady */
  readonly tolerance: number
  /** the chance of a false leak that is accepted for this quantity */
  readonly level: number
}

const RESOLUTION = { bytes: 32 * KiB, count: 1 } // the least spread of steps: slabs and counts are whole
/** A rise per iteration that is called steady, however large the tolerance: that of memory of processes covers their garbage. */
const MAX_STEADY_RISE = { bytes: 2 * MiB, count: 5 }
const STEADY_LEVEL = 0.05 // the chance that steady hides a growth above the tolerance
const SLOWING_SHARE = 0.35 // growth of the later half against that of the earlier half
const STEP_SHARE = 0.7 // of all growth within one iteration
const EVEN_SHARE = 0.25 // the least that each iteration of an even growth has of the median one

/**
 * Growth must be ordered (Sen's interval above 0) and its mean too large for chance (t test on the steps from trough to trough).
 * The steps are tested because memory wanders: distances to a line would call a random walk a leak.
 */
export function judgeQuantity(series: TroughSeries, { tolerance, level }: JudgingRule): QuantityVerdict {
  const { troughs, controlDrift, secondsPerIteration, unit } = series
  const { slope, low, high } = computeSlopeInterval(troughs)
  const drift = Math.max(0, controlDrift) * secondsPerIteration // what fell before the load was no load's doing
  const growths = { growth: slope - drift, low: low - drift, high: high - drift }
  if (troughs.length < MIN_SLOPE_POINTS)
    return { ...growths, judgement: 'too few', detectable: Number.POSITIVE_INFINITY }
  const { mean, error, degrees } = measureSteps(troughs, RESOLUTION[unit])
  const verdict = { ...growths, detectable: computeQuantile(level, degrees) * error + drift }
  const isTrend = verdict.low > 0 && verdict.growth > RESOLUTION[unit] / 2
  if (isTrend && isSlowing(troughs, drift))
    return { ...verdict, judgement: verdict.growth <= tolerance ? 'steady' : 'slowing' }
  if (isTrend && mean > verdict.detectable) return { ...verdict, judgement: 'grows' }
  if (isTrend && verdict.growth > Math.min(tolerance, MAX_STEADY_RISE[unit])) return { ...verdict, judgement: 'rising' }
  // memory that fell, fell by chance as well: the largest growth that fits is not below the noise
  const largest = Math.max(0, mean - drift) + computeQuantile(STEADY_LEVEL, degrees) * error
  return { ...verdict, judgement: largest <= tolerance ? 'steady' : 'noisy' }
}

// Mean of the steps from trough to trough, and its standard error.
function measureSteps(troughs: readonly number[], resolution: number) {
  const steps = listSteps(troughs)
  const mean = computeMean(steps)
  const degrees = steps.length - 1
  const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / degrees
  return { mean, error: Math.max(resolution, Math.sqrt(variance)) / Math.sqrt(steps.length), degrees }
}

const listSteps = (troughs: readonly number[]): readonly number[] =>
  troughs.slice(1).map((value, i) => value - troughs[i]!)

/** Whether every iteration took its share: one of two hundred caches grows by chance in most iterations, hardly ever in all. */
export function isEvenGrowth(troughs: readonly number[]): boolean {
  const steps = listSteps(troughs)
  const median = pickMedian(steps.toSorted((a, b) => a - b))
  return median > 0 && steps.every(step => step >= EVEN_SHARE * median)
}

// A warm-up ends; a leak goes on as it began.
function isSlowing(troughs: readonly number[], drift: number): boolean {
  const steps = listSteps(troughs).map(step => step - drift)
  const total = steps.reduce((sum, step) => sum + step, 0)
  if (Math.max(...steps) > STEP_SHARE * total) return true
  const half = Math.floor(steps.length / 2)
  const early = computeMean(steps.slice(0, half))
  const late = computeMean(steps.slice(-half))
  return early > 0 && late < SLOWING_SHARE * early
}

const computeMean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
