// Windows between two marks: whole labels, parts of labels, times, and what is wrong with the others.
import { expect, test } from 'vitest'
import { findMarkWindow } from '../../../src/cli/recordings/mark-window.ts'

const span = { begin: 0, end: 100_000, wallClock: Date.UTC(2026, 10, 27, 12) }
const marks = [
  { time: 10_000, text: 'ramp' },
  { time: 20_000, text: 'ramp to 500 rps' },
  { time: 60_000, text: 'execution 1 ended' },
  { time: 70_000, text: '+30s' },
]
const find = (from?: string, to?: string) =>
  findMarkWindow({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) }, marks, span)

test.each([
  ['ramp', 'execution 1 ended', 10_000, 60_000],
  ['500 rps', undefined, 20_000, 100_000],
  [undefined, 'ramp to 500 rps', 0, 20_000],
  ['+30s', '90%', 70_000, 90_000],
  ['50%', '+80s', 50_000, 80_000],
])('from %s to %s', (from, to, begin, end) => {
  expect(find(from, to)).toEqual({ begin, end })
})

test.each([
  ['ram', undefined, /--from "ram" is 2 marks: "ramp" at .*, "ramp to 500 rps" at .*; name one, or its time/],
  ['soak', undefined, /--from "soak" is neither a mark of this recording nor a time in it: it has "ramp" at/],
  ['', undefined, /--from "" is neither a mark/],
  ['execution', 'ramp', /--from execution is after --to ramp/],
])('from %s to %s is refused', (from, to, sentence) => {
  expect(() => find(from, to)).toThrow(sentence)
})

test('a recording without marks says so', () => {
  expect(() => findMarkWindow({ to: 'x' }, [], span)).toThrow(/it has none/)
})
