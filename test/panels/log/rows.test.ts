// Rows of the kernel log: on the overview equal lines that follow each other are one.
import { expect, test } from 'vitest'
import { appendReading } from '../../../src/history.ts'
import { describeAppLogRates } from '../../../src/panels/log/app-log-note.ts'
import { listLogRows } from '../../../src/panels/log/rows.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'

const { history } = openScenario('v1-incident-310', 129_600)

test('equal memory events in a row are one line with their count; the whole log keeps every record', () => {
  const rows = listLogRows(history, true)
  const isSlub = ({ text }: { readonly text: string }): boolean => text.startsWith('SLUB: Unable to allocate memory')
  const shown = rows.filter(isSlub)
  expect(shown.length).toBeLessThan(30)
  expect(shown.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(57)
  expect(listLogRows(history, false).filter(isSlub)).toHaveLength(57)
  expect(rows.filter(({ text, kill }, i) => kill === undefined && rows[i - 1]?.text === text)).toEqual([])
})

test('the title has the rates of application logs over ten seconds, where there are any', () => {
  expect(describeAppLogRates(history)).toBe('')
  const add = (before: typeof history, seconds: number, files: Readonly<Record<string, string>>) =>
    appendReading(before, { time: history.time + seconds * 1000, collector: 'applog', files })
  const one = add(history, 1, { 'a.log': '5000 4000 0' })
  const later = add(add(one, 20, { 'a.log': '300 20 0' }), 25, { 'a.log': '700 30 0' })
  expect(describeAppLogRates(later)).toBe('100/s lines, 5.0/s errors in a.log')
  expect(describeAppLogRates(add(later, 26, { 'b.log': '100 0 0' }))).toMatch(/ in 2 application logs$/)
})
