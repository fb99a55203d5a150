// News among alerts: what happened since the session began. Kills of before are shown, but not announced.
import { type Alert, getAlertKey } from './alerts.ts'
import { SEVERITY_RANK } from './detector.ts'

/** Whether an alert is about something that happened since the session began (session time 0). A condition always is. */
export const isNews = ({ kind, at }: Alert): boolean => kind === 'condition' || at >= 0

/** Alerts that were raised, recurred, got worse or were resolved between two lists, without those of before the session. */
export function findNews(before: readonly Alert[], after: readonly Alert[]): readonly Alert[] {
  if (before === after) return []
  const known = new Map(before.map(alert => [`${getAlertKey(alert)} ${alert.raisedAt}`, alert]))
  return after.filter(alert => {
    const old = known.get(`${getAlertKey(alert)} ${alert.raisedAt}`)
    if (!isNews(alert)) return false
    if (!old) return true
    const hasRecurred = alert.kind === 'event' && alert.at > old.at
    const isWorse = SEVERITY_RANK[alert.severity] > SEVERITY_RANK[old.severity]
    return hasRecurred || isWorse || old.resolvedAt !== alert.resolvedAt
  })
}
