// Slope of few points with its interval: Theil-Sen, with the exact distribution of Kendall's S for small samples.

/** A slope per step and the interval that holds the true one with 90 % confidence. */
export interface SlopeInterval {
  readonly slope: number
  /** -Infinity and Infinity for fewer than four points: no interval can be given */
  readonly low: number
  readonly high: number
}

/** Points below this number give no interval: four points in order occur by chance once in 24. */
export const MIN_SLOPE_POINTS = 4
const ONE_SIDED = 0.05

/**
 * Sen's slope of values at equal steps with a two-sided 90 % interval (Sen 1968; Hollander & Wolfe, Nonparametric
 * Statistical Methods, 9.3). At least two values.
 */
export function computeSlopeInterval(values: readonly number[]): SlopeInterval {
  const slopes = listPairSlopes(values).sort((a, b) => a - b)
  const slope = pickMedian(slopes)
  const critical = values.length < MIN_SLOPE_POINTS ? undefined : findCriticalS(values.length)
  if (critical === undefined) return { slope, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const rank = (slopes.length - critical) / 2 // slopes that may lie outside the interval on each side
  return {
    slope,
    low: slopes[Math.max(0, rank)]!,
    high: slopes[Math.min(slopes.length - 1, slopes.length - 1 - rank)]!,
  }
}

function listPairSlopes(values: readonly number[]): number[] {
  return values.flatMap((value, i) => values.slice(i + 1).map((later, j) => (later - value) / (j + 1)))
}

/** Median of sorted values; 0 of none. */
export function pickMedian(sorted: readonly number[]): number {
  if (sorted.length === 0) return 0
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

// The smallest S of the same parity as the largest with P(S' >= S) <= 5 %, S' being that of values in random order.
function findCriticalS(n: number): number | undefined {
  if (!criticalValues.has(n)) criticalValues.set(n, computeCriticalS(n))
  return criticalValues.get(n)
}

const criticalValues = new Map<number, number | undefined>()

function computeCriticalS(n: number): number | undefined {
  const counts = countInversions(n)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const pairs = (n * (n - 1)) / 2
  let tail = 0
  let critical: number | undefined
  for (let inversions = 0; inversions <= pairs; inversions++) {
    tail += counts[inversions]! / total
    if (tail > ONE_SIDED) break
    critical = pairs - 2 * inversions
  }
  return critical
}

// How many orders of n values have k inversions, for each k.
function countInversions(n: number): readonly number[] {
  let counts = [1]
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>((size * (size - 1)) / 2 + 1).fill(0)
    for (let k = 0; k < next.length; k++)
      for (let added = 0; added < size; added++) next[k] = next[k]! + (counts[k - added] ?? 0)
    counts = next
  }
  return counts
}
