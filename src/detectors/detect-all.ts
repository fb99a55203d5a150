// Runs the detectors of the table on a history.
import type { History } from '../history.ts'
import type { Alert } from './alerts.ts'
import type { Detector, Finding } from './detector.ts'
import { type DetectorId, detectorIds, detectors, type Thresholds } from './index.ts'
import type { ThresholdTable } from './thresholds.ts'

/** Runs detectors on a history. @param alerts the alerts of the session so far */
export function detectAll(
  history: History,
  thresholds: Thresholds,
  alerts: readonly Alert[] = [],
  ids: readonly DetectorId[] = detectorIds,
): readonly (Finding & { readonly detector: DetectorId })[] {
  const unresolved = alerts.filter(({ resolvedAt }) => resolvedAt === undefined)
  return ids.flatMap(id => {
    const detector = detectors[id] as Detector<ThresholdTable>
    const ownAlerts = unresolved.filter(alert => alert.detector === id)
    const open = new Map(ownAlerts.map(alert => [alert.subject, alert]))
    return detector.detect(history, thresholds[id], open).map(finding => ({ ...finding, detector: id }))
  })
}
