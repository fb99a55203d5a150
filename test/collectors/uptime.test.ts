// /proc/uptime: when the node booted, in session time.
import { expect, test } from 'vitest'
import { parseUptime, uptime } from '../../src/collectors/uptime.ts'
import { readFixture, session } from '../fixtures.ts'

test('the node booted before the session began', () => {
  const memory = uptime.applyFiles({}, { '/proc/uptime': readFixture('6.18', '/proc/uptime') }, 5000, session)
  expect(memory.bootedAt).toBeCloseTo(5000 - 2_961_050)
})

test('a text without a number is an error', () => {
  expect(parseUptime('2961.05 3772.40\n')).toBe(2961.05)
  for (const wrong of ['', 'up 3 days', '\n', '-5.00 1.00', '1e5 1', '99999999999999999.00 1.00'])
    expect(() => parseUptime(wrong)).toThrow('/proc/uptime, line 1')
})
