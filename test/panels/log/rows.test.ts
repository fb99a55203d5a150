// Rows of the kernel log: on the overview equal lines that follow each other are one.
import { expect, test } from 'vitest'
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
