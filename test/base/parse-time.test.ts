// Times as users write them, in a recording from 14:03:22 on for two hours.
import { expect, test } from 'vitest'
import { UserError } from '../../src/base/errors.ts'
import { parseSampleTime, parseTime, type TimeSpan } from '../../src/base/parse-time.ts'

const wallClock = new Date(2026, 10, 23, 14, 3, 22).getTime()
const span: TimeSpan = { begin: 0, end: 2 * 3_600_000, wallClock }
const MINUTE = 60_000

test.each([
  ['14:05', MINUTE + 38_000],
  ['14:05:30', 2 * MINUTE + 8000],
  ['14:03', 0], // written to the minute, it is the one in which the recording begins
  ['2026-11-23T15:03:22', 60 * MINUTE],
  ['2026-11-23 15:03:22', 60 * MINUTE],
  ['-10m', 110 * MINUTE],
  ['+90s', 90_000],
  ['+1h', 60 * MINUTE],
  ['-5h', 0],
  ['50%', 60 * MINUTE],
  ['0%', 0],
  ['100%', 120 * MINUTE],
])('%s is a time of the recording, to the millisecond', (text, time) => {
  expect(parseTime(text, span)).toBe(time)
})

test('after midnight a time of day is on the next day', () => {
  const night = { begin: 0, end: 3_600_000, wallClock: new Date(2026, 10, 23, 23, 50, 0).getTime() }
  expect(parseTime('00:10', night)).toBe(20 * MINUTE)
})

test.each(['', 'soon', '25:00', '14:61', '10', '10m', '150%', '2026-13-45'])('%j is not a time', text => {
  expect(() => parseTime(text, span)).toThrow(UserError)
  expect(() => parseTime(text, span)).toThrow(/expected 14:05/)
})

test.each(['09:00', '2026-11-24T15:00', '17:00'])('%s is outside the span', text => {
  expect(() => parseTime(text, span)).toThrow(/the recording goes from 2026-11-23 14:03:22 to 2026-11-23 16:03:22/)
})

test.each([
  ['+5h', '+5h leads out of the recording: it is 2 h long; taken as its end', 120 * MINUTE],
  ['-3h', '-3h leads out of the recording: it is 2 h long; taken as its beginning', 0],
])('%s is the end that it leads over, and it is said', (text, words, time) => {
  const reported: string[] = []
  expect(parseTime(text, span, words => reported.push(words))).toBe(time)
  expect(reported).toEqual([words])
})

test.each(['+2h', '-2h', '+1h', '100%'])('%s gives no warning', text => {
  parseTime(text, span, words => expect(words).toBe(''))
})

test.each([
  ['14:05', MINUTE + 38_999],
  ['14:05:30', 2 * MINUTE + 8999],
  ['2026-11-23 14:05:30', 2 * MINUTE + 8999],
  ['16:03:22', 120 * MINUTE], // the end of the recording comes before that of the second
  ['14:05:30.5', 2 * MINUTE + 8500],
  ['+90s', 90_000],
  ['50%', 60 * MINUTE],
])('%s is the sample that shows this time', (text, time) => {
  expect(parseSampleTime(text, span)).toBe(time)
})
