// NDJSON: one JSON object per sample, with the whole state or with the fields that were asked for.
import { toJson } from '../base/json.ts'
import type { DumpFormat } from './dump-format.ts'
import { readFieldValues } from './field-values.ts'
import { toStateJson } from './state-json.ts'

/** The output format `ndjson`. */
export const formatNdjson: DumpFormat = function* (states, { fields }) {
  for (const state of states) {
    if (fields === undefined) {
      yield `${toJson(toStateJson(state.history, state.alerts))}\n`
      continue
    }
    const { time, values } = readFieldValues(state, fields)
    const chosen = fields.map(({ text }, i) => [text, values[i] ?? null])
    yield `${toJson(Object.fromEntries([['time', time], ...chosen]))}\n`
  }
}
