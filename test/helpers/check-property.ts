// Property tests: how many cases they run, and how a failure is run again.
import fc from 'fast-check'
import { isFull } from '../full.ts'

const NIGHTLY = 100_000
const FULL = 2000
const FEW = 40

/** Cases of each property: few by default, 2,000 with `npm test -- --full`, 100,000 with KMEMTOP_NIGHTLY=1, or KMEMTOP_CASES. */
function countCases(): number {
  if (process.env.KMEMTOP_CASES !== undefined) return Number(process.env.KMEMTOP_CASES)
  if (process.env.KMEMTOP_NIGHTLY === '1') return NIGHTLY
  return isFull ? FULL : FEW
}

/**
 * Checks a property. A failure prints the smallest input that fails, and its seed: KMEMTOP_SEED runs it again.
 * @param examples inputs that failed once: they are tried first, in every run
 * @param cost how many cases of others one of these takes the time of
 */
export function checkProperty<T>(
  input: fc.Arbitrary<T>,
  check: (value: T) => void,
  examples: readonly T[] = [],
  cost = 1,
): void {
  const seed = process.env.KMEMTOP_SEED === undefined ? {} : { seed: Number(process.env.KMEMTOP_SEED) }
  const property = fc.property(input, value => check(value))
  fc.assert(property, {
    numRuns: Math.ceil(countCases() / cost),
    examples: examples.map(example => [example] as [T]),
    ...seed,
  })
}

/** Milliseconds that a property may take: those of a nightly run have hours. */
export const PROPERTY_TIMEOUT = countCases() > FULL ? 4 * 3_600_000 : 120_000
