// /proc/net/sockstat.
import { expect, test } from 'vitest'
import { ParseError } from '../../src/base/errors.ts'
import { parseSockstat, sockstat } from '../../src/collectors/sockstat.ts'
import { readFixture, session } from '../fixtures.ts'

test('a real text is parsed, and buffers are in bytes', () => {
  const text = readFixture('6.18', '/proc/net/sockstat')
  expect(parseSockstat(text).get('TCP mem')).toBe(80)
  const { bytes } = sockstat.applyFiles(sockstat.empty, { '/proc/net/sockstat': text }, 0, session)
  expect(bytes).toBe(80 * 4096)
})

test('a text without counts is an error', () => expect(() => parseSockstat('x\n')).toThrow(ParseError))
