// Keys: their names, and what they do to a state.
import type { Key } from 'ink'
import { describe, expect, test } from 'vitest'
import { type AppState, type PanelId, updateState } from '../../../src/app/state.ts'
import type { KeyEffect } from '../../../src/ui/keys/key-command.ts'
import { getKeyName, toAction } from '../../../src/ui/keys/keys.ts'
import { listRowKeys } from '../../../src/ui/screen.tsx'
import { applyActions, emptyState, fullState } from '../../playback/states.ts'

const plain = {} as Key
const pressed = (...names: readonly (keyof Key)[]): Key =>
  Object.fromEntries(names.map(name => [name, true])) as unknown as Key

test.each([
  ['a', plain, 'a'],
  ['S', pressed('shift'), 'S'],
  [' ', plain, 'space'],
  ['', pressed('return'), 'return'],
  ['\n', plain, 'return'],
  ['', pressed('escape'), 'escape'],
  ['', pressed('tab'), 'tab'],
  ['', pressed('tab', 'shift'), 'shift-tab'],
  ['c', pressed('ctrl'), 'ctrl-c'],
  ['', pressed('upArrow'), 'up'],
  ['', pressed('pageDown'), 'pagedown'],
  ['', pressed('home'), 'home'],
  ['', pressed('backspace'), 'backspace'],
])('%j is %s', (input, key, name) => expect(getKeyName(input, key)).toBe(name))

const on = (panel: PanelId): AppState => applyActions(fullState, { type: 'view', panel })

function press(state: AppState, effect: KeyEffect, rows = 40): AppState {
  const action = toAction(effect, state, 120, rows)
  return action ? updateState(state, action) : state
}
const selected = ({ ui }: AppState): string | undefined => ui.panels[ui.focus]?.selected

describe('moving', () => {
  const keys = listRowKeys(on('cgroups'))

  test('starts at the first row, moves by one row and stops at the ends', () => {
    let state = press(on('cgroups'), { type: 'move', by: 1 })
    expect(selected(state)).toBe(keys[0])
    state = press(state, { type: 'move', by: 1 })
    expect(selected(state)).toBe(keys[1])
    for (let i = 0; i < 5; i++) state = press(state, { type: 'move', by: -1 })
    expect(selected(state)).toBe(keys[0])
    for (let i = 0; i < 500; i++) state = press(state, { type: 'move', by: 1 })
    expect(selected(state)).toBe(keys.at(-1))
  })

  test('moves by pages and to the ends', () => {
    const first = press(on('cgroups'), { type: 'move', by: 'first' })
    expect(selected(press(first, { type: 'move', by: 'page' }))).toBe(keys[34])
    const last = press(first, { type: 'move', by: 'last' })
    expect(selected(last)).toBe(keys.at(-1))
    expect(selected(press(last, { type: 'move', by: '-page' }))).toBe(keys[keys.length - 35])
  })

  test('starts at the end of the log, and follows it again there', () => {
    const records = listRowKeys(on('log'))
    expect(selected(press(on('log'), { type: 'move', by: -1 }))).toBe(records.at(-1))
    const up = press(press(on('log'), { type: 'move', by: -1 }), { type: 'move', by: -1 })
    expect(selected(up)).toBe(records.at(-2))
    expect(selected(press(up, { type: 'move', by: 'last' }))).toBeUndefined()
  })

  test('does nothing without rows', () => {
    expect(toAction({ type: 'move', by: 1 }, on('pressure'), 120, 40)).toBeUndefined()
    expect(
      toAction({ type: 'move', by: 1 }, applyActions(emptyState, { type: 'view', panel: 'slab' }), 120, 40),
    ).toBeUndefined()
  })
})

describe('n and N', () => {
  const filtered = applyActions(on('cgroups'), { type: 'type', text: 'c1' })
  const hits = listRowKeys(filtered)
  const rows = listRowKeys(on('cgroups'))

  test('clear the filter, go from match to match, and stop at the last', () => {
    expect(hits.length).toBeGreaterThan(1)
    expect(hits.length).toBeLessThan(rows.length)
    let state = press(filtered, { type: 'match', by: 1 })
    expect(listRowKeys(state)).toEqual(rows)
    expect(selected(state)).toBe(hits[0])
    state = press(state, { type: 'match', by: 1 })
    expect(selected(state)).toBe(hits[1])
    expect(selected(press(state, { type: 'match', by: -1 }))).toBe(hits[0])
    for (let i = 0; i < rows.length; i++) state = press(state, { type: 'match', by: 1 })
    expect(selected(state)).toBe(hits.at(-1))
  })

  test('do nothing without a search', () => {
    expect(toAction({ type: 'match', by: 1 }, on('log'), 120, 40)).toBeUndefined()
  })
})

describe('Enter', () => {
  test('opens the selected row, else the first, in the log the last', () => {
    expect(toAction({ type: 'open' }, on('slab'), 120, 40)).toEqual({ type: 'detail', key: listRowKeys(on('slab'))[0] })
    expect(toAction({ type: 'open' }, on('log'), 120, 40)).toEqual({
      type: 'detail',
      key: listRowKeys(on('log')).at(-1),
    })
    const third = applyActions(on('slab'), { type: 'select', key: listRowKeys(on('slab'))[2] })
    expect(toAction({ type: 'open' }, third, 120, 40)).toEqual({ type: 'detail', key: listRowKeys(on('slab'))[2] })
    const gone = applyActions(on('slab'), { type: 'select', key: 'gone' })
    expect(toAction({ type: 'open' }, gone, 120, 40)).toEqual({ type: 'detail', key: listRowKeys(on('slab'))[0] })
  })

  test('opens the most severe alert on the overview', () => {
    expect(toAction({ type: 'open' }, fullState, 120, 40)).toEqual({
      type: 'detail',
      key: expect.stringMatching(/^(oom-kill|slab-growth) /),
      panel: 'alerts',
    })
    expect(toAction({ type: 'open' }, emptyState, 120, 40)).toBeUndefined()
  })
})

test('Tab goes through the panels on the screen', () => {
  let state = applyActions(fullState, { type: 'view', panel: 'memory' }, { type: 'view', panel: 'overview' })
  const visited: PanelId[] = []
  for (let i = 0; i < 5; i++) {
    visited.push(state.ui.focus)
    state = press(state, { type: 'focus-next' })
  }
  expect(visited).toEqual(['memory', 'slab', 'cgroups', 'log', 'pressure'])
  expect(state.ui.focus).toBe('memory')
  expect(press(state, { type: 'focus-previous' }).ui.focus).toBe('pressure')
})

test('Tab reaches every panel of a small screen from every focus', () => {
  for (const panel of ['memory', 'cgroups', 'slab', 'log'] as const) {
    const state = { ...applyActions(fullState, { type: 'view', panel }, { type: 'view', panel: 'overview' }) }
    const next = toAction({ type: 'focus-next' }, state, 80, 24)
    expect(next).toMatchObject({ type: 'focus', by: 1 })
    expect((next as { among: readonly PanelId[] }).among.length).toBeGreaterThan(1)
  }
})

test('S goes through the sort columns of the focused panel', () => {
  expect(toAction({ type: 'column' }, on('slab'), 120, 40)).toMatchObject({
    type: 'sort',
    by: 1,
    columns: expect.arrayContaining(['growth']),
  })
  expect(toAction({ type: 'quit' }, fullState, 120, 40)).toBeUndefined()
})
