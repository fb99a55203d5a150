// The help page: at every width each text is whole, and no entry is divided between two columns.
import { expect, test } from 'vitest'
import { createInitialState, updateState } from '../../../src/app/state.ts'
import { createHistory } from '../../../src/history.ts'
import { type CommandGroup, GROUPS } from '../../../src/ui/keys/key-command.ts'
import { listGroupLines } from '../../../src/ui/pages/help-page.ts'
import { renderFrameText } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'
import { session } from '../../fixtures.ts'

const pen = createPen({ level: 0, ascii: false })
const state = updateState(createInitialState(createHistory(session)), { type: 'help' })
const helps = (Object.keys(GROUPS) as CommandGroup[]).flatMap(group => listGroupLines(group, 'live'))

test.each([40, 80, 120, 200, 300])('at %i columns no text is cut', columns => {
  const lines = renderFrameText(state, pen, columns, 300)
  const words = new Set(lines.join(' ').split(/[\s│]+/))
  expect(helps.length).toBeGreaterThan(20)
  for (const { keys, help } of helps)
    expect(
      help.split(' ').filter(word => !words.has(word)),
      keys,
    ).toEqual([])
})

test('each column begins with a key or a heading', () => {
  const [, , first] = renderFrameText(state, pen, 120, 60)
  const starts = [1, 40, 79].map(column => first!.slice(column, column + 12))
  for (const start of starts) expect(start).toMatch(/^ \S/)
})
