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

/** The accepted chance to miss a leak of the detectable size. */
export const MISS = 0.05
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
  const error = measureSpread(steps, resolution) / Math.sqrt(steps.length)
  const threshold = computeQuantile(level, degrees) * error
  const margin = computeQuantile(MISS, degrees) * error
  return { growth, threshold, detectable: threshold + margin, margin }
}

// Standard deviation.
function measureSpread(steps: readonly number[], resolution: number): number {
  const mean = computeMean(steps)
  const variance = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (steps.length - 1)
  return Math.max(resolution, Math.sqrt(variance))
}

const MAX_STEPS = 100
const ESTIMATE_MISS = 0.2 // the accepted chance that the estimate is too low

/**
 * Estimates how many steps it takes until chance moves the mean by less than `size`, if they go on like those between the troughs.
 * Four in five estimates are high enough. Undefined: more than anybody executes. @param level the chance that is accepted
 */
export function estimateSteps(
  troughs: readonly number[],
  size: number,
  { level, resolution }: { readonly level: number; readonly resolution: number },
): number | undefined {
  const steps = listSteps(troughs)
  const spread = measureSpread(steps, resolution)
  for (let count = steps.length + 1; count <= MAX_STEPS; count++) {
    const errors = computeQuantile(level, count - 1) + computeQuantile(ESTIMATE_MISS, count - 1)
    if ((errors * spread) / Math.sqrt(count) < size) return count
  }
  return undefined
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
