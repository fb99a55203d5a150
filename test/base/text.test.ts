// Text from the kernel: bytes held as latin1, their meaning in UTF-8, and what may reach a terminal.

import { describe, expect, test } from 'vitest'
import { ParseError } from '../../src/base/errors.ts'
import { streamJson, toJson } from '../../src/base/json.ts'
import { decodeUtf8, escapeControls, parseKeyedNumbers, parseNumber, splitLines } from '../../src/base/text.ts'
import { createRandom } from '../seeded-random.ts'

describe('drawn text', () => {
  test.each([
    ['plain ASCII and € and 漢字 stay', 'plain ASCII and € and 漢字 stay'],
    ['\x1b[2Jcleared', '\\x1b[2Jcleared'],
    ['\x9b31mC1', '\\x9b31mC1'],
    ['two\nlines\ttab', 'two\\x0alines\\x09tab'],
    ['bell\x07 del\x7f', 'bell\\x07 del\\x7f'],
    ['exe\u202etxt.', 'exe\\u202etxt.'],
    ['\u2066isolate\u2069', '\\u2066isolate\\u2069'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['line\u2028separator', 'line\\u2028separator'],
    ['soft\u00adhyphen \u061c', 'soft\\xadhyphen \\u061c'],
    ['tags\u{e0041} selector\ufe0f filler\u3164', 'tags\\u{e0041} selector\\ufe0f filler\\u3164'],
    ['\u0301\u0302first', '\\u0301\\u0302first'],
    ['tone \u{1f3fb} alone, 👍\u{1f3fb} not', 'tone \\u{1f3fb} alone, 👍\u{1f3fb} not'],
    ['\u0600 arabic', '\\u0600 arabic'],
    ['half \ud83d and whole 👍', 'half \\ud83d and whole 👍'],
  ])('of %j is %j', (text, safe) => expect(escapeControls(text)).toBe(safe))

  test('has no control character of C0 or C1', () => {
    for (let code = 0; code < 0xa0; code++) {
      const safe = escapeControls(`a${String.fromCharCode(code)}b`)
      expect(safe, `U+${code.toString(16)}`).toMatch(/^[\x20-\x7e]+$/)
    }
  })

  test('does not change if it is safe already', () => {
    const safe = escapeControls('\x1b]0;title\x07')
    expect(escapeControls(safe)).toBe(safe)
  })
})

describe('bytes held as latin1', () => {
  const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

  test.each(['naïve', '€ 漢字 👍', 'plain', ''])('mean %j again', text => expect(decodeUtf8(latin1(text))).toBe(text))

  test('that are not UTF-8 become \\xNN, and the others stay: two names never become one', () => {
    expect(decodeUtf8('a\xffb')).toBe('a\\xffb')
    expect(decodeUtf8('cut \xe2\x82')).toBe('cut \\xe2\\x82')
    expect(decodeUtf8('\xc0\xaf overlong')).toBe('\\xc0\\xaf overlong')
    expect(decodeUtf8('\xed\xa0\x80 surrogate')).toBe('\\xed\\xa0\\x80 surrogate')
    expect(decodeUtf8('\xf4\x90\x80\x80 beyond')).toBe('\\xf4\\x90\\x80\\x80 beyond')
    expect(decodeUtf8(`${latin1('für €')}\xfc${latin1('👍')}`)).toBe('für €\\xfc👍')
  })

  test('stay as they are where they were decoded before', () => {
    expect(decodeUtf8('naïve €')).toBe('naïve €')
  })

  test('that are random lose nothing: every byte is in a character or written as \\xNN', () => {
    const random = createRandom(7)
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(Array.from({ length: 20 }, () => 0x20 + Math.floor(random() * 0xe0)))
      const decoded = decodeUtf8(bytes.toString('latin1'))
      const parts = decoded.split(/(\\x[89a-f][0-9a-f])/)
      const back = parts.map((part, at) => (at % 2 === 1 ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part)))
      expect(Buffer.concat(back).equals(bytes)).toBe(true)
    }
  })
})

