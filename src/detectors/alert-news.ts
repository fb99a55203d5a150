// News among alerts: what happened since the session began. Kills of before are shown, but not announced.
import { type Alert, getAlertKey } from './alerts.ts'
import { SEVERITY_RANK } from './detector.ts'

/** Whether an alert is about something that happened since the session began (session time 0). A condition always is. */
export const isNews = ({ kind, at }: Alert): boolean => kind === 'condition' || at >= 0

/** What happened to an alert. `again`: the event recurred. `attributed`: what grew was unknown when it was raised, and is known now. */
export type AlertChange = 'raised' | 'again' | 'worse' | 'attributed' | 'resolved'

/** An alert with what happened to it. */
export interface AlertNews {
  readonly alert: Alert
  readonly change: AlertChange
}

/** Alerts that were raised, recurred, got worse, were attributed or resolved between two lists, without those of before the session. */
export function findNews(before: readonly Alert[], after: readonly Alert[]): readonly AlertNews[] {
  if (before === after) return []
  const known = new Map(before.map(alert => [getOccurrenceKey(alert), alert]))
  return after.filter(isNews).flatMap(alert => {
    const change = findChange(known.get(getOccurrenceKey(alert)), alert)
    return change === undefined ? [] : [{ alert, change }]
  })
}

const getOccurrenceKey = (alert: Alert): string => `${getAlertKey(alert)} ${alert.raisedAt}`

/** Whether it is known now what grew, and was not before: once for each alert. */
export const isNewlyAttributed = (old: Alert, alert: Alert): boolean =>
  old.unattributed === true && alert.unattributed === undefined

function findChange(old: Alert | undefined, alert: Alert): AlertChange | undefined {
  if (alert.resolvedAt !== old?.resolvedAt) return 'resolved'
  if (!old) return 'raised'
  if (SEVERITY_RANK[alert.severity] > SEVERITY_RANK[old.severity]) return 'worse'
  if (isNewlyAttributed(old, alert)) return 'attributed'
  return alert.kind === 'event' && alert.at > old.at ? 'again' : undefined
}
