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
  ids: Iterable<DetectorId> = detectorIds,
): readonly (Finding & { readonly detector: DetectorId })[] {
  const open = groupOpen(alerts)
  const found: (Finding & { readonly detector: DetectorId })[] = []
  for (const id of ids) {
    const detector = detectors[id] as Detector<ThresholdTable>
    const findings = detector.detect(history, thresholds[id], open?.get(id) ?? NONE_OPEN)
    for (const finding of findings) found.push({ ...finding, detector: id })
  }
  return found
}

const NONE_OPEN: ReadonlyMap<string, Alert> = new Map()

/** Groups the open alerts by detector and subject; undefined if there are none. */
function groupOpen(alerts: readonly Alert[]): ReadonlyMap<DetectorId, ReadonlyMap<string, Alert>> | undefined {
  let groups: Map<DetectorId, Map<string, Alert>> | undefined
  for (const alert of alerts) {
    if (alert.resolvedAt !== undefined) continue
    groups ??= new Map()
    const own = groups.get(alert.detector) ?? new Map<string, Alert>()
    groups.set(alert.detector, own.set(alert.subject, alert))
  }
  return groups
}
