// --save-on-alert: a critical alert starts a recording, with the minutes before it; it ends when all has been well for a while.
import { isRed } from '../detectors/alerts.ts'
import type { Store } from '../session/store.ts'
import type { Keeping } from '../sources/kmem/shelf.ts'
import type { LiveSource } from '../sources/live-source.ts'

const CALM = 900_000 // ms

/** Follows the store; gives a function that ends it. */
export function saveOnAlert(directory: string, keeping: Keeping, store: Store, source: LiveSource): () => void {
  let redAt: number | undefined
  let started = false
  return store.subscribe(() => {
    const { history, alerts, recorder } = store.get()
    if (alerts.some(isRed)) {
      redAt = history.time
      if (!started && !recorder.file) source.order({ type: 'record', target: directory, keeping })
      started = true
    } else if (started && redAt !== undefined && history.time - redAt > CALM) {
      source.order({ type: 'stop-recording' })
      started = false
    }
  })
}
