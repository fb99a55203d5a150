// Watch: a history and the alerts it raised. `see` is the one step of both; live, replay and every tool take it alike.

import type { RecordingHeader } from '../collectors/collector.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import { type Alert, reconcileAlerts } from './alerts.ts'
import { type Finding, SEVERITY_RANK } from './detector.ts'
import { type DetectorId, detectAll, detectorIds, detectors, type Thresholds } from './index.ts'

/** What is known at a moment of a session: a value that stays as it is. */
export interface MonitorState {
  readonly history: History
  readonly alerts: readonly Alert[]
}

export const createMonitorState = (session: RecordingHeader): MonitorState => ({
  history: createHistory(session),
  alerts: [],
})

/** Whether two sessions are of one boot of one node: what is known of the one holds in the other. */
export const isSameBoot = (a: RecordingHeader, b: RecordingHeader): boolean =>
  a.bootId === b.bootId && a.host === b.host && a.kernel === b.kernel

/** The watch when readings of another session follow. Another boot is another kernel: nothing is known of it, and no alert is open. */
export function switchSession(state: MonitorState, session: RecordingHeader): MonitorState {
  const { history, alerts } = state
  if (history.session === session) return state
  if (isSameBoot(history.session, session)) return { ...state, history: { ...history, session } }
  const resolveAlert = (alert: Alert): Alert =>
    alert.resolvedAt === undefined ? { ...alert, resolvedAt: history.time } : alert
  return { history: { ...createHistory(session), time: history.time }, alerts: alerts.map(resolveAlert) }
}

/**
 * The watch after one more reading. A detector looks after each reading of the collectors it names, so that what it finds
 * follows from the order of readings alone: however they were cut into batches, live or replayed.
 */
export function applyReading(state: MonitorState, reading: Reading, thresholds: Thresholds): MonitorState {
  const history = appendReading(state.history, reading)
  const dueDetectors = detectorIds.filter(id => detectors[id].collectors.includes(reading.collector))
  if (dueDetectors.length === 0) return { history, alerts: state.alerts }
  const dueSet = new Set<DetectorId>(dueDetectors)
  const findings = dropExplained(detectAll(history, thresholds, state.alerts, dueDetectors), state.alerts)
  return { history, alerts: reconcileAlerts(state.alerts, findings, history.time, dueSet) }
}

// One cause, one alert: what follows from something that has an alert as loud is evidence there.
function dropExplained<DetectorFinding extends Finding & { readonly detector: DetectorId }>(
  findings: readonly DetectorFinding[],
  alerts: readonly Alert[],
): readonly DetectorFinding[] {
  if (findings.every(({ causedBy }) => causedBy === undefined)) return findings
  const known = [...findings, ...alerts.filter(isOpen)]
  const isExplainedBy = (id: string, { severity }: DetectorFinding): boolean =>
    known.some(one => one.detector === id && SEVERITY_RANK[one.severity] >= SEVERITY_RANK[severity])
  return findings.filter(finding => !finding.causedBy?.some(id => isExplainedBy(id, finding)))
}

const isOpen = ({ resolvedAt, overAt }: Alert): boolean => resolvedAt === undefined && overAt === undefined
