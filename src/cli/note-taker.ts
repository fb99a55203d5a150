// The note taker: tells the recorder what its readings came to, so that a recording can be opened without being read.
import { alertNotes, minuteRow } from '../session/notes.ts'
import type { Store } from '../session/store.ts'
import type { LiveSource } from '../sources/live-source.ts'

const MINUTE = 60_000

/** Follows the store; gives a function that ends it. */
export function takeNotes(store: Store, source: LiveSource): () => void {
  let { alerts } = store.get()
  let minute = -1
  return store.subscribe(() => {
    const state = store.get()
    const notes = alertNotes(alerts, state.alerts)
    alerts = state.alerts
    const now = Math.floor(state.history.time / MINUTE)
    const minutes = now > minute && state.history.meminfo.values.size > 0 ? [minuteRow(state.history)] : []
    if (minutes.length > 0) minute = now
    if (notes.length > 0 || minutes.length > 0) source.order({ type: 'note', alerts: notes as never, minutes })
  })
}
