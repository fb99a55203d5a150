// The values of some fields in one state: only the sections they are in are built.
import type { MonitorState } from '../detectors/monitor-state.ts'
import { type Field, getSection, getValue } from './fields.ts'
import { toStateJson } from './state-json.ts'

/** Returns the time of a state (ISO 8601) and the value of each field; undefined where the state has no such field. */
export function readFieldValues(
  { history, alerts }: MonitorState,
  fields: readonly Field[],
): { readonly time: unknown; readonly values: readonly unknown[] } {
  const state = toStateJson(history, alerts, new Set(['time', ...fields.map(getSection)]))
  return { time: state.time, values: fields.map(field => getValue(state, field)) }
}
