// The value axis of any number: a file of the node, or of a recording, may hold one that no memory has.
import { expect, test } from 'vitest'
import { formatBytes, formatCount } from '../../../src/base/format.ts'
import { GiB, MiB } from '../../../src/base/units.ts'
import { computeValueScale } from '../../../src/widgets/chart/value-scale.ts'

const FORMATS = [
  { binary: true, format: formatBytes },
  { binary: false, format: formatCount },
]

test.each([0, 1, 1e-12, 2 ** 53, 2 ** 64, 1e43, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN])(
  '%d has a few ascending ticks and a finite end',
  value => {
    for (const format of FORMATS) {
      for (const rows of [1, 4, 40]) {
        const { top, ticks } = computeValueScale(value, rows, format)
        expect(Number.isFinite(top) && top > 0).toBe(true)
        expect(ticks.length).toBeLessThanOrEqual(Math.max(3, rows))
        expect([...ticks].sort((a, b) => a - b)).toEqual(ticks)
        if (value <= 1e300) expect(top).toBeGreaterThanOrEqual(value)
      }
    }
  },
)

test.each([
  [147 * GiB, 5, 150 * GiB],
  [446 * MiB, 5, 500 * MiB],
  [1.1 * GiB, 8, 1.25 * GiB],
  [65_535, 5, 80_000],
  [3, 5, 3],
])('%d in %i rows is drawn high, below a round end', (value, rows, top) => {
  const format = { binary: value > MiB, whole: value < MiB, format: String }
  expect(computeValueScale(value, rows, format).top).toBe(top)
})
