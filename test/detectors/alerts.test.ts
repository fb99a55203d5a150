// The life of an alert: raised, refreshed, acknowledged, resolved, and what brings it back.
import { describe, expect, test } from 'vitest'
import { type Alert, acknowledge, keyOf, loudest, reconcile } from '../../src/detectors/alerts.ts'
import type { Finding } from '../../src/detectors/detector.ts'
import type { DetectorId } from '../../src/detectors/index.ts'

type Found = Finding & { readonly detector: DetectorId }

function finding(change: Partial<Found> = {}): Found {
  return {
    detector: 'slab-growth',
    subject: 'SUnreclaim',
    kind: 'condition',
    severity: 'warning',
    title: 'SLAB GROWTH',
    summary: 'grows',
    since: 500,
    at: 1000,
    evidence: {},
    remedy: [],
    ...change,
  }
}
const kill = (change: Partial<Found> = {}): Found =>
  finding({ detector: 'oom-kill', subject: 'java /pod', kind: 'event', severity: 'critical', count: 1, ...change })

const raised = reconcile([], [finding()], 1000)
const acknowledged = acknowledge(raised, 'slab-growth SUnreclaim', 1500)

describe('an alert', () => {
  test('is raised by a finding, and nothing is kept of nothing', () => {
    expect(raised).toMatchObject([{ raisedAt: 1000, seenAt: 1000, severity: 'warning', since: 500 }])
    const none: readonly Alert[] = []
    expect(reconcile(none, [], 1000)).toBe(none)
  })

  test('is refreshed while it is found: newest words, first times', () => {
    const next = reconcile(raised, [finding({ summary: 'grows on', since: 900, at: 2000 })], 2000)
    expect(next).toMatchObject([{ summary: 'grows on', since: 500, raisedAt: 1000, seenAt: 2000, at: 2000 }])
  })

  test('is resolved when it is found no more for a minute, and stays in the list', () => {
    const held = reconcile(raised, [], 3000)
    expect(held).toMatchObject([{ overAt: 3000, raisedAt: 1000 }])
    expect(reconcile(held, [finding({ at: 4000 })], 4000)[0]).not.toHaveProperty('overAt')
    const next = reconcile(held, [], 61_000)
    expect(next).toMatchObject([{ resolvedAt: 61_000, seenAt: 1000 }])
    expect(reconcile(next, [], 62_000)).toMatchObject([{ resolvedAt: 61_000 }])
    expect(loudest(next)).toEqual([])
  })

  test('that comes back is another one beside the resolved', () => {
    const next = reconcile(reconcile(raised, [], 61_000), [finding({ at: 65_000 })], 65_000)
    expect(next).toHaveLength(2)
    expect(next.map(({ raisedAt, resolvedAt }) => [raisedAt, resolvedAt])).toEqual([
      [1000, 61_000],
      [65_000, undefined],
    ])
  })
})

describe('an acknowledged alert', () => {
  test('leaves the banner and stays open', () => {
    expect(acknowledged).toMatchObject([{ acknowledgedAt: 1500 }])
    expect(acknowledged[0]!.resolvedAt).toBeUndefined()
    expect(loudest(acknowledged)).toEqual([])
  })

  test('stays acknowledged while a condition goes on', () => {
    expect(reconcile(acknowledged, [finding({ at: 9000 })], 9000)).toMatchObject([{ acknowledgedAt: 1500 }])
  })

  test('is loud again when it gets worse, not when it gets better', () => {
    const worse = reconcile(acknowledged, [finding({ severity: 'critical' })], 2000)
    expect(worse[0]).not.toHaveProperty('acknowledgedAt')
    expect(loudest(worse)).toHaveLength(1)
    const critical = acknowledge(reconcile([], [finding({ severity: 'critical' })], 1000), keyOf(finding()), 1500)
    expect(reconcile(critical, [finding()], 2000)).toMatchObject([{ acknowledgedAt: 1500 }])
  })

  test('of an event is loud again when it happens again, and only then', () => {
    const seen = acknowledge(reconcile([], [kill()], 1000), 'oom-kill java /pod', 1500)
    expect(reconcile(seen, [kill()], 2000)).toMatchObject([{ acknowledgedAt: 1500 }])
    expect(loudest(reconcile(seen, [kill({ at: 1900, count: 2 })], 2000))).toHaveLength(1)
  })

  test('that was resolved meanwhile cannot be acknowledged', () => {
    const resolved = reconcile(raised, [], 61_000)
    expect(acknowledge(resolved, 'slab-growth SUnreclaim', 62_000)).toEqual(resolved)
  })
})

test('the loudest are critical before warning, and newest first', () => {
  const alerts = reconcile([], [finding(), kill({ at: 10 }), kill({ subject: 'node /pod', at: 20 })], 1000)
  expect(loudest(alerts).map(({ subject }) => subject)).toEqual(['node /pod', 'java /pod', 'SUnreclaim'])
})

test('of resolved alerts the last 200 are kept, of open ones all', () => {
  let alerts: readonly Alert[] = reconcile([], [finding()], 0)
  for (let i = 0; i < 400; i++) alerts = reconcile(alerts, [finding(), kill({ subject: `p${i}`, at: i })], i)
  expect(alerts.filter(({ resolvedAt }) => resolvedAt !== undefined)).toHaveLength(200)
  expect(alerts.filter(({ resolvedAt }) => resolvedAt === undefined).map(({ subject }) => subject)).toEqual([
    'SUnreclaim',
    'p399',
  ])
})
