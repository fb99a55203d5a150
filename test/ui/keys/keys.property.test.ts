// Property: whatever keys are pressed on a terminal of any size, the screen has its rows and columns, and no control character.
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { type AppState, updateState } from '../../../src/app/state.ts'
import { commands, findCommand } from '../../../src/ui/commands.ts'
import { toAction } from '../../../src/ui/keys/keys.ts'
import { renderFrameText } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../../helpers/check-property.ts'
import { emptyState, fullState, idlePlayer } from '../../playback/states.ts'

const PEN = createPen({ level: 0, ascii: false })
const KEYS = [...new Set(commands.flatMap(({ keys }) => keys))]
const STATES = [
  fullState,
  emptyState,
  { ...fullState, player: { ...idlePlayer, end: 120_000, at: 60_000 } },
  { ...fullState, player: { ...idlePlayer, rewound: true }, ui: { ...fullState.ui, frozen: fullState.history } },
]

interface Size {
  readonly columns: number
  readonly rows: number
}

/** Presses a key as the screen does; a text of several characters is typed where text is asked for. */
function press(state: AppState, key: string, { columns, rows }: Size): AppState {
  if (state.ui.typing !== undefined) {
    if (key === 'return' || key === 'escape') return updateState(state, { type: 'typed', keep: key === 'return' })
    return updateState(state, { type: 'type', text: key })
  }
  const { effect } = findCommand(key, state) ?? {}
  const action = effect && toAction(effect, state, columns, rows)
  return action ? updateState(state, action) : state
}

const size = fc.record({ columns: fc.integer({ min: 1, max: 220 }), rows: fc.integer({ min: 1, max: 70 }) })
const key = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...KEYS) }, fc.string({ unit: 'binary', maxLength: 12 }))

type Case = [start: number, size: Size, keys: string[]]

// A name of wide characters in the first column of a narrow list, and the row is selected.
const FAILED: readonly Case[] = [[0, { columns: 150, rows: 29 }, ['end', 'return', 'return']]]

test(
  'no sequence of keys throws, or draws a line that is too long or unsafe',
  () => {
    const input = fc.tuple(fc.nat({ max: STATES.length - 1 }), size, fc.array(key, { maxLength: 30 }))
    checkProperty(
      input,
      ([start, { columns, rows }, keys]) => {
        const state = keys.reduce((before, one) => press(before, one, { columns, rows }), STATES[start]! as AppState)
        const lines = renderFrameText(state, PEN, columns, rows)
        expect(lines).toHaveLength(rows)
        for (const line of lines) {
          expect(stringWidth(line)).toBe(columns)
          expect(line).not.toMatch(/\p{Cc}/u)
        }
      },
      FAILED,
    )
  },
  PROPERTY_TIMEOUT,
)
