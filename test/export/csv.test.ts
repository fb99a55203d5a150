// CSV: quoting, and nothing for what is not known.
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { CSV_FIELDS, csvLine } from '../../src/export/csv.ts'
import { parseFields, valueAt } from '../../src/export/fields.ts'
import { stateJson } from '../../src/export/state-json.ts'
import { RecordingSeeker } from '../../src/session/reel.ts'
import { openRecording } from '../../src/sources/kmem/open.ts'

test('cells', () => {
  expect(csvLine([1.5, null, undefined, 'a,b', 'say "x"', 'two\nlines', '\x1b[2J'])).toBe(
    '1.5,,,"a,b","say ""x""",two\\x0alines,\\x1b[2J\n',
  )
})

test('the fields that are told by default are there on a real node', () => {
  const reel = new RecordingSeeker(
    openRecording(new URL('../../snapshots/v2-quiet/session.kmem', import.meta.url).pathname),
    defaultThresholds,
  )
  const { history, alerts } = reel.seek(reel.end).monitor
  const state = stateJson(history, alerts)
  expect(parseFields(CSV_FIELDS).flatMap(field => (valueAt(state, field) === undefined ? [field.text] : []))).toEqual(
    [],
  )
})
