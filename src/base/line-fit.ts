// Line through values that wander around it: the slope, and an error of it that allows for noise which remembers where it was.
import { linearRegression, sampleCorrelation } from 'simple-statistics'

/** A line through values at equal steps. */
export interface LineFit {
  readonly slope: number
  /** standard error of the slope, larger the more the noise is like a random walk; Infinity where a line explains nothing */
  readonly error: number
}

/** Fewer values do not show whether they are drawn back to a line or walk at random. */
export const MIN_LINE_POINTS = 16
const WAVES = 6 // slow waves of the residuals, up to three in the whole series
const WALK_PENALTY = 2

/**
 * Fits a line. The error is that of least squares, times two factors that are 1 for independent noise. One allows for noise that is
 * drawn back to its level (AR(1)). The other grows with the share of slow waves in the residuals: it is large for random walks, for
 * steps and for plateaus (after Vogelsang 1998, Econometrica 66, whose test holds for both kinds of noise).
 */
export function fitLine(values: readonly number[]): LineFit {
  const n = values.length
  const { m: slope, b } = linearRegression(values.map((value, i) => [i, value]))
  const residuals = values.map((value, i) => value - (b + slope * i))
  const total = sumSquares(residuals)
  if (total === 0) return { slope, error: 0 }
  if (total >= sumSquaresAroundStep(values)) return { slope, error: Number.POSITIVE_INFINITY }
  const correlation = estimateCorrelation(residuals)
  if (correlation >= 1) return { slope, error: Number.POSITIVE_INFINITY }
  const variance = (total / (n - 2)) * ((1 + correlation) / (1 - correlation))
  const slow = sumSquaresOfWaves(residuals)
  const penalty = Math.exp((WALK_PENALTY * slow) / Math.max(total - slow, Number.EPSILON * total))
  return { slope, error: Math.sqrt((12 * variance) / (n * (n * n - 1))) * penalty }
}

const sumSquares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0)

// Noise that alternates counts as independent. Residuals of a line correlate less than the noise itself (Marriott and Pope 1954).
function estimateCorrelation(residuals: readonly number[]): number {
  const n = residuals.length
  const observed = sampleCorrelation([...residuals.slice(0, -1)], [...residuals.slice(1)])
  return Math.max(0, (n * observed + 2) / (n - 4))
}

// What the slowest cosines explain. The first is nearly a line, which the residuals do not have.
function sumSquaresOfWaves(residuals: readonly number[]): number {
  const n = residuals.length
  const explained = Array.from({ length: WAVES }, (_, i) => {
    const wave = residuals.map((value, at) => value * Math.cos((Math.PI * (i + 1) * (at + 0.5)) / n))
    return (wave.reduce((sum, value) => sum + value, 0) ** 2 * 2) / n
  })
  return explained.reduce((sum, value) => sum + value, 0)
}

// Squared distances to the two levels, before and after one step, that fit best.
function sumSquaresAroundStep(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centered = values.map(value => value - mean) // large values would lose their digits
  const total = sumSquares(centered)
  let [before, best] = [0, total]
  for (let count = 1; count < centered.length; count++) {
    before += centered[count - 1]!
    best = Math.min(best, total - before ** 2 / count - before ** 2 / (centered.length - count))
  }
  return best
}
