// Progress: shown only on a terminal, only for long work, and erased at the end.
import { expect, test } from 'vitest'
import { trackProgress } from '../../src/cli/progress.ts'

function runSteps(isTTY: boolean, msPerStep: number, takeOnly = 10): string {
  let now = 0
  const clock = { now: () => now }
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
  const steps = Array.from({ length: 10 }, (_, i) => 100 + 10 * (i + 1))
  const taken: number[] = []
  for (const step of trackProgress(steps, time => time, { begin: 100, end: 200 }, { stream: stream as never, clock })) {
    taken.push(step)
    now += msPerStep
    if (taken.length === takeOnly) break
  }
  expect(taken).toEqual(steps.slice(0, takeOnly))
  return written.join('')
}

test('work longer than a second shows percent, erased at the end', () => {
  const text = runSteps(true, 300)
  expect(text).toMatch(/^\rkmemtop: reading, 40 % \r.*50 %.*90 % \r {24}\r$/s)
  expect(runSteps(true, 300, 6)).toMatch(/50 % \r {24}\r$/) // also when the loop is left early
  expect(text).not.toContain('\x1b') // TERM=dumb
})

test('short work, or a stream that is not a terminal, shows nothing', () => {
  expect(runSteps(true, 50)).toBe('')
  expect(runSteps(false, 300)).toBe('')
})
