// Alerts: findings over time. An alert is raised, refreshed, acknowledged and resolved.
import { type Finding, SEVERITY_RANK } from './detector.ts'
import type { Evidence } from './evidence.ts'
import type { Holder } from './holders/holder.ts'
import type { DetectorId } from './index.ts'

/** A finding that was raised as an alert. Times are session milliseconds. */
export interface Alert extends Finding {
  readonly detector: DetectorId
  readonly raisedAt: number
  /** when it first became critical; absent if it never was */
  readonly criticalAt?: number
  readonly seenAt: number
  /** since when the condition is no longer found; it is resolved after `RESOLVE_DELAY` */
  readonly overAt?: number
  readonly resolvedAt?: number
  readonly acknowledgedAt?: number
  /** who holds its memory, the likeliest first; absent until that was found out, which is once */
  readonly holders?: readonly Holder[]
  /** evidence of the sample with the highest peak */
  readonly peakEvidence?: readonly Evidence[]
}

const MAX_RESOLVED = 200
const RESOLVE_DELAY = 30_000 // ms without the condition before the alert is resolved, so that a flapping condition is one alert

/** Returns what identifies an alert in a session: its detector and its subject. */
export const getAlertKey = (alert: { readonly detector: DetectorId; readonly subject: string }): string =>
  `${alert.detector} ${alert.subject}`

/**
 * Returns the alerts after detectors ran. A finding refreshes its open alert or raises a new one. An open alert without a finding
 * is resolved, a condition after half a minute. An acknowledgement ends when the event recurs or the severity rises.
 * @param evaluated the detectors that ran; alerts of the others stay unchanged. All, where it is absent
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
    return isPending ? { ...describePeak(alert), overAt: alert.overAt ?? time } : resolveAlert(alert, time)
  })
  const raised = [...findingsByKey.values()].map(finding => ({
    ...finding,
    raisedAt: time,
    seenAt: time,
    ...(finding.severity === 'critical' ? { criticalAt: time } : {}),
    ...selectPeak(finding),
  }))
  return limitResolved([...next, ...raised])
}

function refreshAlert(alert: Alert, finding: Finding & { readonly detector: DetectorId }, time: number): Alert {
  const hasRecurred = finding.kind === 'event' && finding.at > alert.at
  const hasWorsened = SEVERITY_RANK[finding.severity] > SEVERITY_RANK[alert.severity]
  const { raisedAt, acknowledgedAt } = alert
  const acknowledgement = acknowledgedAt === undefined || hasRecurred || hasWorsened ? {} : { acknowledgedAt }
  const since = Math.min(alert.since, finding.since)
  const criticalAt = alert.criticalAt ?? (hasWorsened && finding.severity === 'critical' ? time : undefined)
  const kept = {
    ...(criticalAt === undefined ? {} : { criticalAt }),
    ...(alert.holders ? { holders: alert.holders } : {}),
  }
  const found = alert.unattributed ? finding : omitUnattributed(finding)
  return { ...found, since, raisedAt, seenAt: time, ...acknowledgement, ...selectPeak(finding, alert), ...kept }
}

// A fact that was known before is no news when it is found again.
function omitUnattributed<Found extends Finding>({ unattributed: _, ...finding }: Found): Omit<Found, 'unattributed'> {
  return finding
}

function selectPeak(finding: Finding, alert?: Alert): Pick<Alert, 'peak' | 'peakEvidence'> {
  const { peak, evidence } = finding
  if (!peak) return alert?.peak ? { peak: alert.peak, peakEvidence: alert.peakEvidence ?? evidence } : {}
  if (!alert?.peak || alert.peak.magnitude <= peak.magnitude) return { peak, peakEvidence: evidence }
  return { peak: alert.peak, peakEvidence: alert.peakEvidence ?? evidence }
}

/** The alert after it has ended: with its peak instead of its last sample. */
export const resolveAlert = (alert: Alert, time: number): Alert => ({ ...describePeak(alert), resolvedAt: time })

// Its short text is left out: that speaks of its last sample.
function describePeak({ short, ...alert }: Alert): Alert {
  const { peak, evidence, peakEvidence = evidence, summary, kind } = alert
  const lasting = kind === 'event' && short !== undefined ? { short } : {}
  return { ...alert, ...lasting, summary: peak?.summary ?? summary, evidence: peakEvidence }
}

function limitResolved(alerts: readonly Alert[]): readonly Alert[] {
  const resolved = alerts.filter(({ resolvedAt }) => resolvedAt !== undefined)
  const dropped = new Set(resolved.slice(0, Math.max(0, resolved.length - MAX_RESOLVED)))
  return dropped.size === 0 ? alerts : alerts.filter(alert => !dropped.has(alert))
}

/** Open alerts that are not acknowledged, the most severe first, then the newest: what the banner shows. */
export function listActiveBySeverity(alerts: readonly Alert[]): readonly Alert[] {
  return alerts
    .filter(alert => alert.resolvedAt === undefined && alert.acknowledgedAt === undefined)
    .sort((a, b) => getSeverityRank(b) - getSeverityRank(a) || getEventTime(b) - getEventTime(a))
}

/** Whether an alert is critical and still holds: only these are drawn in red. */
export const isActiveCritical = (alert: Alert): boolean => alert.severity === 'critical' && isOngoing(alert)

/** The summary of an alert, which is that of its peak where its condition no longer holds. */
export const formatAlertSummary = ({ summary, overAt }: Alert): string =>
  overAt === undefined ? summary : `ended: ${summary}`

/** Formats how often it happened, for behind its title: `` for once, ` ×3`, ` ×500+` where older events are no longer kept. */
export const formatOccurrences = (
  { count = 1, isCountMinimum }: Pick<Finding, 'count' | 'isCountMinimum'>,
  sign = '×',
): string => (count > 1 ? ` ${sign}${count}${isCountMinimum ? '+' : ''}` : '')

/** When its condition was found for the last time, or an event left the banner; undefined while it holds. Session milliseconds. */
export const getEndTime = ({ overAt, resolvedAt }: Pick<Alert, 'overAt' | 'resolvedAt'>): number | undefined =>
  overAt ?? resolvedAt

/** Whether what an alert is about goes on. */
export const isOngoing = (alert: Alert): boolean => getEndTime(alert) === undefined

const getSeverityRank = ({ severity, overAt }: Alert): number => (overAt === undefined ? SEVERITY_RANK[severity] : -1)

/** When it became critical, where it was less severe before. Session milliseconds. */
export const findCriticalTurn = ({ criticalAt, raisedAt }: Alert): number | undefined =>
  criticalAt !== undefined && criticalAt > raisedAt ? criticalAt : undefined

/** When an event last happened, where that was before kmemtop saw it: it was in the kernel log already. Session milliseconds. */
export const findEarlierTime = ({ kind, at, raisedAt }: Alert): number | undefined =>
  kind === 'event' && at < raisedAt - EARLIER ? at : undefined

const EARLIER = 2000 // ms: an event is seen at the next sample

// A condition is found at every sample. By that time it would rank above every event, so the time it was raised counts.
/** When an event last happened, or a condition was raised: the newest come first. */
export const getEventTime = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

/** Acknowledges an alert: it leaves the banner until it recurs, gets worse or is raised again. */
export function acknowledgeAlert(alerts: readonly Alert[], key: string, time: number): readonly Alert[] {
  return alerts.map(alert =>
    getAlertKey(alert) === key && alert.resolvedAt === undefined ? { ...alert, acknowledgedAt: time } : alert,
  )
}
