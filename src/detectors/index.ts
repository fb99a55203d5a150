// The table of detectors: a key is the id in alerts, in the config file and in the help. Adding one is a file and a line.
import type { History } from '../history.ts'
import type { Alert } from './alerts.ts'
import type { Detector, Finding } from './detector.ts'
import { oomKill } from './oom-kill.ts'
import { slabGrowth } from './slab-growth.ts'

export const detectors = { 'oom-kill': oomKill, 'slab-growth': slabGrowth } as const

export type DetectorId = keyof typeof detectors
export const detectorIds = Object.keys(detectors) as readonly DetectorId[]

/** What can be set, by detector and name. */
export type Thresholds = {
  readonly [Id in DetectorId]: { readonly [Name in keyof (typeof detectors)[Id]['defaults']]: number }
}

export const defaultThresholds = Object.fromEntries(
  detectorIds.map(id => [id, detectors[id].defaults]),
) as unknown as Thresholds

/** All findings of detectors on a history. `alerts`: those of the session so far. */
export function detectAll(
  history: History,
  thresholds: Thresholds,
  alerts: readonly Alert[] = [],
  ids: readonly DetectorId[] = detectorIds,
): readonly (Finding & { readonly detector: DetectorId })[] {
  return ids.flatMap(id => {
    const detector = detectors[id] as Detector<Readonly<Record<string, number>>>
    const mine = alerts.filter(alert => alert.detector === id && alert.resolvedAt === undefined)
    const open = new Set(mine.map(({ subject }) => subject))
    return detector.detect(history, thresholds[id], open).map(finding => ({ ...finding, detector: id }))
  })
}
