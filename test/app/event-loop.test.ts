// The loop: from a source into the store.
import { expect, test } from 'vitest'
import { runEventLoop } from '../../src/app/event-loop.ts'
import { createStore, type Store } from '../../src/app/store.ts'
import type { Reading } from '../../src/history.ts'
import type { ReadingSource } from '../../src/sampling/reading-source.ts'
import { session } from '../fixtures.ts'
import { emptyState } from '../playback/states.ts'

const sample = (time: number): Reading => ({
  time,
  collector: 'meminfo',
  files: { '/proc/meminfo': 'MemTotal: 1 kB\n' },
})
const line = (time: number): Reading => ({ time, collector: 'kmsg', files: {} })

function sourceOf(batches: readonly (readonly Reading[])[]): ReadingSource & { stops: number } {
  async function* all(): AsyncGenerator<readonly Reading[]> {
    yield* batches
  }
  const source = { session, batches: all(), stops: 0, stop: () => void source.stops++ }
  return source
}

async function ran(batches: readonly (readonly Reading[])[], ticks?: number): Promise<{ store: Store; stops: number }> {
  const store = createStore(emptyState)
  const source = sourceOf(batches)
  await runEventLoop(source, store, ticks)
  return { store, stops: source.stops }
}

test('applies every batch until the source ends, then stops it', async () => {
  const { store, stops } = await ran([[sample(0)], [line(500)], [sample(1000), line(1000)]])
  expect(store.get().history.time).toBe(1000)
  expect(stops).toBe(1)
})

test('reports a batch when all of it is applied; keys get a turn between readings', async () => {
  const store = createStore(emptyState)
  const reported: number[] = []
  store.subscribe(() => reported.push(store.get().history.time))
  const folded: number[] = []
  const note = (): void => void folded.push(store.get().history.time)
  const running = runEventLoop(
    sourceOf([[sample(1000), line(1500), sample(2000)], [line(2500)]]),
    store,
    undefined,
    note,
  )
  let turns = 0
  while (folded.length === 0 && turns++ < 100) await new Promise(resolve => setImmediate(resolve))
  await running
  expect(turns).toBeGreaterThan(2)
  expect([reported, folded]).toEqual([
    [2000, 2500],
    [2000, 2500],
  ])
})

test('ends after the given number of samples; log readings do not count', async () => {
  const { store } = await ran([[sample(0)], [line(500)], [sample(1000)], [sample(2000)]], 2)
  expect(store.get().history.time).toBe(1000)
})

test('counts failed samples, so that an unreadable node does not run forever', async () => {
  const refused: Reading = { time: 0, collector: 'meminfo', files: {}, error: 'EACCES: x' }
  const { store } = await ran([[refused], [sample(1000)]], 1)
  expect(store.get().history.time).toBe(0)
})
