// --save-on-alert: a critical alert starts a recording, with the minutes before it; it ends when all has been well for a while.

import type { Store } from '../app/store.ts'
import { isActiveCritical } from '../detectors/alerts.ts'
import type { RetentionPolicy } from '../recording/file-rotation.ts'
import type { LiveSource } from '../sampling/live-source.ts'

const CALM_PERIOD = 900_000 // ms

/**
 * Follows the store; gives a function that ends it. What somebody else records is neither taken over nor ended: all is on
 * disk already.
 */
export function saveOnAlert(
  directory: string,
  retention: RetentionPolicy,
  store: Store,
  source: Pick<LiveSource, 'sendCommand'>,
): () => void {
  let lastCriticalAt: number | undefined
  let ownRecording: 'none' | 'ordered' | 'running' | 'ended' = 'none' // `w` may end it: then it does not begin again before a calm
  return store.subscribe(() => {
    const { history, alerts, recorder } = store.get()
    if (ownRecording === 'ordered' && recorder.file) ownRecording = 'running'
    else if (ownRecording === 'running' && !recorder.file) ownRecording = 'ended'
    if (alerts.some(isActiveCritical)) {
      lastCriticalAt = history.time
      if (ownRecording !== 'none' || recorder.file) return
      source.sendCommand({ type: 'record', target: directory, retention })
      ownRecording = 'ordered'
    } else if (ownRecording !== 'none' && lastCriticalAt !== undefined && history.time - lastCriticalAt > CALM_PERIOD) {
      if (ownRecording !== 'ended') source.sendCommand({ type: 'stop-recording' })
      ownRecording = 'none'
    }
  })
}
