// Alerts: findings with a life: raised, refreshed, acknowledged, resolved.
import { type Finding, RANK } from './detector.ts'
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

const KEPT_RESOLVED = 200
const HOLD = 30_000 // ms that a condition must be gone: one that comes and goes is one alert

export const keyOf = (alert: { readonly detector: DetectorId; readonly subject: string }): string =>
  `${alert.detector} ${alert.subject}`

/**
 * The alerts after a look. A finding of an open alert refreshes it; one that is new is raised; an open alert without
 * a finding is resolved, a condition after half a minute. An acknowledged alert is raised anew when it happens again or gets worse.
 * @param looked the detectors that looked; alerts of others stay as they are. Absent: all did
 */
export function reconcile(
  alerts: readonly Alert[],
  findings: readonly (Finding & { readonly detector: DetectorId })[],
  time: number,
  looked?: ReadonlySet<DetectorId>,
): readonly Alert[] {
  if (alerts.length === 0 && findings.length === 0) return alerts
  const found = new Map(findings.map(finding => [keyOf(finding), finding]))
  const next = alerts.map(alert => {
    if (alert.resolvedAt !== undefined || looked?.has(alert.detector) === false) return alert
    const finding = found.get(keyOf(alert))
    found.delete(keyOf(alert))
    if (finding) return refresh(alert, finding, time)
    const held = alert.kind === 'condition' && time - alert.seenAt < HOLD
    return held ? { ...alert, overAt: alert.overAt ?? time } : { ...alert, resolvedAt: time }
  })
  const raised = [...found.values()].map(finding => ({ ...finding, raisedAt: time, seenAt: time }))
  return bounded([...next, ...raised])
}

function refresh(alert: Alert, finding: Finding & { readonly detector: DetectorId }, time: number): Alert {
  const again = finding.kind === 'event' && finding.at > alert.at
  const worse = RANK[finding.severity] > RANK[alert.severity]
  const { raisedAt, acknowledgedAt } = alert
  const still = acknowledgedAt === undefined || again || worse ? {} : { acknowledgedAt }
  return { ...finding, since: Math.min(alert.since, finding.since), raisedAt, seenAt: time, ...still }
}

function bounded(alerts: readonly Alert[]): readonly Alert[] {
  const resolved = alerts.filter(({ resolvedAt }) => resolvedAt !== undefined)
  const forgotten = new Set(resolved.slice(0, Math.max(0, resolved.length - KEPT_RESOLVED)))
  return forgotten.size === 0 ? alerts : alerts.filter(alert => !forgotten.has(alert))
}

/** Open and not acknowledged, loudest first, then newest: what the banner shows. */
export function loudest(alerts: readonly Alert[]): readonly Alert[] {
  return alerts
    .filter(alert => alert.resolvedAt === undefined && alert.acknowledgedAt === undefined)
    .sort((a, b) => loudness(b) - loudness(a) || happenedAt(b) - happenedAt(a))
}

/** Critical and still so: what is drawn in red. */
export const isRed = ({ severity, overAt, resolvedAt }: Alert): boolean =>
  severity === 'critical' && overAt === undefined && resolvedAt === undefined

/** What an alert says now. */
export const wordsOf = ({ summary, overAt }: Alert): string =>
  overAt === undefined ? summary : `over now; it was: ${summary}`

const loudness = ({ severity, overAt }: Alert): number => (overAt === undefined ? RANK[severity] : -1)

// A condition holds all the time: it counts by when it was raised, or it would stand above every event.
const happenedAt = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

/** Acknowledged: it leaves the banner until it happens again, gets worse, or comes back. */
export function acknowledge(alerts: readonly Alert[], key: string, time: number): readonly Alert[] {
  return alerts.map(alert =>
    keyOf(alert) === key && alert.resolvedAt === undefined ? { ...alert, acknowledgedAt: time } : alert,
  )
}