describe('lines of names and numbers', () => {
  test('are parsed with and without a colon and a unit; other lines are skipped', () => {
    const text = 'MemTotal:       24683656 kB\nHugePages_Total:       3\nActive(anon):  12 kB\nanon 4096\nfoo bar\n\n'
    expect([...parseKeyedNumbers(text, '/proc/x')]).toEqual([
      ['MemTotal', 24683656 * 1024],
      ['HugePages_Total', 3],
      ['Active(anon)', 12 * 1024],
      ['anon', 4096],
    ])
  })

  test('without a valid one are an error that names the file and the text', () => {
    expect(() => parseKeyedNumbers('\x00\x01 rubbish', '/proc/meminfo')).toThrow(ParseError)
    expect(() => parseKeyedNumbers('', '/proc/meminfo')).toThrow(
      '/proc/meminfo, line 1: expected lines of a name and a number, came ""',
    )
  })

  test.each([
    'a:1',
    'a 1kB',
    'a 1 KB',
    'a b 1',
    ' a 1',
    'a: -1',
    'a 1 ',
    'a 1\r',
    ': 1',
    ' kB',
    '1 kB',
    'a::  1',
    'a\u00e9 1',
  ])('are not of %j', line => expect([...parseKeyedNumbers(`${line}\ngood 7`, 'x')]).toEqual([['good', 7]]))

  test('are only those that are wanted, also where the lines are others than before', () => {
    const isWanted = (name: string): boolean => name.startsWith('oom_kill') || name === 'max'
    const parse = (text: string) => [...parseKeyedNumbers(text, '/proc/wanted', isWanted)]
    expect(parse('oom 1\nmax 2\noom_kill 3\n')).toEqual([
      ['max', 2],
      ['oom_kill', 3],
    ])
    expect(parse('oom_kill 4\nmax: 5 kB\noom_kill_disable 6')).toEqual([
      ['oom_kill', 4],
      ['max', 5 * 1024],
      ['oom_kill_disable', 6],
    ])
    expect(parse('other 7')).toEqual([])
    expect(() => parse('rubbish')).toThrow(ParseError)
  })

  test('do not mix if a number is missing', () => {
    expect([...parseKeyedNumbers('MemTotal:\n12 kB\nMemFree: 5 kB\n', '/proc/x')]).toEqual([['MemFree', 5 * 1024]])
  })
})

test('one number is one, and max is no limit', () => {
  expect(parseNumber('4096\n', 'x')).toBe(4096)
  expect(parseNumber('max\n', 'x')).toBe(Number.POSITIVE_INFINITY)
  expect(parseNumber('-1\n', 'x')).toBe(-1)
  for (const wrong of ['', '12 34', '0x10', '1e3', 'maximum', 'NaN', '1\n2'])
    expect(() => parseNumber(wrong, 'memory.max')).toThrow('memory.max, line 1: expected a number')
})

test('lines have no empty one after a last newline', () => {
  expect(splitLines('a\nb\n')).toEqual(['a', 'b'])
  expect(splitLines('a\n\nb')).toEqual(['a', '', 'b'])
  expect(splitLines('')).toEqual([])
})

test.each([
  [{ a: [], b: [1, { c: ['x\u202e', null] }], d: null, e: { f: [] }, g: 'text' }],
  [{ a: 'first', list: [[], {}] }],
])('JSON in pieces is the JSON of the whole: %j', value => {
  expect([...streamJson(value)].join('')).toBe(`${toJson(value, 2)}\n`)
})

test('a number with more digits than the kernel can print is not a number', () => {
  expect(parseNumber('18446744073709551615\n', '/x')).toBe(2 ** 64)
  expect(() => parseNumber('9'.repeat(21), '/x')).toThrow('expected a number')
  const lines = `a 18446744073709551615\nb ${'9'.repeat(21)}\nc 1\n`
  expect([...parseKeyedNumbers(lines, '/x-digits').keys()]).toEqual(['a', 'c'])
})
