// Tells the recorder what its readings came to, so that a recording can be opened without being read.

import type { Store } from '../app/store.ts'
import { SummaryBuilder } from '../recording/summary-builder.ts'
import type { LiveSource } from '../sampling/live-source.ts'

/** Follows the store; gives a function that ends it. */
export function sendSummaries(store: Store, source: LiveSource): () => void {
  const builder = new SummaryBuilder(store.get().alerts)
  return store.subscribe(() => {
    const notes = builder.collectChanges(store.get())
    if (notes.alerts.length > 0 || notes.minutes.length > 0) source.sendCommand({ type: 'note', ...notes })
  })
}
