// Wrapping: no line is wider than asked for, and no word is lost.
import { expect, test } from 'vitest'
import { measureWidth } from '../../src/widgets/cells.ts'
import { wrapText } from '../../src/widgets/wrap.ts'

test('words are kept whole, a longer one is cut, an indent stays', () => {
  expect(wrapText('the kernel killed java', 11)).toEqual(['the kernel', 'killed java'])
  expect(wrapText('a /sys/fs/cgroup/memory/kubepods', 10)).toEqual(['a', '/sys/fs/cg', 'roup/memor', 'y/kubepods'])
  expect(wrapText('  indented text', 10)).toEqual(['  indented', 'text'])
  expect(wrapText('', 10)).toEqual([''])
})

test('a number stays with its unit, not with a word', () => {
  expect(wrapText('+8.00 MiB in 1 h, 9 %', 11)).toEqual(['+8.00 MiB', 'in 1 h, 9 %'])
  expect(wrapText('+8.00 MiB in 1 h, 9 %', 10)).toEqual(['+8.00 MiB', 'in 1 h,', '9 %'])
  expect(wrapText('killed 12 hosts', 9)).toEqual(['killed 12', 'hosts'])
})

test.each([
  '漢字漢字漢字漢字漢字漢字',
  '한글 이름 한글 이름 한글',
  'a🚀b🚀c🚀d🚀e🚀f🚀',
  'plain words only, of many sizes',
])('%s fits every width', text => {
  for (let width = 2; width <= 20; width++) {
    const lines = wrapText(text, width)
    expect(lines.filter(line => measureWidth(line) > width)).toEqual([])
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  }
})

test('control characters are written out, so that no escape sequence is taken for a style', () => {
  expect(wrapText('a\x1b[31m red\nnext', 40)).toEqual(['a\\x1b[31m red\\x0anext'])
})
