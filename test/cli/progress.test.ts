// Progress: said on a terminal only, of what takes long only, and gone when it is over.
import { expect, test } from 'vitest'
import { trackProgress } from '../../src/cli/progress.ts'

function said(isTTY: boolean, msPerStep: number, takeOnly = 10): string {
  let now = 0
  const clock = { now: () => now }
  const written: string[] = []
  const gauge = { isTTY, write: (text: string) => written.push(text) > 0 }
  const steps = Array.from({ length: 10 }, (_, i) => 100 + 10 * (i + 1))
  const taken: number[] = []
  for (const step of trackProgress(steps, time => time, { begin: 100, end: 200 }, gauge as never, clock)) {
    taken.push(step)
    now += msPerStep
    if (taken.length === takeOnly) break
  }
  expect(taken).toEqual(steps.slice(0, takeOnly))
  return written.join('')
}

test('what takes longer than a second is told in percent, and wiped away at its end', () => {
  const text = said(true, 300)
  expect(text).toMatch(/^\rkmemtop: reading, 40 % \r.*50 %.*90 % \r\x1b\[K$/s)
  expect(said(true, 300, 6)).toMatch(/50 % \r\x1b\[K$/) // also when nobody wants the rest
})

test('nothing is said of what is soon over, or where nobody sees it', () => {
  expect(said(true, 50)).toBe('')
  expect(said(false, 300)).toBe('')
})
