// `:set slab-growth.criticalHours=12`: thresholds of a live session.

import type { AppState } from '../../app/state.ts'
import { type DetectorId, detectorIds, type Thresholds } from '../../detectors/index.ts'
import type { CommandResult } from '../keys/key-command.ts'
import { isLive } from '../keys/key-command.ts'
import { adviseName } from './nearest-advice.ts'

type ThresholdValues = Readonly<Record<string, number>>

const getValues = (thresholds: Thresholds, id: DetectorId): ThresholdValues => thresholds[id]

/** Lists all thresholds with their present values. */
export const listThresholds = ({ thresholds }: AppState): readonly string[] =>
  detectorIds.flatMap(id => Object.entries(getValues(thresholds, id)).map(([name, value]) => `${id}.${name}=${value}`))

/** Returns the action that sets one threshold, or what is wrong with the text. */
export function setThreshold(text: string, state: AppState): CommandResult {
  if (!isLive(state)) return 'a recording is read with the thresholds of its start: kmemtop replay --set'
  const [, path = '', digits = ''] = /^([^=\s]+)\s*=\s*(\S+)$/.exec(text) ?? []
  if (path === '') return 'set: expected DETECTOR.THRESHOLD=NUMBER, like slab-growth.criticalHours=12'
  const paths = listThresholds(state).map(one => one.slice(0, one.indexOf('=')))
  if (!paths.includes(path)) return `no threshold ${path}; ${adviseName(path, paths)}`
  const value = Number(digits)
  if (!Number.isFinite(value) || value < 0) return `set ${path}: expected a number of 0 or more, got ${digits}`
  const [id, name] = path.split('.') as [DetectorId, string]
  const changed = { ...getValues(state.thresholds, id), [name]: value }
  return [
    { type: 'thresholds', thresholds: { ...state.thresholds, [id]: changed } },
    { type: 'notice', text: `${path} is ${value} until kmemtop ends; the config file keeps it longer` },
  ]
}
