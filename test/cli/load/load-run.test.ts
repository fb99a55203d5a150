// The phases of a load test: a settle ends when memory has come to rest, and at the given time at the latest.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { createStore } from '../../../src/app/store.ts'
import { LoadRun } from '../../../src/cli/load/load-run.ts'
import { createHistory } from '../../../src/history.ts'
import { RunObserver } from '../../../src/loadtest/observer.ts'

const session = { host: 'n', kernel: '6.1.0', bootId: 'b', wallClock: 0, interval: 1000, pageSize: 4096 }
const MAX_SAMPLES = 10_000

/** Runs `true` once on a node with this unreclaimable slab (kB) at each second after it ended; returns the settle's seconds and what was left. */
async function measureSettle(slabAfter: (seconds: number) => number, settle: number) {
  const store = createStore(createInitialState(createHistory(session)))
  const observer = new RunObserver({ scope: [], getOwnMemory: () => 0 })
  store.subscribe(() => observer.add(store.get().history))
  let time = 0
  let endedAt: number | undefined
  const mark = (text: string): void => {
    if (text === 'command ended') endedAt = time
  }
  const plan = { command: ['true'], control: 2000, settle, repeat: 1 }
  const run = new LoadRun(store, observer, plan, { mark, showPhase: () => {}, output: undefined })
  let isOver = false
  const executed = run.execute(new Promise(() => {})).finally(() => {
    isOver = true
  })
  for (let i = 0; i < MAX_SAMPLES && !isOver; i++) {
    time += 1000
    const slab = endedAt === undefined ? 60_000 : slabAfter((time - endedAt) / 1000)
    const meminfo = `MemTotal: 1000000 kB\nAnonPages: 20000 kB\nSUnreclaim: ${slab} kB\n`
    store.dispatch({
      type: 'readings',
      readings: [{ time, collector: 'meminfo', files: { '/proc/meminfo': meminfo } }],
    })
    await new Promise(resolve => setImmediate(resolve))
  }
  await executed
  const [iteration] = observer.getObservations(0).iterations
  return { seconds: (iteration!.settledAt - iteration!.end) / 1000, unsettled: iteration!.unsettled }
}

test('memory that came back at once ends the settle after a third of the given time', async () => {
  expect(await measureSettle(() => 10_000, 60_000)).toEqual({ seconds: 20, unsettled: [] })
})

test('memory that still falls is waited for', async () => {
  const { seconds, unsettled } = await measureSettle(elapsed => 10_000 + Math.max(0, 30 - elapsed) * 1000, 90_000)
  expect(seconds).toBeGreaterThan(30)
  expect(seconds).toBeLessThan(90)
  expect(unsettled).toEqual([])
})

test('the given time is the longest, and the report says what still went back', async () => {
  const result = await measureSettle(elapsed => 60_000 - elapsed * 500, 60_000)
  expect(result).toEqual({ seconds: 60, unsettled: ['SUnreclaim'] })
})

test('a short settle is kept whole', async () => {
  expect(await measureSettle(() => 10_000, 3000)).toEqual({ seconds: 3, unsettled: undefined })
})
