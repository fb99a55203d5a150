// Lean: a node with many cgroups makes a large heap; then room is worth more than speed.
import { setFlagsFromString } from 'node:v8'
import type { Store } from '../app/store.ts'

/** Cgroups from which on V8 keeps its heaps close to what lives in them: at 10,000 some 20 MB less, and a fifth more CPU. */
const MANY_CGROUPS = 3000

/** Watches the number of cgroups until there are many. Gives a function that ends it. */
export function shrinkHeapWhenLarge(store: Store): () => void {
  const end = store.subscribe(() => {
    if (store.get().history.cgroups.directories < MANY_CGROUPS) return
    setFlagsFromString('--optimize-for-size')
    end()
  })
  return end
}
