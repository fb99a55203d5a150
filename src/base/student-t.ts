// Student's t distribution for whole degrees of freedom: how large a mean must be before chance no longer explains it.

const MAX_QUANTILE = 1e6
const BISECTIONS = 80

/**
 * The probability of a value above `t`, for `t` of 0 or more. Finite sums for whole degrees of freedom (Abramowitz & Stegun,
 * Handbook of Mathematical Functions, 26.7.3 and 26.7.4).
 */
export function computeTail(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cos : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cos * cos
    sum += term
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum
  return Math.max(0, (1 - inside) / 2)
}

/** The value that is exceeded with this probability, below one half. At most a million. */
export function computeQuantile(probability: number, degrees: number): number {
  const key = `${probability} ${degrees}`
  const known = quantiles.get(key)
  if (known !== undefined) return known
  const quantile = searchQuantile(probability, degrees)
  quantiles.set(key, quantile)
  return quantile
}

const quantiles = new Map<string, number>() // a load test asks for the same few, once for each of its numbers

function searchQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, MAX_QUANTILE]
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2
    if (computeTail(middle, degrees) > probability) low = middle
    else high = middle
  }
  return high
}
