// The order of the banner: what goes on before what ended, new before old, several old kills as one line.
import { expect, test } from 'vitest'
import { findMostUrgent, listBannerEntries } from '../../src/app/banner-alerts.ts'
import { MINUTE } from '../../src/base/units.ts'
import type { Alert } from '../../src/detectors/alerts.ts'

const NOW = 60 * MINUTE
const base = { evidence: [], remedy: [], summary: 'x', seenAt: NOW } as const
const kill = (subject: string, at: number): Alert => ({
  ...base,
  detector: 'oom-kill',
  subject,
  kind: 'event',
  severity: 'critical',
  title: 'OOM KILL',
  since: at,
  at,
  raisedAt: at,
})
const growth = (subject: string, more: Partial<Alert> = {}): Alert => ({
  ...base,
  detector: 'slab-growth',
  subject,
  kind: 'condition',
  severity: 'warning',
  title: 'SLAB GROWTH',
  since: NOW - 5 * MINUTE,
  at: NOW,
  raisedAt: NOW - MINUTE,
  ...more,
})

const order = (...alerts: readonly Alert[]): readonly (readonly string[])[] =>
  listBannerEntries(alerts, NOW).map(entry => entry.alerts.map(({ subject }) => subject))

test('growth is not hidden behind kills of minutes ago, which share one line', () => {
  const kills = [kill('a', NOW - 9 * MINUTE), kill('b', NOW - 8 * MINUTE), kill('c', NOW - 7 * MINUTE)]
  expect(order(...kills, growth('slab'))).toEqual([['slab'], ['c', 'b', 'a']])
  expect(findMostUrgent([...kills, growth('slab')], NOW)?.subject).toBe('slab')
})

test('a fresh kill comes before a warning, and has its own line', () => {
  expect(order(growth('slab'), kill('new', NOW - 5000), kill('old', NOW - 9 * MINUTE))).toEqual([
    ['new'],
    ['slab'],
    ['old'],
  ])
})

test('three kills of the last minutes are one line, the newest first, and growth is the next line', () => {
  const kills = [kill('a', NOW - 90_000), kill('b', NOW - 40_000), kill('c', NOW - 5000)]
  expect(order(...kills, growth('slab'), kill('old', NOW - 9 * MINUTE))).toEqual([['c', 'b', 'a'], ['slab'], ['old']])
})

test('of new events of several kinds one comes before a condition that goes on', () => {
  const failure: Alert = { ...kill('atomic', NOW - 1000), title: 'ALLOC FAILED', severity: 'warning' }
  const noKill: Alert = { ...kill('looping', NOW - 4000), title: 'OOM, NO KILL' }
  expect(order(failure, noKill, kill('k', NOW - 2000), growth('slab'))).toEqual([
    ['k'],
    ['slab'],
    ['looping'],
    ['atomic'],
  ])
})

test('kills of the node and of cgroups share a line when they are old', () => {
  const globalKill: Alert = { ...kill('node', NOW - 8 * MINUTE), title: 'GLOBAL OOM KILL' }
  expect(order(kill('pod', NOW - 5 * MINUTE), globalKill)).toEqual([['pod', 'node']])
})

test('a critical condition and a new kill both come before a warning', () => {
  expect(order(growth('w'), growth('c', { severity: 'critical' }), kill('k', NOW - 1000))).toEqual([
    ['k'],
    ['c'],
    ['w'],
  ])
})

test('what has ended comes last, information before it', () => {
  const ended = growth('ended', { severity: 'critical', overAt: NOW - 1000 })
  expect(order(ended, growth('info', { severity: 'info' }), growth('on'))).toEqual([['on'], ['info'], ['ended']])
})

test('of two that go on the more severe comes first, then the newer', () => {
  const critical = growth('critical', { severity: 'critical', raisedAt: 0 })
  const newer = growth('newer', { raisedAt: NOW })
  expect(order(growth('older', { raisedAt: 1 }), newer, critical)).toEqual([['critical'], ['newer'], ['older']])
})

test('acknowledged and resolved alerts have no line', () => {
  expect(order(growth('a', { acknowledgedAt: NOW }), growth('b', { resolvedAt: NOW }))).toEqual([])
})
