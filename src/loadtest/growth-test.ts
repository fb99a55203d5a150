// Two tests whether a growth of troughs is too large for chance: one for memory that walks, one for memory that wanders around a level.
import { fitLine, MIN_LINE_POINTS } from '../base/line-fit.ts'
import { computeQuantile } from '../base/student-t.ts'

/** Result of a test. All numbers are per iteration. */
export interface GrowthTest {
  readonly growth: number
  /** a growth above it is a leak */
  readonly threshold: number
  /** the smallest leak that is found in 95 of 100 runs */
  readonly detectable: number
  /** what chance may have taken from the growth, with 95 % confidence */
  readonly margin: number
}

const MISS = 0.05 // the accepted chance to miss a leak of the detectable size
const MISS_ERRORS = 1.645 // the same in standard errors
/** Standard errors of the line that chance does not reach: one random walk in a thousand does, and hardly any other noise. */
const LINE_THRESHOLD = 7

/**
 * Tests the mean of the steps from trough to trough. It holds for memory that walks at random: distances to a line would call a random
 * walk a leak. @param resolution the least spread of steps @param level the accepted chance of a false leak
 */
export function testSteps(troughs: readonly number[], resolution: number, level: number): GrowthTest {
  const steps = listSteps(troughs)
  const growth = computeMean(steps)
  const degrees = steps.length - 1
  const variance = steps.reduce((sum, step) => sum + (step - growth) ** 2, 0) / degrees
  const error = Math.max(resolution, Math.sqrt(variance)) / Math.sqrt(steps.length)
  const threshold = computeQuantile(level, degrees) * error
  const margin = computeQuantile(MISS, degrees) * error
  return { growth, threshold, detectable: threshold + margin, margin }
}

/**
 * Tests the slope of a line through the troughs. Memory of a process with a garbage collector wanders around what it keeps: there a
 * line finds leaks that are several times smaller. Undefined with too few troughs.
 */
export function testLine(troughs: readonly number[]): GrowthTest | undefined {
  if (troughs.length < MIN_LINE_POINTS) return undefined
  const { slope, error } = fitLine(troughs)
  const threshold = LINE_THRESHOLD * error
  const margin = MISS_ERRORS * error
  return { growth: slope, threshold, detectable: threshold + margin, margin }
}

/** Steps from one trough to the next. */
export const listSteps = (troughs: readonly number[]): readonly number[] =>
  troughs.slice(1).map((value, i) => value - troughs[i]!)

/** Mean; 0 of none. */
export const computeMean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
