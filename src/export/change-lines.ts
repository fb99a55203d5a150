// Changes between two states as lines of text: alerts, marks, thresholds. What `--linear` prints.
import { formatClockOrUptime, formatDateTime, formatDuration } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import { isNewlyAttributed, isNews } from '../detectors/alert-news.ts'
import { type Alert, formatAlertSummary, formatOccurrences, getEndTime } from '../detectors/alerts.ts'
import { SEVERITY_RANK } from '../detectors/detector.ts'
import type { Thresholds } from '../detectors/index.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { History } from '../history.ts'
import { getAlertIdentity } from '../recording/summary-builder.ts'

/** Returns a line for each change, oldest first, without time. Safe for a terminal. */
export function listChangeLines(before: MonitorState, after: MonitorState): readonly string[] {
  if (before === after) return []
  const lines = [...listAlertChanges(before.alerts, after.alerts), ...listNewMarks(before.history, after.history)]
  return lines.map(escapeControls)
}

/** Puts the wall clock before a line: `14:03:22 mark: deploy`; `withDate` where there is more than a day. */
export function addTime({ session, time }: History, line: string, withDate = false): string {
  const wall = toWallTime(session, time)
  return `${withDate ? formatDateTime(wall) : formatClockOrUptime(wall)} ${line}`
}

function listAlertChanges(before: readonly Alert[], after: readonly Alert[]): readonly string[] {
  if (before === after) return []
  const known = new Map(before.map(alert => [getAlertIdentity(alert), alert]))
  return after.flatMap(alert => describeChange(known.get(getAlertIdentity(alert)), alert) ?? [])
}

function describeChange(old: Alert | undefined, alert: Alert): string | undefined {
  const { severity, title, count = 1, resolvedAt, acknowledgedAt, since } = alert
  const length = (getEndTime(alert) ?? since) - since
  const what = `${title}${formatOccurrences(alert)}: ${formatAlertSummary(alert)}`
  if (!old) return isNews(alert) && resolvedAt === undefined ? `${severity}: ${what}` : undefined
  if (old.resolvedAt !== resolvedAt) return `ended after ${formatDuration(length)}: ${title}`
  if (alert.kind === 'event' && count > (old.count ?? 1)) return `${severity}, again: ${what}`
  if (SEVERITY_RANK[severity] > SEVERITY_RANK[old.severity]) return `now ${severity}: ${what}`
  if (isNewlyAttributed(old, alert)) return `${severity}, cause known: ${what}`
  if (acknowledgedAt !== undefined && old.acknowledgedAt === undefined) return `acknowledged: ${title}`
  return undefined
}

const listNewMarks = (before: History, { mark }: History): readonly string[] =>
  mark === before.mark ? [] : mark.filter(one => !before.mark.includes(one)).map(({ text }) => `mark: ${text}`)

/** Returns a line for each threshold that has another value: `threshold slab-growth.criticalHours: 24, now 12`. */
export function listThresholdChanges(before: Thresholds, after: Thresholds): readonly string[] {
  if (before === after) return []
  const old: Readonly<Record<string, Readonly<Record<string, number>>>> = before
  return Object.entries(after).flatMap(([id, values]) =>
    Object.entries(values).flatMap(([name, value]) =>
      old[id]?.[name] === value ? [] : [`threshold ${id}.${name}: ${old[id]?.[name]}, now ${value}`],
    ),
  )
}
