// Asks the sampling thread, once for each alert that opens, who holds its memory.
import type { Store } from '../app/store.ts'
import { getAlertKey } from '../detectors/alerts.ts'
import { SURVEYED_DETECTORS } from '../detectors/holders/find-holders.ts'
import type { LiveSource } from '../sampling/live-source.ts'

/** Milliseconds between two surveys: an alert that comes and goes is not surveyed each time. */
const MIN_INTERVAL = 60_000
/** Milliseconds after the first survey of an alert at which a second shows who still grows. */
const SECOND_DELAY = 30_000

interface SurveyedAlert {
  readonly firstAt: number
  hasSecond: boolean
}

/** Follows the store; returns a function that ends it. */
export function requestSurveys(store: Store, source: Pick<LiveSource, 'sendCommand'>): () => void {
  const surveyed = new Map<string, SurveyedAlert>()
  let lastFirstAt = Number.NEGATIVE_INFINITY
  return store.subscribe(() => {
    const { alerts, history } = store.get()
    for (const alert of alerts) {
      if (alert.resolvedAt !== undefined || !SURVEYED_DETECTORS.has(alert.detector)) continue
      const reason = getAlertKey(alert)
      const id = `${reason} ${alert.raisedAt}`
      const known = surveyed.get(id)
      if (!known && history.time - lastFirstAt >= MIN_INTERVAL) {
        surveyed.set(id, { firstAt: history.time, hasSecond: false })
        lastFirstAt = history.time
        source.sendCommand({ type: 'survey', reason })
      } else if (known && !known.hasSecond && history.time - known.firstAt >= SECOND_DELAY) {
        known.hasSecond = true
        source.sendCommand({ type: 'survey', reason })
      }
    }
  })
}
