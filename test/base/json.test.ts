// JSON that is safe on a terminal.
import { expect, test } from 'vitest'
import { toJson } from '../../src/base/json.ts'
import { UNSAFE } from '../../src/base/text.ts'

test('has no unsafe character, above 16 bits neither, and means the same', () => {
  const value = { name: 'tag \u{e0041} \u202e \u0600 \x7f \x1b half \ud800 👍' }
  const text = toJson(value)
  expect(text).toBe(String.raw`{"name":"tag \udb40\udc41 \u202e \u0600 \u007f \u001b half \ud800 👍"}`)
  expect(UNSAFE.test(text)).toBe(false)
  expect(JSON.parse(text)).toEqual(value)
})
