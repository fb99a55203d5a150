// Judges one quantity: does it grow from one iteration to the next, and what is the smallest growth that would have shown?
// The values are troughs (after each settle), the warm-up is discarded, and what moved in the control period is allowed for.
import { MIN_LINE_POINTS } from '../base/line-fit.ts'
import { computeSlopeInterval, MIN_SLOPE_POINTS, pickMedian } from '../base/slope-interval.ts'
import { KiB, MiB } from '../base/units.ts'
import { computeMean, type GrowthTest, listSteps, testLine, testSteps } from './growth-test.ts'

/** Troughs of one quantity: before the first judged iteration, and after each. */
export interface TroughSeries {
  readonly troughs: readonly number[]
  /** change per second in the control period before the first iteration, which no load caused; 0 where it was level */
  readonly controlDrift: number
  /** mean seconds from one trough to the next */
  readonly secondsPerIteration: number
  readonly unit: 'bytes' | 'count'
}

/** What became of one quantity in a run. */
export type Judgement =
  | 'grows'
  | 'steady'
  /** a growth above the tolerance could hide in the noise */
  | 'noisy'
  /** it rose in most iterations, but not by more than chance may move it */
  | 'rising'
  /** it grows, by no more than is accepted */
  | 'accepted'
  /** it grew more slowly each time, or in one step, as a warm-up does */
  | 'slowing'
  | 'too few'

/** Growth is per iteration, the drift of the control period subtracted. */
export interface QuantityVerdict {
  readonly judgement: Judgement
  readonly growth: number
  readonly low: number
  readonly high: number
  /** the smallest growth per iteration that 95 of 100 such runs would report; Infinity with too few iterations */
  readonly detectable: number
  /** the largest growth per iteration that fits, with 95 % confidence; Infinity with too few iterations */
  readonly largest: number
}

/** What a growth is compared with. */
export interface JudgingRule {
  /** growth per iteration that is still called steady */
  readonly tolerance: number
  /** growth per iteration that is no leak although it is proved; 0 unless given */
  readonly accepted?: number
  /** the chance of a false leak that is accepted for this quantity */
  readonly level: number
  /** memory of processes: their garbage comes and goes, so a long run is compared with a line as well */
  readonly hasGarbage: boolean
  /** the least spread of steps; that of the unit unless given */
  readonly resolution?: number
}

/** The least spread of steps: slabs and counts are whole. */
export const RESOLUTION = { bytes: 32 * KiB, count: 1 }
/** A rise per iteration that is called steady, however large the tolerance: that of memory of processes covers their garbage. */
const MAX_STEADY_RISE = { bytes: 2 * MiB, count: 5 }
/** Memory of processes that rose in order is not called steady from this rise on, if it comes near to what would be a leak. */
const CLOSE_RISE = 768 * KiB
const CLOSE_SHARE = 0.5
const SLOWING_SHARE = 0.35 // growth of the later part against that of the earlier part
const DECLINE_SHARE = 0.85 // the same of a small growth of a heap, if it fell in order: it fills up over more executions than were judged
const STEP_SHARE = 0.7 // of all growth within one iteration
const EXACT_SHARE = 0.3 // of the median iteration, that another one may differ
const EVEN_SHARE = 0.25 // the least that each iteration of an even growth has of the median one

/** Growth must be ordered (Sen's interval above 0) and too large for chance (one of the tests of its size). */
export function judgeQuantity(series: TroughSeries, rule: JudgingRule): QuantityVerdict {
  const { troughs, controlDrift, secondsPerIteration, unit } = series
  const { slope, low, high } = computeSlopeInterval(troughs)
  const drift = Math.max(0, controlDrift) * secondsPerIteration // what fell before the load was no load's doing
  const growths = { growth: slope - drift, low: low - drift, high: high - drift }
  if (troughs.length < MIN_SLOPE_POINTS)
    return { ...growths, judgement: 'too few', detectable: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY }
  const tests = listTests(series, rule)
  const { accepted = 0, tolerance } = rule
  const detectable = Math.max(accepted, Math.min(...tests.map(test => test.detectable)) + drift)
  const verdict = { ...growths, detectable, largest: Math.min(...tests.map(test => findLargest(test, drift))) }
  const isTrend = verdict.low > 0 && verdict.growth > RESOLUTION[unit] / 2
  if (isTrend && verdict.growth <= accepted)
    return { ...verdict, judgement: verdict.largest <= tolerance ? 'accepted' : 'noisy' }
  if (isTrend && isSlowing(troughs, drift, rule.hasGarbage)) return judgeSlowing(series, rule, verdict)
  if (isTrend && tests.some(({ growth, threshold }) => growth > threshold + drift))
    return { ...verdict, judgement: 'grows' }
  if (isTrend && verdict.growth > findSteadyLimit(rule, unit, detectable)) return { ...verdict, judgement: 'rising' }
  return { ...verdict, judgement: verdict.largest <= tolerance ? 'steady' : 'noisy' }
}

