// How alerts are written in their list and on their page.
import { formatAge, formatDuration, formatTimeOfDay } from '../../base/format.ts'
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

/** Returns the tone in which an alert is drawn. */
export const getAlertTone = ({ severity }: { readonly severity: Alert['severity'] }): Tone => getSeverityTone(severity)

/** Returns the state of an alert in a word. */
export function getStateLabel(alert: Alert): string {
  if (!isOngoing(alert)) return 'ended'
  const { acknowledgedAt, severity } = alert
  return acknowledgedAt === undefined ? severity : 'acknowledged'
}

/** When an event last happened, how long a condition has held, or when it ended: `3 min 51 s ago`, `for 2 min`, `ended 5 s ago`. */
export const describeAge = ({ kind, at, since, overAt }: Alert, now: number): string => {
  if (kind === 'event') return formatAge(now - at)
  return overAt === undefined ? `for ${formatDuration(now - since)}` : `ended ${formatAge(now - overAt)}`
}
