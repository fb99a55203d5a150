// The order of rows.
import { expect, test } from 'vitest'
import { type SortValue, sortRows } from '../../src/panels/panel.ts'

type Row = readonly [name: string, value: SortValue]
const rows: readonly Row[] = [
  ['a', 2],
  ['none', undefined],
  ['b', 5],
  ['c', 2],
  ['not read', null],
  ['zero', 0],
]
const names = (reverse: boolean): string =>
  sortRows(rows, ([, value]) => value, reverse)
    .map(([name]) => name)
    .join(' ')

test('sorts largest first, keeps the order of equal rows, puts rows without a value last', () => {
  expect(names(false)).toBe('b a c zero none not read')
})

test('keeps rows without a value last when reversed', () => {
  expect(names(true)).toBe('zero a c b none not read')
})

test('sorts names alphabetically', () => {
  expect(sortRows(['b', 'C', 'a'], name => name)).toEqual(['a', 'b', 'C'])
  expect(sortRows(['b', 'C', 'a'], name => name, true)).toEqual(['C', 'b', 'a'])
})
