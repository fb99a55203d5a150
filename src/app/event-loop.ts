// The loop: batches from a source into the store, until the source ends or enough ticks have passed.
import type { Reading } from '../history.ts'
import { yieldToEventLoop } from '../sampling/clock.ts'
import type { ReadingSource } from '../sampling/reading-source.ts'
import type { Store } from './store.ts'

/**
 * Folds the source's batches. Resolves when it ended.
 * @param ticks stop after so many looks at meminfo
 * @param onBatch called when all of a batch is folded
 */
export async function runEventLoop(
  source: ReadingSource,
  store: Store,
  ticks = Number.POSITIVE_INFINITY,
  onBatch: () => void = () => {},
): Promise<void> {
  let sampleCount = 0
  for await (const batch of source.batches) {
    await dispatchBatch(batch, store)
    onBatch()
    if (batch.some(({ collector }) => collector === 'meminfo')) sampleCount++
    if (sampleCount >= ticks) break
  }
  source.stop()
}

// Each reading in a turn of its own: of many cgroups a look takes long, and a key must not wait for all of it.
async function dispatchBatch(batch: readonly Reading[], store: Store): Promise<void> {
  for (const reading of batch.slice(0, -1)) {
    await yieldToEventLoop()
    store.prepare({ type: 'readings', readings: [reading] })
  }
  await yieldToEventLoop()
  store.dispatch({ type: 'readings', readings: batch.slice(-1) })
}
