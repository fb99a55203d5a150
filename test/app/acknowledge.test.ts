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
