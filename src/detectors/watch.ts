// Watch: a history and the alerts it raised. `see` is the one step of both; live, replay and every tool take it alike.

import type { RecordingHeader } from '../collectors/collector.ts'
import { appendReading, createHistory, type History, type Reading } from '../history.ts'
import { type Alert, reconcile } from './alerts.ts'
import { type Finding, RANK } from './detector.ts'
import { type DetectorId, detectAll, detectorIds, detectors, type Thresholds } from './index.ts'

/** What is known at a moment of a session: a value that stays as it is. */
export interface Watch {
  readonly history: History
  readonly alerts: readonly Alert[]
}

export const emptyWatch = (session: RecordingHeader): Watch => ({ history: createHistory(session), alerts: [] })

/** Whether two sessions are of one boot of one node: what is known of the one holds in the other. */
export const isSameBoot = (a: RecordingHeader, b: RecordingHeader): boolean =>
  a.bootId === b.bootId && a.host === b.host && a.kernel === b.kernel

/** The watch when readings of another session follow. Another boot is another kernel: nothing is known of it, and no alert is open. */
export function enter(watch: Watch, session: RecordingHeader): Watch {
  const { history, alerts } = watch
  if (history.session === session) return watch
  if (isSameBoot(history.session, session)) return { ...watch, history: { ...history, session } }
  const over = (alert: Alert): Alert =>
    alert.resolvedAt === undefined ? { ...alert, resolvedAt: history.time } : alert
  return { history: { ...createHistory(session), time: history.time }, alerts: alerts.map(over) }
}

/**
 * The watch after one more reading. A detector looks after each reading of the collectors it names, so that what it finds
 * follows from the order of readings alone: however they were cut into batches, live or replayed.
 */
export function see(watch: Watch, reading: Reading, thresholds: Thresholds): Watch {
  const history = appendReading(watch.history, reading)
  const looking = detectorIds.filter(id => detectors[id].after.includes(reading.collector))
  if (looking.length === 0) return { history, alerts: watch.alerts }
  const mine = new Set<DetectorId>(looking)
  const findings = causes(detectAll(history, thresholds, watch.alerts, looking), watch.alerts)
  return { history, alerts: reconcile(watch.alerts, findings, history.time, mine) }
}

// One cause, one alert: what follows from something that has an alert as loud is evidence there.
function causes<Found extends Finding & { readonly detector: DetectorId }>(
  findings: readonly Found[],
  alerts: readonly Alert[],
): readonly Found[] {
  if (findings.every(({ causedBy }) => causedBy === undefined)) return findings
  const told = [...findings, ...alerts.filter(isOpen)]
  const tells = (id: string, { severity }: Found): boolean =>
    told.some(one => one.detector === id && RANK[one.severity] >= RANK[severity])
  return findings.filter(finding => !finding.causedBy?.some(id => tells(id, finding)))
}

const isOpen = ({ resolvedAt, overAt }: Alert): boolean => resolvedAt === undefined && overAt === undefined
