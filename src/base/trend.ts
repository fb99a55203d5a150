// Trend of a window of equally spaced values: is it a lasting rise, and how steep? Thresholds cry wolf and plain trend
// tests do too; the four parts together (corrected Mann-Kendall, floor, persistence, ratchet) do so seldom.
import { mean, rootMeanSquare, sampleCorrelation } from 'simple-statistics'

/** What a window of values says. Slopes are per step. */
export interface Trend {
  /** Sen's slope: the median of all pairwise slopes */
  readonly slope: number
  /** Mann-Kendall z, divided by what autocorrelation adds to it; above 2.5 is a rise */
  readonly z: number
  /** z before that: what the plain test says */
  readonly rawZ: number
  /** Sen's slope of the last third */
  readonly recent: number
  /** slope of the last third as a share of the whole: a plateau has little left */
  readonly persistence: number
  /** steps (of 5) by which the minima of six parts rise: a saw-tooth returns to its floor, a leak under one does not */
  readonly ratchet: number
  /** the last part's minimum stands above the first's */
  readonly raised: boolean
  /** largest share of the whole rise that came within one step: a single jump is no trend */
  readonly jump: number
}

/** The trend of at least 12 values at equal steps; undefined for fewer. */
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
  const slopes = new Float64Array((n * (n - 1)) / 2)
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
  return { slope: computeMedian(slopes.sort()), s, ties }
}

const computeMedian = (sorted: Float64Array): number =>
  sorted.length === 0 ? 0 : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2

// Kendall (1975): variance of S, here with ties counted by pairs.
function computeRawZ(s: number, ties: number, n: number): number {
  const variance = (n * (n - 1) * (2 * n + 5)) / 18
  const untied = 1 - ties / ((n * (n - 1)) / 2)
  return untied <= 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance * untied)
}

// What lag-1 autocorrelation of what the slope does not explain adds to the variance.
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

/** A curve through values at equal steps: pace at its end, what the pace gains per step, and how much better it fits than a line. */
export interface Curve {
  readonly rate: number
  readonly acceleration: number
  /** mean distance of the values from the curve and from the straight line, as shares of the whole rise */
  readonly curveError: number
  readonly lineError: number
}

/** Least squares with a quadratic (orthogonal polynomials); undefined for fewer than 12 values or none that rise. */
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

/** A rise that lasts: trend, persistence and ratchet agree. Growth against a floor is the caller's question. */
export function isSustainedRise(trend: Trend, { z = 2.5, persistence = 0.4, ratchet = 4 } = {}): boolean {
  return trend.z >= z && trend.persistence >= persistence && trend.ratchet >= ratchet && trend.raised
}
