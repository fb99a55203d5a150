// The worker of the built program: sampling continues while the main thread is blocked, and it ends at once.
import { expect, test } from 'vitest'
import { sampledIds } from '../../src/collectors/index.ts'
import { startLiveSource } from '../../src/sampling/live-source.ts'
import { listReadings } from '../../src/sampling/reading-source.ts'
import { runProgram, WORKER } from './program.ts'

const STALL = 5000 // ms

test('a main thread that is blocked for 5 s loses no second of readings', async () => {
  const source = await startLiveSource(WORKER, { root: '/', interval: 1000, collectors: sampledIds, flightDuration: 0 })
  const times: number[] = []
  let stalled = false
  for await (const batch of source.batches) {
    times.push(
      ...listReadings(batch)
        .filter(({ collector }) => collector === 'meminfo')
        .map(({ time }) => time),
    )
    if (times.length === 2 && !stalled) {
      stalled = true
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL) // what a terminal that is not read does
    }
    if (times.length >= 9) source.stop()
  }
  const gaps = times.slice(1).map((time, i) => time - times[i]!)
  expect(times.length).toBeGreaterThanOrEqual(9)
  expect(Math.max(...gaps)).toBeLessThan(1900) // a missing second would be a gap of two
})

test('a terminal that is not read for 5 s shows current data again at once', async () => {
  await runProgram({ columns: 200, rows: 60, args: ['-i', '200ms'] }, async terminal => {
    await terminal.waitFor(/MemAvailable/)
    const clock = (): string => /(\d\d:\d\d:\d\d) *$/.exec(terminal.screen()[0] ?? '')?.[1] ?? ''
    const before = clock()
    terminal.stall()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL)
    terminal.unstall()
    const seconds = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    await terminal.waitFor(() => (seconds(clock()) - seconds(before) + 86_400) % 86_400 >= STALL / 1000)
  })
})
