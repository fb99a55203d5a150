// --save-on-alert: a critical alert starts a recording that includes the minutes before it; the recording ends after a calm period.
// A kill from before kmemtop started is no reason to record.

import type { Store } from '../../app/store.ts'
import { isNews } from '../../detectors/alert-news.ts'
import { isActiveCritical } from '../../detectors/alerts.ts'
import type { RetentionPolicy } from '../../recording/retention.ts'
import type { LiveSource } from '../../sampling/live-source.ts'

const CALM_PERIOD = 900_000 // ms without a critical alert

/**
 * Follows the store. A recording that was started by hand is neither taken over nor ended: everything is on disk already.
 * @returns a function that stops following
 */
export function saveOnAlert(
  directory: string,
  retention: RetentionPolicy,
  store: Store,
  source: Pick<LiveSource, 'sendCommand'>,
): () => void {
  let lastCriticalAt: number | undefined
  let ownRecording: 'none' | 'ordered' | 'running' | 'ended' = 'none' // the key `w` may end it: then it does not start again before a calm period
  return store.subscribe(() => {
    const { history, alerts, recorder } = store.get()
    if (ownRecording === 'ordered' && recorder.file) ownRecording = 'running'
    else if (ownRecording === 'running' && !recorder.file) ownRecording = 'ended'
    if (alerts.some(alert => isActiveCritical(alert) && isNews(alert))) {
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
