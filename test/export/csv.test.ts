// CSV: quoting, empty cells for unknown values, and the default columns.
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { CSV_FIELDS, formatCsvLine } from '../../src/export/csv.ts'
import { getValue, parseFields } from '../../src/export/fields.ts'
import { toStateJson } from '../../src/export/state-json.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openRecording } from '../../src/recording/open-recording.ts'

test('cells are quoted as in RFC 4180, and control characters are escaped', () => {
  expect(formatCsvLine([1.5, null, undefined, 'a,b', 'say "x"', 'two\nlines', '\x1b[2J'])).toBe(
    '1.5,,,"a,b","say ""x""",two\\x0alines,\\x1b[2J\n',
  )
})

test('a text that a spreadsheet would take for a formula gets an apostrophe, a number stays a number', () => {
  const texts = ['=HYPERLINK(1)', '+1', '-1', '@SUM(1)', 'plain', '=a,"b"']
  expect(formatCsvLine([...texts, -1.5])).toBe(`'=HYPERLINK(1),'+1,'-1,'@SUM(1),plain,"'=a,""b""",-1.5\n`)
})

test('the default columns exist on a real node', () => {
  const seeker = new RecordingSeeker(
    openRecording(new URL('../../snapshots/v2-quiet/session.kmem', import.meta.url).pathname),
    defaultThresholds,
  )
  const { history, alerts } = seeker.seek(seeker.end).monitor
  const state = toStateJson(history, alerts)
  expect(parseFields(CSV_FIELDS).flatMap(field => (getValue(state, field) === undefined ? [field.text] : []))).toEqual(
    [],
  )
})
