// The states of an alert: raised, refreshed, acknowledged, resolved, raised again.
import { describe, expect, test } from 'vitest'
import {
  type Alert,
  acknowledgeAlert,
  getAlertKey,
  getEndTime,
  listActiveBySeverity,
  reconcileAlerts,
} from '../../src/detectors/alerts.ts'
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
    evidence: [],
    remedy: [],
    ...change,
  }
}
const kill = (change: Partial<Found> = {}): Found =>
  finding({ detector: 'oom-kill', subject: 'java /pod', kind: 'event', severity: 'critical', count: 1, ...change })

const raised = reconcileAlerts([], [finding()], 1000)
const acknowledged = acknowledgeAlert(raised, 'slab-growth SUnreclaim', 1500)

describe('an alert', () => {
  test('is raised by a finding; without findings and alerts nothing changes', () => {
    expect(raised).toMatchObject([{ raisedAt: 1000, seenAt: 1000, severity: 'warning', since: 500 }])
    const none: readonly Alert[] = []
    expect(reconcileAlerts(none, [], 1000)).toBe(none)
  })

  test('is refreshed while it is found: the newest summary, the earliest times', () => {
    const next = reconcileAlerts(raised, [finding({ summary: 'grows on', since: 900, at: 2000 })], 2000)
    expect(next).toMatchObject([{ summary: 'grows on', since: 500, raisedAt: 1000, seenAt: 2000, at: 2000 }])
  })

  test('is resolved when it is no longer found, and stays in the list', () => {
    const held = reconcileAlerts(raised, [], 3000)
    expect(held).toMatchObject([{ overAt: 3000, raisedAt: 1000 }])
    expect(reconcileAlerts(held, [finding({ at: 4000 })], 4000)[0]).not.toHaveProperty('overAt')
    const next = reconcileAlerts(held, [], 61_000)
    expect(next).toMatchObject([{ resolvedAt: 61_000, seenAt: 1000 }])
    expect(reconcileAlerts(next, [], 62_000)).toMatchObject([{ resolvedAt: 61_000 }])
    expect(listActiveBySeverity(next)).toEqual([])
  })

  test('shows its peak and its end as soon as it is no longer found', () => {
    const peak = { magnitude: 9, summary: 'grew by 9' }
    const high = reconcileAlerts(raised, [finding({ peak, at: 2000 })], 2000)
    const low = reconcileAlerts(
      high,
      [finding({ peak: { magnitude: 1, summary: 'grew by 1' }, summary: 'is low' })],
      3000,
    )
    expect(low).toMatchObject([{ summary: 'is low' }])
    const [ended] = reconcileAlerts(low, [], 4000)
    expect([ended?.summary, getEndTime(ended!)]).toEqual(['grew by 9', 4000])
    const [resolved] = reconcileAlerts([ended!], [], 61_000)
    expect([resolved?.summary, resolved?.resolvedAt, getEndTime(resolved!)]).toEqual(['grew by 9', 61_000, 4000])
  })

  test('that recurs is a new one beside the resolved one', () => {
    const next = reconcileAlerts(reconcileAlerts(raised, [], 61_000), [finding({ at: 65_000 })], 65_000)
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
    expect(listActiveBySeverity(acknowledged)).toEqual([])
  })

  test('stays acknowledged while its condition lasts', () => {
    expect(reconcileAlerts(acknowledged, [finding({ at: 9000 })], 9000)).toMatchObject([{ acknowledgedAt: 1500 }])
  })

  test('returns to the banner when it gets worse, not when it gets better', () => {
    const worse = reconcileAlerts(acknowledged, [finding({ severity: 'critical' })], 2000)
    expect(worse[0]).not.toHaveProperty('acknowledgedAt')
    expect(listActiveBySeverity(worse)).toHaveLength(1)
    const critical = acknowledgeAlert(
      reconcileAlerts([], [finding({ severity: 'critical' })], 1000),
      getAlertKey(finding()),
      1500,
    )
    expect(reconcileAlerts(critical, [finding()], 2000)).toMatchObject([{ acknowledgedAt: 1500 }])
  })

  test('of an event returns to the banner only when the event recurs', () => {
    const seen = acknowledgeAlert(reconcileAlerts([], [kill()], 1000), 'oom-kill java /pod', 1500)
    expect(reconcileAlerts(seen, [kill()], 2000)).toMatchObject([{ acknowledgedAt: 1500 }])
    expect(listActiveBySeverity(reconcileAlerts(seen, [kill({ at: 1900, count: 2 })], 2000))).toHaveLength(1)
  })

  test('cannot be acknowledged once it is resolved', () => {
    const resolved = reconcileAlerts(raised, [], 61_000)
    expect(acknowledgeAlert(resolved, 'slab-growth SUnreclaim', 62_000)).toEqual(resolved)
  })
})

test('active alerts are listed by severity, then the newest first', () => {
  const alerts = reconcileAlerts([], [finding(), kill({ at: 10 }), kill({ subject: 'node /pod', at: 20 })], 1000)
  expect(listActiveBySeverity(alerts).map(({ subject }) => subject)).toEqual(['node /pod', 'java /pod', 'SUnreclaim'])
})

test('the last 200 resolved alerts are kept, and all open ones', () => {
  let alerts: readonly Alert[] = reconcileAlerts([], [finding()], 0)
  for (let i = 0; i < 400; i++) alerts = reconcileAlerts(alerts, [finding(), kill({ subject: `p${i}`, at: i })], i)
  expect(alerts.filter(({ resolvedAt }) => resolvedAt !== undefined)).toHaveLength(200)
  expect(alerts.filter(({ resolvedAt }) => resolvedAt === undefined).map(({ subject }) => subject)).toEqual([
    'SUnreclaim',
    'p399',
  ])
})