// Memory that fell, fell by chance as well: the largest growth that fits is not below the noise. A drift of the control period that is
// larger than the growth of the run has ended since, and explains nothing of it.
function findLargest({ growth, margin }: GrowthTest, drift: number): number {
  return Math.max(0, growth > drift ? growth - drift : growth) + margin
}

// The largest rise that is called steady.
function findSteadyLimit(
  { tolerance, hasGarbage }: JudgingRule,
  unit: TroughSeries['unit'],
  detectable: number,
): number {
  const close = hasGarbage ? Math.max(CLOSE_SHARE * detectable, CLOSE_RISE) : Number.POSITIVE_INFINITY
  return Math.min(tolerance, MAX_STEADY_RISE[unit], detectable, close)
}

function listTests(
  { troughs, unit }: TroughSeries,
  { level, hasGarbage, resolution = RESOLUTION[unit] }: JudgingRule,
): readonly GrowthTest[] {
  const line = hasGarbage ? testLine(troughs) : undefined
  return [testSteps(troughs, resolution, level), ...(line ? [line] : [])]
}

// A warm-up that ended is followed by a level: what came after it decides.
function judgeSlowing(
  series: TroughSeries,
  rule: JudgingRule,
  whole: Omit<QuantityVerdict, 'judgement'>,
): QuantityVerdict {
  const later = series.troughs.slice(-Math.ceil(series.troughs.length / 2))
  const rest = judgeQuantity({ ...series, troughs: later }, rule)
  const { detectable, largest } = rest
  const isRising = rule.hasGarbage && rest.low > 0 && rest.growth > CLOSE_RISE
  if (rest.judgement === 'steady' && !isRising) return { ...whole, judgement: 'steady', detectable, largest }
  const isSmall = whole.growth <= Math.min(rule.tolerance, whole.detectable)
  return { ...whole, judgement: isSmall ? 'steady' : 'slowing' }
}

/** A quantity that moved without order is steady if the thing under test can have moved it by `bound` per iteration at most. */
export function applyBound(verdict: QuantityVerdict, bound: number, tolerance: number): QuantityVerdict {
  const isClear = ['grows', 'steady', 'accepted', 'too few'].includes(verdict.judgement)
  if (isClear || bound > tolerance) return verdict
  const detectable = Math.min(verdict.detectable, bound)
  return { ...verdict, judgement: 'steady', detectable, largest: Math.min(verdict.largest, bound) }
}

/** Whether every iteration took its share: one of two hundred caches grows by chance in most iterations, hardly ever in all. */
export function isEvenGrowth(troughs: readonly number[]): boolean {
  const steps = listSteps(troughs)
  const median = pickMedian(steps.toSorted((a, b) => a - b))
  return median > 0 && steps.every(step => step >= EVEN_SHARE * median)
}

/** Whether all iterations took about the same: their requests are as many. */
export function isExactGrowth(troughs: readonly number[]): boolean {
  const steps = listSteps(troughs)
  const median = pickMedian(steps.toSorted((a, b) => a - b))
  return median > 0 && steps.every(step => Math.abs(step - median) <= EXACT_SHARE * median)
}

// A warm-up ends; a leak goes on as it began.
function isSlowing(troughs: readonly number[], drift: number, hasGarbage: boolean): boolean {
  const levelled = troughs.map((value, i) => value - drift * i)
  if (troughs.length >= MIN_LINE_POINTS) return isSlowingByThirds(levelled)
  const steps = listSteps(levelled)
  const total = steps.reduce((sum, step) => sum + step, 0)
  if (Math.max(...steps) > STEP_SHARE * total) return true
  const half = Math.floor(steps.length / 2)
  const [early, late] = [computeMean(steps.slice(0, half)), computeMean(steps.slice(-half))]
  const isHeap = hasGarbage && late < MAX_STEADY_RISE.bytes
  return hasSlowed(early, late) || (isHeap && late < DECLINE_SHARE * early && computeSlopeInterval(steps).high < 0)
}

// The levels of a long series are compared: single steps are mostly noise.
function isSlowingByThirds(values: readonly number[]): boolean {
  const third = Math.floor(values.length / 3)
  const [early, late] = [computeMean(values.slice(0, third)), computeMean(values.slice(-third))]
  const middle = computeMean(values.slice(third, -third))
  return hasSlowed(middle - early, late - middle)
}

const hasSlowed = (early: number, late: number): boolean => early > 0 && late < SLOWING_SHARE * early
