// The table of commands.
import { describe, expect, test } from 'vitest'
import type { AppState, PanelId } from '../../src/app/state.ts'
import { numberedPanels, panelIds, panels } from '../../src/panels/index.ts'
import { commands, findCommand } from '../../src/ui/commands.ts'
import { applyActions, emptyState, fullState, idlePlayer } from '../playback/states.ts'

const states: readonly (readonly [name: string, state: AppState])[] = [
  ['nothing yet', emptyState],
  ['full', fullState],
  ['help', applyActions(fullState, { type: 'help' })],
  ['detail', applyActions(fullState, { type: 'detail', key: 'x' })],
  ...panelIds.map((panel): readonly [string, AppState] => [panel, applyActions(fullState, { type: 'view', panel })]),
]

test.each(states)('no key means two things: %s', (_, state) => {
  const keys = commands.filter(({ isAvailable: works }) => works?.(state) ?? true).flatMap(command => command.keys)
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})

test.each([false, true])('no key has two effects while a recording is played, rewound: %s', rewound => {
  const state = { ...fullState, player: { ...idlePlayer, rewound } }
  const available = commands.filter(({ isAvailable: works }) => works?.(state) ?? true)
  const effects = Map.groupBy(
    available.flatMap(({ keys, effect }) => keys.map(key => [key, JSON.stringify(effect)] as const)),
    ([key]) => key,
  )
  for (const [key, list] of effects) expect(new Set(list.map(([, effect]) => effect)).size, key).toBe(1)
})

test('every key of the footer is in the help', () => {
  const footer = commands.filter(command => command.footer !== undefined)
  expect(footer.length).toBeGreaterThan(8)
  for (const command of footer) {
    const line = commands.slice(0, commands.indexOf(command) + 1).findLast(({ help }) => help !== undefined)
    const shown = `${line?.label ?? ''} ${line?.keys.join(' ')}`
    const speaks = shown.includes(command.keys[0]!) || /1 … \d|← →|- \+ =|< >/.test(shown)
    expect(speaks, `${command.keys[0]} ${command.footer}`).toBe(true)
  }
})

test('help and quit are last in the footer, because they are always kept', () => {
  const footer = commands.filter(command => command.footer !== undefined)
  expect(footer.slice(-2).map(({ keys }) => keys[0])).toEqual(['?', 'q'])
})

describe('a key', () => {
  const works = (key: string, panel: PanelId): boolean =>
    findCommand(key, applyActions(fullState, { type: 'view', panel })) !== undefined

  test('without a command does nothing', () => {
    const unused = [...'123456789'].filter(key => key !== '1' && panels.every(panel => panel.key !== key))
    for (const key of ['x', '', 'ctrl-x', 'right', '\\', 'f2', ...unused])
      expect(findCommand(key, fullState), key).toBeUndefined()
  })

  test('for lists works in lists only', () => {
    expect([works('/', 'slab'), works('/', 'memory'), works('S', 'slab'), works('S', 'log')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('acknowledges only while an alert is active', () => {
    expect(findCommand('a', fullState)?.effect).toEqual({ type: 'acknowledge', scope: 'one' })
    expect(findCommand('a', emptyState)).toBeUndefined()
  })

  test('of a view works while a recording is played: digits are views, Alt and a digit a tenth', () => {
    const replayed = { ...fullState, player: idlePlayer }
    expect(findCommand('1', replayed)?.effect).toEqual({ type: 'view', panel: 'overview' })
    for (const { key, id } of numberedPanels) {
      expect(findCommand(key, replayed)?.effect).toEqual({ type: 'view', panel: id })
      expect(findCommand(`alt-${key}`, replayed)?.effect).toMatchObject({ command: { type: 'tenth' } })
    }
  })

  test('asks for a time in live mode too, to rewind to it', () => {
    expect(findCommand(':', fullState)?.effect).toEqual({ type: 'prompt', prompt: 'command' })
  })

  test('ctrl-c quits in every state; q closes a page first', () => {
    for (const [name, state] of states) {
      expect(findCommand('ctrl-c', state)?.effect, name).toEqual({ type: 'quit-now' })
      const hasPage = state.ui.help || state.ui.detail !== undefined
      expect(findCommand('q', state)?.effect, name).toEqual({ type: hasPage ? 'back' : 'quit' })
    }
  })
})
