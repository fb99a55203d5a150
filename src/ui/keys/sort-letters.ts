// Sorting by the letter of a column: the letter is marked in the head of the list.
import type { AppState } from '../../app/state.ts'
import { getPanel } from '../../panels/index.ts'
import type { KeyCommand } from './key-command.ts'

/** Returns the command that sorts the focused list by the column with this letter; undefined where no column has it. */
export function findSortCommand(key: string, state: AppState): KeyCommand | undefined {
  const { ui } = state
  if (ui.help || ui.detail !== undefined) return undefined
  const { sortLetters = {} } = getPanel(ui.focus)
  const column = Object.keys(sortLetters).find(id => sortLetters[id] === key)
  return column === undefined ? undefined : { keys: [key], effect: { type: 'sort-by', column } }
}
