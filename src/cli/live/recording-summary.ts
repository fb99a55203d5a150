// Sends alerts and per-minute summaries to the recorder, so that a recording can be opened without reading all of it.

import type { Store } from '../../app/store.ts'
import { SummaryBuilder } from '../../recording/summary-builder.ts'
import type { LiveSource } from '../../sampling/live-source.ts'

/** Follows the store. Returns a function that stops it. */
export function sendSummaries(store: Store, source: LiveSource): () => void {
  const builder = new SummaryBuilder(store.get().alerts)
  return store.subscribe(() => {
    const notes = builder.collectChanges(store.get())
    if (notes.alerts.length > 0 || notes.minutes.length > 0) source.sendCommand({ type: 'note', ...notes })
  })
}
