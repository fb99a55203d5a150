// Lines from pieces of text: whatever the cuts, the same lines, none longer than the bound.
import { expect, test } from 'vitest'
import { createLineSplitter } from '../../src/base/line-splitter.ts'

function split(pieces: readonly string[], maxLength = 10): readonly string[] {
  const lines: string[] = []
  const take = createLineSplitter(maxLength, line => lines.push(line))
  for (const piece of pieces) take(piece)
  return lines
}

test('cuts between pieces do not matter', () => {
  const text = 'one\r\ntwo\n\nthree\nrest'
  const expected = ['one', 'two', '', 'three']
  expect(split([text])).toEqual(expected)
  expect(split([...text])).toEqual(expected)
  for (let at = 1; at < text.length; at++) expect(split([text.slice(0, at), text.slice(at)])).toEqual(expected)
})

test('a line that never ends takes no more than the bound', () => {
  expect(split([...Array.from({ length: 1000 }, () => 'x'.repeat(1000)), '\nnext\n'])).toEqual(['x'.repeat(10), 'next'])
})
