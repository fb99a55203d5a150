// Whether a recording has the fields that are asked for, anywhere in it: a cgroup may come late. Said before anything is written.

import { createHistory } from '../history.ts'
import { appendSample, readSamples } from '../playback/recorded-samples.ts'
import type { Replayer } from '../playback/replayer.ts'
import { createUnknownFieldError, type Field, getSection, getValue } from './fields.ts'
import { toStateJson } from './state-json.ts'

/** The fields. Reads only as far as is needed to have met all of them. @throws UserError for the first that there is not */
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
