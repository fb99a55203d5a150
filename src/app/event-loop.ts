// The event loop: moves batches from a source into the store until the source ends or enough samples were taken.
import type { Reading } from '../history.ts'
import { yieldToEventLoop } from '../sampling/clock.ts'
import type { ReadingSource } from '../sampling/reading-source.ts'
import type { Store } from './store.ts'

/**
 * Applies the batches of a source to the store. Resolves when the source has ended.
 * @param ticks stop after this many samples of meminfo
 * @param onBatch called after a whole batch was applied, with the number of samples so far
 */
export async function runEventLoop(
  source: ReadingSource,
  store: Store,
  ticks = Number.POSITIVE_INFINITY,
  onBatch: (sampleCount: number) => void = () => {},
): Promise<void> {
  let sampleCount = 0
  for await (const batch of source.batches) {
    if ('session' in batch) {
      store.dispatch({ type: 'session', session: batch.session })
      continue
    }
    await dispatchBatch(batch, store)
    if (batch.some(({ collector }) => collector === 'meminfo')) sampleCount++
    onBatch(sampleCount)
    if (sampleCount >= ticks) break
  }
  source.stop()
}

// The reducer applies each reading in its own event-loop turn: a sample of many cgroups takes long, and a key press must not wait for all of it.
async function dispatchBatch(batch: readonly Reading[], store: Store): Promise<void> {
  for (const reading of batch.slice(0, -1)) {
    await yieldToEventLoop()
    store.prepare({ type: 'readings', readings: [reading] })
  }
  await yieldToEventLoop()
  store.dispatch({ type: 'readings', readings: batch.slice(-1) })
}
