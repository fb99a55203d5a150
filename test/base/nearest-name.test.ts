// The name that somebody probably meant, and none where only a far one is known.
import { expect, test } from 'vitest'
import { findNearestName } from '../../src/base/nearest-name.ts'

const commands = ['analyze', 'check', 'cut', 'diff', 'dump', 'fleet', 'record', 'replay', 'serve']

test.each([
  ['recrod', 'record'],
  ['flet', 'fleet'],
  ['dupm', 'dump'],
  ['play', 'replay'],
  ['ana', 'analyze'],
  ['live', undefined],
  ['monitoring', undefined],
  ['', undefined],
])('%s: the nearest command is %s', (word, nearest) => {
  expect(findNearestName(word, commands)).toBe(nearest)
})

test('without known names there is no nearest one', () => {
  expect(findNearestName('record', [])).toBeUndefined()
})
