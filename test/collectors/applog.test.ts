// Application logs: which lines are errors, what they have in common, and what is kept of them.
import { describe, expect, test } from 'vitest'
import { countText } from '../../src/collectors/applog/count-text.ts'
import { applog, formatCounts, parseCounts } from '../../src/collectors/applog/index.ts'
import { findErrorLines, maskLine } from '../../src/collectors/applog/pattern.ts'
import { session } from '../fixtures.ts'

describe('lines that differ in numbers, IDs, times and quoted text have one pattern', () => {
  test.each([
    [
      '2026-11-27T10:00:01.123Z ERROR failed to decrypt token 9f8e7d6c5b4a3f2e for user 4121',
      'TIME ERROR failed to decrypt token ID for user N',
    ],
    ['10:00:01 error: connect ECONNREFUSED 10.0.3.17:5432', 'TIME error: connect ECONNREFUSED ADDRESS'],
    ['order 3f0c9a51-1b2c-4d5e-8f90-a1b2c3d4e5f6 failed', 'order UUID failed'],
    ['error: key \'abc\' not in "cache"', `error: key '…' not in "…"`],
    ['\x1b[31merror\x1b[0m at 0xffff8881', 'error at N'],
  ])('%j is masked', (line, pattern) => {
    expect(maskLine(line)).toBe(pattern)
  })
})

function find(text: string, max = 100): readonly string[] {
  const lines: string[] = []
  findErrorLines(text, line => lines.push(line), max)
  return lines
}

test('errors are found by their words, each line once', () => {
  const text =
    'started\nERROR: error in error\nuser terror logged in\nGET / " 503 12\nGET / " 200 12\nrequest timed out'
  expect(find(text)).toEqual(['ERROR: error in error', 'GET / " 503 12', 'request timed out'])
})

test('all errors are counted, also those whose pattern is not found', () => {
  expect(findErrorLines('error\n'.repeat(1000), () => {}, 10)).toBe(1000)
})

test('counts survive being written and read, and another text is none', () => {
  const patterns = new Map([
    ['failed N', 3],
    ['refused N', 1],
  ])
  const counts = { lines: 12, errors: 3, skipped: 0, patterns, texts: new Map() }
  expect(parseCounts(formatCounts(counts), 'a')).toEqual(counts)
  const withText = { ...counts, texts: new Map([['failed N', '= 7 failed 7 ']]) }
  expect(parseCounts(formatCounts(withText), 'a')).toEqual(withText)
  expect(() => parseCounts('what is this', '/a.log')).toThrow('/a.log')
})

test('the text of error lines is kept where that is asked for: the newest of each pattern, cut', () => {
  const text = `ok\nerror 1 of u\u00c3\u00bc\nerror 2\nrefused ${'x'.repeat(5000)}\nerror 3\n`
  expect(countText(text, 0).texts.size).toBe(0)
  const { patterns, texts } = countText(text, 0, true)
  expect(texts.get('error N')).toBe('error 3')
  expect(texts.get('error N of u\u00fc')).toBe('error 1 of u\u00fc')
  expect(Math.max(...[...texts.values()].map(line => line.length))).toBe(500)
  expect([...texts.keys()]).toEqual([...patterns.keys()])
  const logs = applog.applyFiles(applog.empty, { a: formatCounts(countText(text, 0, true)) }, 0, session)
  expect(applog.applyFiles(logs, { a: '1 1 0\n1 error N\n= error 4' }, 1, session).get('a')!.texts.get('error N')).toBe(
    'error 4',
  )
})

test('a million patterns keep the most frequent, and few of them', () => {
  let logs = applog.empty
  for (let i = 0; i < 200; i++) {
    const rare = Array.from({ length: 10 }, (_, k) => `1 rare ${i * 10 + k}`)
    logs = applog.applyFiles(logs, { a: `10 10 0\n5 frequent\n${rare.join('\n')}` }, i * 1000, session)
  }
  const { patterns, errors } = logs.get('a')!
  expect(patterns.size).toBeLessThanOrEqual(210)
  expect(patterns.get('frequent')).toBe(1000)
  expect(errors.values[errors.length - 1]).toBe(2000)
})
