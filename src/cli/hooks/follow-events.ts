// Follows the state and reports what happens: changes of alerts, and OOM kills since the start.
import type { Store } from '../../app/store.ts'
import { findNews } from '../../detectors/alert-news.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import type { MonitorEvent } from '../../export/monitor-event.ts'
import type { History } from '../../history.ts'

/** Milliseconds after which the log and the counters have both said what they know of a kill. */
const SETTLE_TIME = 2000

/** Calls back for each event; returns a function that reports what has not settled yet and ends it. */
export function followEvents(store: Store, onEvent: (event: MonitorEvent) => void): () => void {
  let { alerts } = store.get()
  let reportedUntil = 0 // kills of before the session are no news
  const reportKills = (history: History, until: number): void => {
    const kills = getCorrelatedKills(history).filter(({ time }) => time > reportedUntil && time <= until)
    for (const kill of kills) onEvent({ kind: 'oom-kill', history, kill })
    reportedUntil = kills.at(-1)?.time ?? reportedUntil
  }
  const stop = store.subscribe(() => {
    const { history, alerts: now } = store.get()
    for (const news of findNews(alerts, now)) onEvent({ kind: 'alert', history, ...news })
    alerts = now
    reportKills(history, history.time - SETTLE_TIME)
  })
  return () => {
    stop()
    reportKills(store.get().history, Number.POSITIVE_INFINITY)
  }
}
