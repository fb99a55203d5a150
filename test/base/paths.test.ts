// Relations of paths, compared with their plain definition.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBelow, isWithin } from '../../src/base/paths.ts'

test('a path is below another if it begins with it and a slash', () => {
  const path = fc.stringMatching(/^[/ab]{0,5}$/)
  fc.assert(
    fc.property(path, path, (one, other) => {
      const isPlainlyBelow = one !== other && one.startsWith(other === '/' ? '/' : `${other}/`)
      expect([isBelow(one, other), isWithin(one, other)]).toEqual([isPlainlyBelow, isPlainlyBelow || one === other])
    }),
    { numRuns: 2000 },
  )
})
