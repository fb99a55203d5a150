// /proc/pressure/memory: stalls of some and of all tasks.
import { expect, test } from 'vitest'
import { getLatest } from '../../src/base/series.ts'
import { parsePressure, pressure } from '../../src/collectors/pressure.ts'
import { readFixture, session } from '../fixtures.ts'

const PATH = '/proc/pressure/memory'

test('a real text has some and full', () => {
  expect(parsePressure(readFixture('6.18', PATH))).toEqual({
    some: { avg10: 0, avg60: 0, avg300: 0, total: 46_626 },
    full: { avg10: 0, avg60: 0, avg300: 0, total: 7792 },
  })
})

test('averages are percent, and their history is kept', () => {
  const text =
    'some avg10=12.34 avg60=5.00 avg300=1.50 total=987654321\nfull avg10=99.99 avg60=0.10 avg300=0.00 total=12\n'
  const memory = pressure.applyFiles(pressure.empty, { [PATH]: text }, 1000, session)
  expect(memory.some).toEqual({ avg10: 12.34, avg60: 5, avg300: 1.5, total: 987_654_321 })
  expect([getLatest(memory.series.some), getLatest(memory.series.full)]).toEqual([12.34, 99.99])
})

test('a text without full is taken; one without some is an error', () => {
  const some = 'some avg10=1.00 avg60=0.00 avg300=0.00 total=1\n'
  expect(pressure.applyFiles(pressure.empty, { [PATH]: some }, 0, session).full).toBeUndefined()
  for (const wrong of ['', 'full avg10=1.00 avg60=0.00 avg300=0.00 total=1\n', 'some avg10=1.00\n', 'some avg10=x'])
    expect(() => parsePressure(wrong)).toThrow('/proc/pressure/memory, line 1')
})

test('a kernel without it has a hint', () => {
  expect(pressure.explainError?.('ENOENT', PATH)).toContain('psi=1')
  expect(pressure.explainError?.('EOPNOTSUPP', PATH)).toContain('psi=1')
  expect(pressure.explainError?.('EIO', PATH)).toBeUndefined()
})
