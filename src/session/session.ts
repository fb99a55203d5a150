// The loop: batches from a source into the store, until the source ends or enough ticks have passed.
import type { Reading } from '../history.ts'
import { turn } from '../sources/clock.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from './store.ts'

/**
 * Folds the source's batches. Resolves when it ended.
 * @param ticks stop after so many looks at meminfo
 * @param folded called when all of a batch is folded
 */
export async function run(
  source: Source,
  store: Store,
  ticks = Number.POSITIVE_INFINITY,
  folded: () => void = () => {},
): Promise<void> {
  let looks = 0
  for await (const batch of source.batches) {
    await fold(batch, store)
    folded()
    if (batch.some(({ collector }) => collector === 'meminfo')) looks++
    if (looks >= ticks) break
  }
  source.stop()
}

// Each reading in a turn of its own: of many cgroups a look takes long, and a key must not wait for all of it.
async function fold(batch: readonly Reading[], store: Store): Promise<void> {
  for (const reading of batch.slice(0, -1)) {
    await turn()
    store.prepare({ type: 'readings', readings: [reading] })
  }
  await turn()
  store.dispatch({ type: 'readings', readings: batch.slice(-1) })
}
