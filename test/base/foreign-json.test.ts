// JSON from outside: bounded in depth, and otherwise what JSON.parse gives.
import { expect, test } from 'vitest'
import { parseForeignJson } from '../../src/base/foreign-json.ts'

const LONG = 2 ** 20 + 1

test.each(['[', '{"a":', '[{"a":['])('a long text of %j without end is refused before it is parsed', opening => {
  const text = opening.repeat(20 * LONG)
  text.charCodeAt(LONG) // puts its pieces together: 100 MB of its own
  const before = process.memoryUsage().heapUsed
  expect(() => parseForeignJson(text)).toThrow('nested deeper than 200 levels')
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 2 ** 20)
})

test('brackets in strings are no depth, with quotes and backslashes before them', () => {
  const text = JSON.stringify({ a: '['.repeat(LONG), b: '\\"[['.repeat(1000), c: ['\\', '[{'.repeat(1000)] })
  expect(parseForeignJson(text)).toEqual(JSON.parse(text))
})

test('a long list of objects is parsed', () => {
  const list = Array.from({ length: 100_000 }, (_, i) => ({ i, nested: [[[i]]] }))
  expect(parseForeignJson(JSON.stringify(list))).toEqual(list)
})

test('a short text is parsed however deep it is', () => {
  expect(() => parseForeignJson('['.repeat(1000))).toThrow(SyntaxError)
  expect(parseForeignJson(`${'['.repeat(1000)}${']'.repeat(1000)}`)).toHaveLength(1)
})
