// How alerts are written in their list and on their page.
import { formatTimeOfDay } from '../../base/format.ts'
import { type Alert, isOngoing } from '../../detectors/alerts.ts'
import { formatDay } from '../../widgets/chart/time-axis.ts'
import type { Tone } from '../../widgets/pen.ts'
import { getSeverityTone } from '../alert-tones.ts'

/** Formats a time of day, with the weekday where it is not today. Both are wall clock times. */
export function formatWhen(time: number, now: number): string {
  const clock = formatTimeOfDay(time)
  const day = formatDay(time)
  return day === formatDay(now) ? clock : `${day.split(' ')[0]} ${clock}`
}

export const getAlertTone = ({ severity }: { readonly severity: Alert['severity'] }): Tone => getSeverityTone(severity)

/** Returns the state of an alert in a word. */
export function getStateLabel(alert: Alert): string {
  if (!isOngoing(alert)) return 'ended'
  const { acknowledgedAt, severity } = alert
  return acknowledgedAt === undefined ? severity : 'acknowledged'
}
