// Acknowledging: which alert the key is about.
import { expect, test } from 'vitest'
import { type AppState, type PanelId, updateState } from '../../src/app/state.ts'
import { listActiveBySeverity } from '../../src/detectors/alerts.ts'
import { applyActions, emptyState, fullState } from '../playback/states.ts'

const on = (panel: PanelId): AppState => applyActions(fullState, { type: 'view', panel })

const first = listActiveBySeverity(fullState.alerts)[0]!

test('acknowledges the first alert of the banner', () => {
  const next = updateState(fullState, { type: 'acknowledge' })
  expect(listActiveBySeverity(next.alerts).length).toBe(listActiveBySeverity(fullState.alerts).length - 1)
  expect(listActiveBySeverity(next.alerts)).not.toContainEqual(
    expect.objectContaining({ subject: first.subject, detector: first.detector }),
  )
})

test('acknowledges the alert whose page is open, or the selected one', () => {
  const other = listActiveBySeverity(fullState.alerts)[2]!
  const key = `${other.detector} ${other.subject}`
  const acknowledged = (state: AppState): readonly string[] =>
    updateState(state, { type: 'acknowledge' })
      .alerts.filter(alert => alert.acknowledgedAt !== undefined)
      .map(alert => `${alert.detector} ${alert.subject}`)
  expect(acknowledged(applyActions(fullState, { type: 'detail', key }))).toEqual([key])
  expect(acknowledged(applyActions(on('alerts'), { type: 'select', key }))).toEqual([key])
})

test('acknowledges the first alert of the banner on the page of something else', () => {
  const state = applyActions(on('cgroups'), { type: 'detail', key: '/pod/c1' })
  expect(listActiveBySeverity(updateState(state, { type: 'acknowledge' }).alerts).length).toBe(
    listActiveBySeverity(fullState.alerts).length - 1,
  )
})

test('does nothing without an alert', () => expect(updateState(emptyState, { type: 'acknowledge' })).toBe(emptyState))

const listAcknowledged = (state: AppState): readonly string[] =>
  state.alerts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).map(({ detector }) => detector)

test('all alerts of a kind are acknowledged together, and taken back together', () => {
  const kinds = fullState.alerts.filter(({ detector, resolvedAt }) => detector === first.detector && !resolvedAt)
  const next = updateState(fullState, { type: 'acknowledge', scope: 'kind' })
  expect(listAcknowledged(next)).toEqual(kinds.map(({ detector }) => detector))
  expect(next.ui.notice).toMatch(/u takes it back$/)
  const undone = updateState(next, { type: 'undo-acknowledge' })
  expect(listAcknowledged(undone)).toEqual([])
  expect(undone.ui.acknowledged).toEqual([])
})

test('acknowledgements are taken back one by one, the last first', () => {
  const twice = applyActions(fullState, { type: 'acknowledge' }, { type: 'acknowledge' })
  expect(listAcknowledged(twice)).toHaveLength(2)
  const once = updateState(twice, { type: 'undo-acknowledge' })
  expect(listAcknowledged(once)).toEqual([first.detector])
  const none = applyActions(once, { type: 'undo-acknowledge' })
  expect(listActiveBySeverity(none.alerts)).toEqual(listActiveBySeverity(fullState.alerts))
  expect(updateState(none, { type: 'undo-acknowledge' })).toBe(none)
})

test('the same key on the page of an acknowledged alert takes it back', () => {
  const key = `${first.detector} ${first.subject}`
  const page = applyActions(fullState, { type: 'detail', key }, { type: 'acknowledge' })
  expect(listAcknowledged(page)).toEqual([first.detector])
  expect(listAcknowledged(updateState(page, { type: 'acknowledge' }))).toEqual([])
})
