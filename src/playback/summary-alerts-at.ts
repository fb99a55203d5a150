// The alerts of a state that was not replayed from the beginning: those of the summaries. A summary holds an alert as it was when it was
// raised, became worse or ended, so the figures of an open one may be hours old. They are shown with their time.
import { formatDateTime, formatTimeOfDay } from '../base/format.ts'
import { DAY } from '../base/units.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { History } from '../history.ts'
import { buildAlertsAt } from '../recording/summary-builder.ts'

/** Returns the alerts at the time of a history, from the alert records of summaries in their order. */
export const listSummaryAlerts = (records: readonly Alert[], history: History): readonly Alert[] =>
  buildAlertsAt(records, history.time).map(alert =>
    alert.resolvedAt === undefined && alert.seenAt !== history.time ? addTimeOfFigures(alert, history) : alert,
  )

// Its forecast was of then; a row or a page would show it as one of now.
function addTimeOfFigures({ forecast: _, ...alert }: Alert, { session, time }: History): Alert {
  const format = time - alert.seenAt > DAY / 2 ? formatDateTime : formatTimeOfDay
  const asOf = `as of ${format(toWallTime(session, alert.seenAt))}: `
  const { summary, short = summary } = alert
  const evidence = [{ name: 'figures', value: asOf.slice(0, -2), unit: 'text' } as const, ...alert.evidence]
  return { ...alert, summary: asOf + summary, short: asOf + short, evidence }
}
