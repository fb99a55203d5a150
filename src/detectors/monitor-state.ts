// The monitor's state: a history and the alerts raised on it. Live view, replay and every command apply readings the same way.

import type { RecordingHeader } from '../collectors/collector.ts'
import { type CollectorId, collectorIds } from '../collectors/index.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import { type Alert, getAlertKey, isOngoing, reconcileAlerts, resolveAlert } from './alerts.ts'
import { detectAll } from './detect-all.ts'
import { type Finding, SEVERITY_RANK } from './detector.ts'
import { findHolders, SURVEYED_DETECTORS } from './holders/find-holders.ts'
import { type DetectorId, detectorIds, detectors, type Thresholds } from './index.ts'

/** What is known at one time of a session. Immutable. */
export interface MonitorState {
  readonly history: History
  readonly alerts: readonly Alert[]
}

/** Returns the state of a session before its first reading. */
export const createMonitorState = (session: RecordingHeader): MonitorState => ({
  history: createHistory(session),
  alerts: [],
})

/** Whether two sessions are of the same boot of the same node, so that the history of one continues in the other. */
export const isSameBoot = (a: RecordingHeader, b: RecordingHeader): boolean =>
  a.bootId === b.bootId && a.host === b.host && a.kernel === b.kernel

// The session of a history has the steps of the wall clock besides.
const isSameClock = (a: RecordingHeader, b: RecordingHeader): boolean =>
  isSameBoot(a, b) && a.clockSteps !== undefined && a.wallClock === b.wallClock && a.monotonic === b.monotonic

/** Returns the state for readings of another session. After another boot the history starts empty and all alerts are resolved. */
export function switchSession(state: MonitorState, session: RecordingHeader): MonitorState {
  const { history, alerts } = state
  if (history.session === session || isSameClock(history.session, session)) return state
  if (isSameBoot(history.session, session)) return { ...state, history: { ...history, session } }
  const endAlert = (alert: Alert): Alert => (alert.resolvedAt === undefined ? resolveAlert(alert, history.time) : alert)
  return { history: { ...createHistory(session), time: history.time }, alerts: alerts.map(endAlert) }
}

/**
 * Returns the state after one more reading. A detector runs after each reading of its collectors, so its findings depend on the
 * order of readings alone, not on how they were batched.
 */
export function applyReading(state: MonitorState, reading: Reading, thresholds: Thresholds): MonitorState {
  const history = appendReading(state.history, reading)
  const dueDetectors = DUE_DETECTORS.get(reading.collector)
  if (!dueDetectors?.size) return { history, alerts: updateHolders(history, state.alerts, reading) }
  const findings = dropExplained(detectAll(history, thresholds, state.alerts, dueDetectors), state.alerts)
  const alerts = reconcileAlerts(state.alerts, findings, history.time, dueDetectors)
  return { history, alerts: updateHolders(history, alerts, reading) }
}

/** The detectors that run after a reading of a collector, in the order of the table. */
const DUE_DETECTORS: ReadonlyMap<CollectorId, ReadonlySet<DetectorId>> = new Map(
  collectorIds.map(collector => [
    collector,
    new Set(detectorIds.filter(id => (detectors[id].collectors as readonly CollectorId[]).includes(collector))),
  ]),
)

// One cause, one alert: a finding is dropped while a detector that explains it has an alert at least as severe.
function dropExplained<DetectorFinding extends Finding & { readonly detector: DetectorId }>(
  findings: readonly DetectorFinding[],
  alerts: readonly Alert[],
): readonly DetectorFinding[] {
  if (findings.every(({ causedBy }) => causedBy === undefined)) return findings
  const known = [...findings, ...alerts.filter(isOngoing)]
  const isExplainedBy = (id: string, { severity }: DetectorFinding): boolean =>
    known.some(one => one.detector === id && SEVERITY_RANK[one.severity] >= SEVERITY_RANK[severity])
  return findings.filter(finding => !finding.causedBy?.some(id => isExplainedBy(id, finding)))
}

/** Collectors after whose readings the holders may be others: surveys, and the caches that grow (every ten seconds). */
const HOLDER_SOURCES: readonly string[] = ['holders', 'slabinfo']

// Open alerts with who holds their memory, where a survey was taken for them. A resolved alert keeps what was found last.
function updateHolders(history: History, alerts: readonly Alert[], { collector }: Reading): readonly Alert[] {
  if (history.holders.surveys.length === 0 || !HOLDER_SOURCES.includes(collector)) return alerts
  return alerts.map(alert => {
    if (alert.resolvedAt !== undefined || !SURVEYED_DETECTORS.has(alert.detector)) return alert
    const key = getAlertKey(alert)
    const surveys = history.holders.surveys.filter(({ reason, time }) => reason === key && time >= alert.raisedAt)
    return surveys.length === 0 ? alert : { ...alert, holders: findHolders(history, alert, surveys) }
  })
}
