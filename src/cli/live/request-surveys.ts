// Asks the sampling thread, once for each alert that opens, who holds its memory.
import type { Store } from '../../app/store.ts'
import { getAlertKey } from '../../detectors/alerts.ts'
import { SURVEYED_DETECTORS } from '../../detectors/holders/find-holders.ts'
import { waitAtMost } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'

/** Milliseconds between two surveys: an alert that comes and goes is not surveyed each time. */
const MIN_INTERVAL = 60_000
/** Milliseconds after the first survey of an alert at which a second shows who still grows. */
const SECOND_DELAY = 30_000

interface SurveyedAlert {
  readonly firstAt: number
  hasSecond: boolean
}

/** Milliseconds that the answers may take, with a slow link to another node. */
const MAX_WAIT = 8000

/** Asks at once who holds the memory of each open alert of which that is not known; resolves when the answers have come. */
export async function surveyOpenAlerts(store: Store, source: Pick<LiveSource, 'sendCommand'>): Promise<void> {
  const reasons = new Set(
    store
      .get()
      .alerts.filter(
        ({ resolvedAt, detector, holders }) => resolvedAt === undefined && !holders && SURVEYED_DETECTORS.has(detector),
      )
      .map(getAlertKey),
  )
  if (reasons.size === 0) return
  const answered = new Promise<void>(resolve => {
    store.subscribe(() => {
      for (const { reason } of store.get().history.holders.surveys) reasons.delete(reason)
      if (reasons.size === 0) resolve()
    })
  })
  for (const reason of reasons) source.sendCommand({ type: 'survey', reason })
  await waitAtMost(MAX_WAIT, answered)
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
