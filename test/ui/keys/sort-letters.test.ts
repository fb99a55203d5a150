// The letters of columns: each sorts by one column, is in its head, and is no other key.
import { expect, test } from 'vitest'
import { panels } from '../../../src/panels/index.ts'
import { commands, findCommand } from '../../../src/ui/commands.ts'
import { renderFrameText } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'
import { applyActions, fullState } from '../../playback/states.ts'

const sortable = panels.filter(({ sortLetters }) => sortLetters !== undefined)

test.each(sortable.map(panel => [panel.id, panel] as const))(
  'the letters of %s',
  (id, { sortLetters, sortColumns }) => {
    const letters = Object.values(sortLetters!)
    expect(new Set(letters).size).toBe(letters.length)
    const keys = commands.flatMap(command => command.keys)
    expect(letters.filter(letter => keys.includes(letter))).toEqual([])
    const state = applyActions(fullState, { type: 'view', panel: id })
    for (const [column, letter] of Object.entries(sortLetters!)) {
      expect(sortColumns).toContain(column)
      expect(findCommand(letter, state)?.effect).toEqual({ type: 'sort-by', column })
    }
  },
)

test('the letter is underlined in the head of the focused list', () => {
  const pen = createPen({ level: 1, ascii: false })
  const state = applyActions(fullState, { type: 'view', panel: 'slab' })
  const head = renderFrameText(state, pen, 200, 60).find(line => line.includes('\x1b[4mC'))!
  for (const letter of 'CZOFRH') expect(head).toContain(`\x1b[4m${letter}\x1b[24m`)
})
