// Builds the parts of frame summaries that are derived from readings: changed alerts, and one row per minute.

import { getLatest } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import { isNewlyAttributed } from '../detectors/alert-news.ts'
import { type Alert, getAlertKey } from '../detectors/alerts.ts'
import { SEVERITY_RANK } from '../detectors/detector.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { History } from '../history.ts'
import type { FrameSummary } from './frame-index.ts'
import { toAlertRecord } from './summary-alerts.ts'

/** Returns the identity of an alert. The same problem raised again is another alert. */
export const getAlertIdentity = (alert: Alert): string => `${getAlertKey(alert)} ${alert.raisedAt}`

/** Returns the alerts that were raised, became worse, were attributed, acknowledged or resolved between two lists. */
export function findChangedAlerts(before: readonly Alert[], after: readonly Alert[]): readonly Alert[] {
  if (before === after) return []
  const known = new Map(before.map(alert => [getAlertIdentity(alert), alert]))
  return after.filter(alert => {
    const old = known.get(getAlertIdentity(alert))
    if (!old || SEVERITY_RANK[alert.severity] > SEVERITY_RANK[old.severity]) return true
    if (isNewlyAttributed(old, alert)) return true
    return old.resolvedAt !== alert.resolvedAt || isNewlyAcknowledged(alert, old)
  })
}

const isNewlyAcknowledged = ({ acknowledgedAt }: Alert, old: Alert): boolean =>
  acknowledgedAt !== undefined && acknowledgedAt !== old.acknowledgedAt

/** Returns the alerts at `time`, from alert records in their order. */
export function buildAlertsAt(records: readonly Alert[], time: number): readonly Alert[] {
  const alerts = new Map<string, Alert>()
  for (const record of records) {
    if (record.raisedAt > time) continue
    // a record of later: what was known by then is in an earlier one
    if (record.seenAt > time && alerts.has(getAlertIdentity(record))) continue
    if ((record.resolvedAt ?? 0) <= time) alerts.set(getAlertIdentity(record), record)
    else if (!alerts.has(getAlertIdentity(record))) {
      const { resolvedAt: _, ...open } = record
      alerts.set(getAlertIdentity(record), open)
    }
  }
  return [...alerts.values()]
}

/** Collects additions to summaries: alerts that changed, and one row per minute. */
export class SummaryBuilder {
  private alerts: readonly Alert[]
  private minute = -1

  /** @param alerts the earlier alerts */
  constructor(alerts: readonly Alert[]) {
    this.alerts = alerts
  }

  /** Returns the additions since the last call. */
  collectChanges({ history, alerts }: MonitorState): Pick<FrameSummary, 'alerts' | 'minutes'> {
    const changed = findChangedAlerts(this.alerts, alerts).map(toAlertRecord)
    const now = Math.floor(history.time / MINUTE)
    const isNew = now > this.minute && history.meminfo.values.size > 0
    if (isNew) this.minute = now
    this.alerts = alerts
    return { alerts: changed, minutes: isNew ? [buildMinuteRow(history)] : [] }
  }
}

/** Builds the row of a minute. */
function buildMinuteRow({ time, meminfo, cgroups }: History): readonly (number | null)[] {
  const { MemAvailable, SUnreclaim } = meminfo.series
  return [
    Math.round(time),
    getLatest(MemAvailable) ?? null,
    getLatest(SUnreclaim) ?? null,
    cgroups.numCgroups,
    cgroups.dying,
  ]
}
