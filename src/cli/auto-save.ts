// --save-on-alert: a critical alert starts a recording, with the minutes before it; it ends when all has been well for a while.
import { isActiveCritical } from '../detectors/alerts.ts'
import type { Store } from '../session/store.ts'
import type { RetentionPolicy } from '../sources/kmem/shelf.ts'
import type { LiveSource } from '../sources/live-source.ts'

const CALM = 900_000 // ms

/**
 * Follows the store; gives a function that ends it. What somebody else records is neither taken over nor ended: all is on
 * disk already.
 */
export function saveOnAlert(
  directory: string,
  keeping: RetentionPolicy,
  store: Store,
  source: Pick<LiveSource, 'sendCommand'>,
): () => void {
  let redAt: number | undefined
  let own: 'none' | 'ordered' | 'running' | 'ended' = 'none' // `w` may end it: then it does not begin again before a calm
  return store.subscribe(() => {
    const { history, alerts, recorder } = store.get()
    if (own === 'ordered' && recorder.file) own = 'running'
    else if (own === 'running' && !recorder.file) own = 'ended'
    if (alerts.some(isActiveCritical)) {
      redAt = history.time
      if (own !== 'none' || recorder.file) return
      source.sendCommand({ type: 'record', target: directory, retention: keeping })
      own = 'ordered'
    } else if (own !== 'none' && redAt !== undefined && history.time - redAt > CALM) {
      if (own !== 'ended') source.sendCommand({ type: 'stop-recording' })
      own = 'none'
    }
  })
}
