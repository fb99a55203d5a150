// The loop: batches from a source into the store, until the source ends or enough ticks have passed.
import type { Source } from '../sources/source.ts'
import type { Store } from './store.ts'

/** Folds the source's batches. Resolves when it ended. `ticks`: stop after so many looks at meminfo. */
export async function run(source: Source, store: Store, ticks = Number.POSITIVE_INFINITY): Promise<void> {
  let looks = 0
  for await (const readings of source.batches) {
    store.dispatch({ type: 'readings', readings })
    if (readings.some(({ collector }) => collector === 'meminfo')) looks++
    if (looks >= ticks) break
  }
  source.stop()
}
