// The value axis of any number: a file of the node, or of a recording, may hold one that no memory has.
import { expect, test } from 'vitest'
import { formatBytes, formatCount } from '../../../src/base/format.ts'
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
