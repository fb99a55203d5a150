// Formatting of numbers: units, rounding at the border to the next unit, and values that are not numbers.
import { describe, expect, test } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatClockOrUptime,
  formatCount,
  formatDateTime,
  formatDuration,
  formatPercent,
  formatRate,
  formatShortBytes,
  formatSignedBytes,
  formatTimeOfDay,
  NO_DATE,
} from '../../src/base/format.ts'
import { createRandom } from '../seeded-random.ts'

const KiB = 2 ** 10
const MiB = 2 ** 20
const GiB = 2 ** 30
const TiB = 2 ** 40
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [999.4, '999 B'],
    [999.5, '0.98 KiB'],
    [1023, '1.00 KiB'],
    [KiB, '1.00 KiB'],
    [9.99 * KiB, '9.99 KiB'],
    [9.9949 * KiB, '9.99 KiB'],
    [9.995 * KiB, '10.0 KiB'],
    [99.94 * KiB, '99.9 KiB'],
    [99.95 * KiB, '100 KiB'],
    [999.49 * KiB, '999 KiB'],
    [999.5 * KiB, '0.98 MiB'],
    [41.2 * GiB, '41.2 GiB'],
    [377 * GiB, '377 GiB'],
    [2 * TiB, '2.00 TiB'],
    [2 ** 63, '8192 PiB'],
    [-1.9 * GiB, '−1.90 GiB'],
    [-999.5 * KiB, '−0.98 MiB'],
    [Number.POSITIVE_INFINITY, '–'],
    [Number.NEGATIVE_INFINITY, '–'],
    [Number.NaN, '?'],
    [undefined, '?'],
  ])('of %d are %s', (value, text) => expect(formatBytes(value)).toBe(text))

  test('in narrow columns take six characters at most, below 1,000 PiB', () => {
    const random = createRandom(5)
    for (let i = 0; i < 5000; i++) {
      const value = 2 ** (random() * 59) * (random() < 0.3 ? -1 : 1)
      expect(formatShortBytes(value), String(value)).toMatch(/^−?\d{1,3}(\.\d{1,2})?[BKMGTP]$/)
      expect(formatShortBytes(value).length).toBeLessThanOrEqual(6)
    }
    expect([
      formatShortBytes(1.98 * GiB),
      formatShortBytes(610 * MiB),
      formatShortBytes(Infinity),
      formatShortBytes(undefined),
    ]).toEqual(['1.98G', '610M', '–', '?'])
  })

  test('are off by at most half of the last digit', () => {
    const random = createRandom(6)
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
    for (let i = 0; i < 5000; i++) {
      const value = 2 ** (random() * 58)
      const [digits = '', unit = ''] = formatBytes(value).split(' ')
      const reported = Number(digits) * 1024 ** units.indexOf(unit)
      expect(Math.abs(reported - value) / value).toBeLessThanOrEqual(value < 1000 ? 0.5 / value : 0.0056)
    }
  })

  test('have a sign if they are a change', () => {
    expect([412 * MiB, -1.9 * GiB, 0, 0.4, -0.4, Number.NaN, undefined].map(formatSignedBytes)).toEqual([
      '+412 MiB',
      '−1.90 GiB',
      '0',
      '0',
      '0',
      '?',
      '?',
    ])
  })
})

describe('a count', () => {
  test.each([
    [0, '0'],
    [99_999, '99,999'],
    [99_999.4, '99,999'],
    [99_999.5, '100 k'],
    [123_456, '123 k'],
    [999_499, '999 k'],
    [999_500, '1.0 M'],
    [50_400_000, '50.4 M'],
    [999_499_999, '999 M'],
    [999_500_000, '1.0 G'],
    [Number.POSITIVE_INFINITY, '–'],
    [Number.NaN, '?'],
    [undefined, '?'],
  ])('of %d is %s', (value, text) => expect(formatCount(value)).toBe(text))

  test('below 0 is formatted as one above 0, with a sign', () => {
    for (const value of [5, 1234, 123_456, 3_900_000, 4e9])
      expect(formatCount(-value).replace('-', '−')).toBe(`−${formatCount(value)}`)
  })
})

test.each([
  [0, '0/s'],
  [0.4, '0.4/s'],
  [9.94, '9.9/s'],
  [9.95, '10/s'],
  [1240, '1,240/s'],
  [undefined, '?/s'],
])('%d events a second are %s', (value, text) => expect(formatRate(value)).toBe(value === undefined ? '?' : text))

test.each([
  [0, '0 %'],
  [0.004, '0.4 %'],
  [0.0994, '9.9 %'],
  [0.0995, '10 %'],
  [0.89, '89 %'],
  [1.2, '120 %'],
  [-0.03, '-3.0 %'],
  [Number.NaN, '?'],
  [undefined, '?'],
])('a share of %d is %s', (value, text) => expect(formatPercent(value)).toBe(text))

test.each([
  [0, '0 s'],
  [-5 * SECOND, '0 s'],
  [59.4 * SECOND, '59 s'],
  [59.5 * SECOND, '1 min'],
  [90 * SECOND, '1 min 30 s'],
  [5 * MINUTE + 30 * SECOND, '5 min'],
  [59 * MINUTE + 59 * SECOND, '59 min'],
  [9 * HOUR + 10 * MINUTE, '9 h 10 min'],
  [47 * HOUR, '47 h'],
  [48 * HOUR, '2 d'],
  [51 * HOUR, '2 d 3 h'],
  [400 * DAY + 5 * HOUR, '400 d'],
  [Number.POSITIVE_INFINITY, '–'],
  [Number.NaN, '?'],
  [undefined, '?'],
])('%d ms last %s', (value, text) => expect(formatDuration(value)).toBe(text))

test('an age below half a second is now', () => {
  expect([-1000, 0, 499, 500, 12_000].map(formatAge)).toEqual(['now', 'now', 'now', '1 s ago', '12 s ago'])
})

test('a clock without a date shows the days since boot', () => {
  const wall = NO_DATE + 2 * 86_400_000 + 14 * 3_600_000 + 202_000
  expect(formatDateTime(wall)).toBe('boot +  2d 14:03:22')
  expect([wall, Date.UTC(2026, 0, 3, 4, 5, 6)].map(formatClockOrUptime)).toEqual(['boot +  2d 14:03:22', '04:05:06'])
})

test('a wall clock has two digits everywhere', () => {
  const wall = Date.UTC(2026, 0, 3, 4, 5, 6)
  expect([formatTimeOfDay(wall), formatDateTime(wall)]).toEqual(['04:05:06', '2026-01-03 04:05:06'])
})
