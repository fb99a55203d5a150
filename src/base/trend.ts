// Statistics of a window of equally spaced values: does it rise lastingly, and how fast? A threshold or a plain trend test alone
// raises false alarms; four tests together (corrected Mann-Kendall, floor, persistence, ratchet) rarely do.
import { mean, quickselect, rootMeanSquare, sampleCorrelation } from 'simple-statistics'

/** Statistics of a window of values. Slopes are per step. */
export interface Trend {
  /** Sen's slope: the median of all pairwise slopes */
  readonly slope: number
  /** Mann-Kendall z, corrected for autocorrelation; a rise if above 2.5 */
  readonly z: number
  /** z of the plain test, without the correction */
  readonly rawZ: number
  /** Sen's slope of the last third */
  readonly recent: number
  /** slope of the last third as a share of the whole slope: small on a plateau */
  readonly persistence: number
  /** number of rises (of 5) between the minima of six parts: a saw-tooth returns to its floor, a leak does not */
  readonly ratchet: number
  /** the minimum of the last part is above that of the first */
  readonly raised: boolean
  /** largest share of the whole rise in one step: a single jump is not a trend */
  readonly jump: number
}

/** Computes the trend of at least 12 values at equal steps; undefined for fewer. */
export function computeTrend(values: readonly number[]): Trend | undefined {
  if (values.length < 12) return undefined
  const { slope, s, ties } = comparePairs(values)
  const recent = comparePairs(values.slice(-Math.ceil(values.length / 3))).slope
  const minima = splitIntoParts(values, 6).map(part => Math.min(...part))
  const rawZ = computeRawZ(s, ties, values.length)
  return {
    slope,
    z: rawZ / Math.sqrt(computeInflation(values, slope)),
    rawZ,
    recent,
    persistence: slope === 0 ? 0 : recent / slope,
    ratchet: minima.slice(1).filter((minimum, i) => minimum > minima[i]!).length,
    raised: minima.at(-1)! > minima[0]!,
    jump: computeLargestStep(values),
  }
}

function comparePairs(values: readonly number[]): { slope: number; s: number; ties: number } {
  const n = values.length
  const slopes = new Array<number>((n * (n - 1)) / 2)
  let [s, ties, at] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const rise = values[j]! - values[i]!
      slopes[at++] = rise / (j - i)
      if (rise > 0) s++
      else if (rise < 0) s--
      else ties++
    }
  }
  return { slope: findMedian(slopes), s, ties }
}

// Without sorting, which took most of the time of all detectors. Changes the order of `values`.
function findMedian(values: number[]): number {
  if (values.length === 0) return 0
  const middle = values.length >> 1
  quickselect(values, middle)
  const upper = values[middle]!
  if (values.length % 2 === 1) return upper
  let lower = values[0]!
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!)
  return (lower + upper) / 2
}

// Kendall (1975): variance of S, with ties counted by pairs.
function computeRawZ(s: number, ties: number, n: number): number {
  const variance = (n * (n - 1) * (2 * n + 5)) / 18
  const untied = 1 - ties / ((n * (n - 1)) / 2)
  return untied <= 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance * untied)
}

// Returns the factor by which lag-1 autocorrelation of the residuals increases the variance.
function computeInflation(values: readonly number[], slope: number): number {
  const rho = computeLag1(values.map((value, i) => value - slope * i))
  return Math.min((1 + rho) / (1 - rho), values.length / 4)
}

function computeLag1(residuals: readonly number[]): number {
  const rho = sampleCorrelation(residuals.slice(1), residuals.slice(0, -1))
  return Number.isFinite(rho) ? Math.min(0.95, Math.max(0, rho)) : 0
}

function computeLargestStep(values: readonly number[]): number {
  const rise = values.at(-1)! - values[0]!
  if (rise <= 0) return 1
  return Math.max(...values.slice(1).map((value, i) => value - values[i]!)) / rise
}

function splitIntoParts(values: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, i) =>
    values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count)),
  )
}

/** A quadratic fit of values at equal steps: the rate at the end, its change per step, and how well curve and line fit. */
export interface Curve {
  readonly rate: number
  readonly acceleration: number
  /** mean distance of the values from the curve and from the line, as shares of the whole rise */
  readonly curveError: number
  readonly lineError: number
}

/** Fits a quadratic by least squares (orthogonal polynomials); undefined for fewer than 12 values or if they do not rise. */
export function fitCurve(values: readonly number[]): Curve | undefined {
  const n = values.length
  const rise = values[n - 1]! - values[0]!
  if (n < 12 || rise <= 0) return undefined
  const steps = values.map((_, i) => i - (n - 1) / 2)
  const spread = mean(steps.map(step => step ** 2))
  const bends = steps.map(step => step ** 2 - spread)
  const level = mean(values)
  const slope = computeDotProduct(steps, values) / computeDotProduct(steps, steps)
  const bend = computeDotProduct(bends, values) / computeDotProduct(bends, bends)
  const fromLine = values.map((value, i) => value - level - slope * steps[i]!)
  const fromCurve = fromLine.map((value, i) => value - bend * bends[i]!)
  return {
    rate: slope + bend * (n - 1),
    acceleration: 2 * bend,
    curveError: rootMeanSquare(fromCurve) / rise,
    lineError: rootMeanSquare(fromLine) / rise,
  }
}

const computeDotProduct = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** Returns whether trend, persistence and ratchet all show a lasting rise. The caller compares the growth with a floor. */
export function isSustainedRise(trend: Trend, { z = 2.5, persistence = 0.4, ratchet = 4 } = {}): boolean {
  return trend.z >= z && trend.persistence >= persistence && trend.ratchet >= ratchet && trend.raised
}
