// The reducer: what every action makes of a state.
import { describe, expect, test } from 'vitest'
import { type AppAction, type AppState, getVisibleHistory, type PanelId, updateState } from '../../src/app/state.ts'
import { listActiveBySeverity } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createLaterReading } from '../detectors/kills.ts'
import { applyActions, fullState } from '../playback/states.ts'

const ui = (state: AppState): AppState['ui'] => state.ui
const on = (panel: PanelId): AppState => applyActions(fullState, { type: 'view', panel })

test('the full test state has alerts of several detectors, each with a summary', () => {
  expect(new Set(listActiveBySeverity(fullState.alerts).map(({ detector }) => detector))).toEqual(
    new Set(['dying-cgroups', 'slab-growth', 'oom-kill', 'evidence-gaps']),
  )
  expect(fullState.alerts.every(({ summary }) => summary.length > 10)).toBe(true)
})

test('applies readings and runs the detectors', () => {
  const next = updateState(fullState, { type: 'readings', readings: [createLaterReading(2e6)] })
  expect(next.history.time).toBe(2e6)
  expect(next.alerts.find(({ detector }) => detector === 'oom-kill')?.resolvedAt).toBe(2e6) // 15 minutes have passed
  expect(next.ui).toBe(fullState.ui)
})

test('no action mutates its state', () => {
  const copy = structuredClone({ ...fullState.ui, alerts: fullState.alerts })
  const actions: readonly AppAction[] = [
    { type: 'view', panel: 'slab' },
    { type: 'acknowledge' },
    { type: 'pause' },
    { type: 'select', key: 'x' },
    { type: 'type', text: 'abc' },
    { type: 'readings', readings: [createLaterReading(2e6)] },
  ]
  for (const action of actions) updateState(fullState, action)
  expect({ ...fullState.ui, alerts: fullState.alerts }).toEqual(copy)
})

describe('views', () => {
  test('are zoomed; the overview keeps the focus', () => {
    expect(ui(on('slab'))).toMatchObject({ focus: 'slab', zoomed: true })
    expect(ui(applyActions(on('slab'), { type: 'view', panel: 'overview' }))).toMatchObject({
      focus: 'slab',
      zoomed: false,
    })
  })

  test('close the help and the details', () => {
    const open = applyActions(fullState, { type: 'help' }, { type: 'detail', key: 'x' }, { type: 'help' })
    expect(ui(updateState(open, { type: 'view', panel: 'log' }))).toMatchObject({ help: false, detail: undefined })
  })

  test('z zooms the focused panel, and back', () => {
    const zoomed = applyActions(fullState, { type: 'zoom' })
    expect(ui(zoomed)).toMatchObject({ zoomed: true, focus: fullState.ui.focus })
    expect(ui(applyActions(zoomed, { type: 'zoom' })).zoomed).toBe(false)
  })

  test('Tab wraps around, and starts over if the focused panel is not visible', () => {
    const among = ['memory', 'cgroups', 'slab'] as const
    const focus = (state: AppState, by: 1 | -1): PanelId => updateState(state, { type: 'focus', by, among }).ui.focus
    expect([focus(on('memory'), 1), focus(on('slab'), 1), focus(on('memory'), -1)]).toEqual([
      'cgroups',
      'memory',
      'slab',
    ])
    expect(focus(on('oom'), 1)).toBe('memory')
  })

  test('Esc goes back one step at a time', () => {
    const state = applyActions(on('alerts'), { type: 'detail', key: 'x' })
    const back = applyActions(state, { type: 'back' })
    expect(ui(back)).toMatchObject({ detail: undefined, focus: 'alerts', zoomed: true })
    expect(ui(applyActions(back, { type: 'back' })).zoomed).toBe(false)
    expect(ui(applyActions(fullState, { type: 'help' }, { type: 'back' })).help).toBe(false)
  })
})

describe('pause', () => {
  test('freezes the screen while readings and alerts continue', () => {
    const paused = applyActions(fullState, { type: 'pause' }, { type: 'readings', readings: [createLaterReading(2e6)] })
    expect(getVisibleHistory(paused)).toBe(fullState.history)
    expect(paused.history.time).toBe(2e6)
    expect(getVisibleHistory(applyActions(paused, { type: 'pause' }))).toBe(paused.history)
  })
})

describe('lists', () => {
  test('keep selection, order and filter of each panel', () => {
    const columns = ['growth', 'size', 'name'] as const
    const state = applyActions(
      on('slab'),
      { type: 'select', key: 'filp 192' },
      { type: 'sort', columns, by: 1 },
      { type: 'reverse' },
      { type: 'prompt', prompt: 'filter' },
      { type: 'type', text: 'fil' },
      { type: 'typed', keep: true },
    )
    expect(ui(state).panels.slab).toEqual({ selected: 'filp 192', column: 'size', reverse: true, filter: 'fil' })
    expect(ui(state).panels.cgroups).toBeUndefined()
    expect(ui(state).typing).toBeUndefined()
    const back = applyActions(
      state,
      { type: 'sort', columns, by: -1 },
      { type: 'sort', columns, by: -1 },
      { type: 'reverse' },
    )
    expect(ui(back).panels.slab).toMatchObject({ column: 'name', reverse: false })
  })

  test('Esc clears a filter that is being typed', () => {
    const state = applyActions(
      on('slab'),
      { type: 'prompt', prompt: 'filter' },
      { type: 'type', text: 'x' },
      { type: 'typed', keep: false },
    )
    expect(ui(state)).toMatchObject({ typing: undefined, panels: { slab: { filter: '' } } })
  })
})

test('b sets the baseline to now, and clears it the second time', () => {
  const set = applyActions(fullState, { type: 'baseline' })
  expect(ui(set).baseline).toBe(fullState.history.time)
  expect(ui(applyActions(set, { type: 'baseline' })).baseline).toBeUndefined()
})

test('stores thresholds, identity and a notice', () => {
  const thresholds = { ...defaultThresholds, 'oom-kill': { markedMinutes: 1 } }
  const state = applyActions(
    fullState,
    { type: 'thresholds', thresholds },
    { type: 'identity', text: 'x' },
    { type: 'notice', text: 'read again' },
  )
  expect(state).toMatchObject({ thresholds, identity: 'x', ui: { notice: 'read again' } })
  expect(ui(applyActions(state, { type: 'notice', text: undefined })).notice).toBeUndefined()
  const minutes = applyActions(state, { type: 'readings', readings: [createLaterReading(122_000 + 70_000)] })
  expect(minutes.alerts.filter(({ detector, resolvedAt }) => detector === 'oom-kill' && !resolvedAt)).toEqual([])
})

test('reports a recording problem once, at once', () => {
  const announced = updateState(fullState, { type: 'notice', text: 'recording: the last 15 minutes, and from here on' })
  const status = { problem: 'cannot make x.kmem: EROFS' }
  const failed = updateState(announced, { type: 'recorder', status })
  expect(failed.ui.notice).toBe(status.problem)
  const cleared = updateState(failed, { type: 'notice', text: undefined })
  expect(updateState(cleared, { type: 'recorder', status }).ui.notice).toBeUndefined()
})
