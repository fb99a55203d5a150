// Student's t distribution against published tables.
import { expect, test } from 'vitest'
import { computeQuantile, computeTail } from '../../src/base/student-t.ts'

test.each([
  [0.05, 1, 6.3138],
  [0.025, 2, 4.3027],
  [0.05, 3, 2.3534],
  [0.005, 4, 4.6041],
  [0.01, 5, 3.3649],
  [0.0005, 8, 5.0413],
  [0.025, 30, 2.0423],
])('a chance of %d with %d degrees of freedom is exceeded at %d', (probability, degrees, t) => {
  expect(computeQuantile(probability, degrees)).toBeCloseTo(t, 3)
  expect(computeTail(t, degrees)).toBeCloseTo(probability, 5)
})

test('half of all values are above 0, and none above a million', () => {
  expect(computeTail(0, 7)).toBe(0.5)
  expect(computeQuantile(0, 4)).toBeLessThanOrEqual(1e6)
})
