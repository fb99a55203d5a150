// Changes as lines: one for each alert that is raised, recurs, gets worse, is acknowledged or ends, each mark, each threshold.
import { expect, test } from 'vitest'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { addTime, listChangeLines, listThresholdChanges } from '../../src/export/change-lines.ts'
import { emptyState, fullState } from '../playback/states.ts'

const alert: Alert = {
  detector: 'slab-growth',
  subject: 'a',
  title: 'SLAB GROWTH',
  kind: 'condition',
  severity: 'warning',
  summary: 'filp +1 GiB',
  evidence: [],
  remedy: [],
  since: 0,
  at: 0,
  raisedAt: 1000,
  seenAt: 1000,
}
const { history } = emptyState
const change = (before: readonly Alert[], after: readonly Alert[]): readonly string[] =>
  listChangeLines({ history, alerts: before }, { history, alerts: after })

test('one line for each change of an alert', () => {
  expect(change([], [alert])).toEqual(['warning: SLAB GROWTH: filp +1 GiB'])
  expect(change([alert], [{ ...alert, summary: 'filp +2 GiB', at: 5000 }])).toEqual([])
  expect(change([alert], [{ ...alert, severity: 'critical' }])).toEqual(['now critical: SLAB GROWTH: filp +1 GiB'])
  expect(change([alert], [{ ...alert, acknowledgedAt: 5000 }])).toEqual(['acknowledged: SLAB GROWTH'])
  expect(change([alert], [{ ...alert, overAt: 5000 }])).toEqual([])
  expect(change([alert], [{ ...alert, resolvedAt: 60_000 }])).toEqual(['ended after 1 min: SLAB GROWTH'])
})

test('every kill is a line', () => {
  const kill: Alert = { ...alert, kind: 'event', severity: 'critical', title: 'OOM KILL', summary: 'java killed' }
  expect(change([kill], [{ ...kill, count: 2 }])).toEqual(['critical, again: OOM KILL ×2: java killed'])
})

test('nothing of the node is a control sequence', () => {
  expect(change([], [{ ...alert, summary: 'esc\x1b[2J\x07' }]).join()).not.toMatch(/\p{Cc}/u)
  expect(listChangeLines(emptyState, fullState).join('')).not.toMatch(/\p{Cc}/u)
})

test('marks and thresholds', () => {
  const marked = { history: { ...history, mark: [{ time: 3, text: 'deploy' }] }, alerts: [] }
  expect(listChangeLines({ history, alerts: [] }, marked)).toEqual(['mark: deploy'])
  expect(addTime({ ...history, time: 0 }, 'mark: deploy')).toMatch(/^\d\d:\d\d:\d\d mark: deploy$/)
  const [id, values] = Object.entries(defaultThresholds)[0]!
  const [name, value] = Object.entries(values)[0]!
  const changed = { ...defaultThresholds, [id]: { ...values, [name]: value + 1 } }
  expect(listThresholdChanges(defaultThresholds, changed)).toEqual([
    `threshold ${id}.${name}: ${value}, now ${value + 1}`,
  ])
})
