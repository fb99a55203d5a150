// Checks, before anything is written, that a recording has the requested fields: anywhere, because a cgroup may come late.

import { createHistory } from '../history.ts'
import { appendSample, readSamples } from '../playback/recorded-samples.ts'
import type { Replayer } from '../playback/replayer.ts'
import { createUnknownFieldError, type Field, getSection, getValue } from './fields.ts'
import { toStateJson } from './state-json.ts'

/** Returns the fields. Reads only until all of them were seen. @throws UserError for the first that does not exist */
export function checkFields(replayer: Replayer, fields: readonly Field[]): readonly Field[] {
  let missing = [...fields]
  let history = createHistory(replayer.recording.session)
  for (const sample of readSamples(replayer)) {
    history = appendSample(history, sample)
    const state = toStateJson(history, [], new Set(missing.map(getSection)))
    missing = missing.filter(field => getValue(state, field) === undefined)
    if (missing.length === 0) return fields
  }
  throw createUnknownFieldError(missing[0]!, toStateJson(history, []))
}
