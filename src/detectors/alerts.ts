// Alerts: findings with a life: raised, refreshed, acknowledged, resolved.
import { type Finding, SEVERITY_RANK } from './detector.ts'
import type { DetectorId } from './index.ts'

/** A finding that was raised. Times are session milliseconds. */
export interface Alert extends Finding {
  readonly detector: DetectorId
  readonly raisedAt: number
  readonly seenAt: number
  /** a condition that is found no more, but not yet for long enough to be resolved */
  readonly overAt?: number
  readonly resolvedAt?: number
  readonly acknowledgedAt?: number
}

const MAX_RESOLVED = 200
const RESOLVE_DELAY = 30_000 // ms that a condition must be gone: one that comes and goes is one alert

export const getAlertKey = (alert: { readonly detector: DetectorId; readonly subject: string }): string =>
  `${alert.detector} ${alert.subject}`

/**
 * The alerts after a look. A finding of an open alert refreshes it; one that is new is raised; an open alert without
 * a finding is resolved, a condition after half a minute. An acknowledged alert is raised anew when it happens again or gets worse.
 * @param evaluated the detectors that looked; alerts of others stay as they are. Absent: all did
 */
export function reconcileAlerts(
  alerts: readonly Alert[],
  findings: readonly (Finding & { readonly detector: DetectorId })[],
  time: number,
  evaluated?: ReadonlySet<DetectorId>,
): readonly Alert[] {
  if (alerts.length === 0 && findings.length === 0) return alerts
  const findingsByKey = new Map(findings.map(finding => [getAlertKey(finding), finding]))
  const next = alerts.map(alert => {
    if (alert.resolvedAt !== undefined || evaluated?.has(alert.detector) === false) return alert
    const finding = findingsByKey.get(getAlertKey(alert))
    findingsByKey.delete(getAlertKey(alert))
    if (finding) return refreshAlert(alert, finding, time)
    const isPending = alert.kind === 'condition' && time - alert.seenAt < RESOLVE_DELAY
    return isPending ? { ...alert, overAt: alert.overAt ?? time } : { ...alert, resolvedAt: time }
  })
  const raised = [...findingsByKey.values()].map(finding => ({ ...finding, raisedAt: time, seenAt: time }))
  return limitResolved([...next, ...raised])
}

function refreshAlert(alert: Alert, finding: Finding & { readonly detector: DetectorId }, time: number): Alert {
  const hasRecurred = finding.kind === 'event' && finding.at > alert.at
  const hasWorsened = SEVERITY_RANK[finding.severity] > SEVERITY_RANK[alert.severity]
  const { raisedAt, acknowledgedAt } = alert
  const acknowledgement = acknowledgedAt === undefined || hasRecurred || hasWorsened ? {} : { acknowledgedAt }
  return { ...finding, since: Math.min(alert.since, finding.since), raisedAt, seenAt: time, ...acknowledgement }
}

function limitResolved(alerts: readonly Alert[]): readonly Alert[] {
  const resolved = alerts.filter(({ resolvedAt }) => resolvedAt !== undefined)
  const dropped = new Set(resolved.slice(0, Math.max(0, resolved.length - MAX_RESOLVED)))
  return dropped.size === 0 ? alerts : alerts.filter(alert => !dropped.has(alert))
}

/** Open and not acknowledged, loudest first, then newest: what the banner shows. */
export function listActiveBySeverity(alerts: readonly Alert[]): readonly Alert[] {
  return alerts
    .filter(alert => alert.resolvedAt === undefined && alert.acknowledgedAt === undefined)
    .sort((a, b) => getSeverityRank(b) - getSeverityRank(a) || getEventTime(b) - getEventTime(a))
}

/** Critical and still so: what is drawn in red. */
export const isActiveCritical = ({ severity, overAt, resolvedAt }: Alert): boolean =>
  severity === 'critical' && overAt === undefined && resolvedAt === undefined

/** What an alert says now. */
export const formatAlertSummary = ({ summary, overAt }: Alert): string =>
  overAt === undefined ? summary : `over now; it was: ${summary}`

const getSeverityRank = ({ severity, overAt }: Alert): number => (overAt === undefined ? SEVERITY_RANK[severity] : -1)

// A condition holds all the time: it counts by when it was raised, or it would stand above every event.
const getEventTime = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

/** Acknowledged: it leaves the banner until it happens again, gets worse, or comes back. */
export function acknowledgeAlert(alerts: readonly Alert[], key: string, time: number): readonly Alert[] {
  return alerts.map(alert =>
    getAlertKey(alert) === key && alert.resolvedAt === undefined ? { ...alert, acknowledgedAt: time } : alert,
  )
}
