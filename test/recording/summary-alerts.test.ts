// Alerts in recordings: units survive, and recordings of older versions are still read.
import { expect, test } from 'vitest'
import type { Alert } from '../../src/detectors/alerts.ts'
import { formatEvidence, listEvidence } from '../../src/detectors/evidence.ts'
import { selectAlerts, toAlertRecord } from '../../src/recording/summary-alerts.ts'

const ALERT: Alert = {
  detector: 'memcg-ids',
  subject: 'memcg IDs',
  kind: 'condition',
  severity: 'warning',
  title: 'MEMCG IDS',
  summary: 'IDs are used',
  since: 1,
  at: 2,
  raisedAt: 1,
  seenAt: 2,
  evidenceSeries: ['cgroups numCgroups'],
  evidence: listEvidence(['IDs used', 40_100, 'count', 'used'], ['time left', undefined, 'ms', 'timeLeft']),
  remedy: [],
}

test('an alert is the same after it was written to a recording and read', () => {
  const record = JSON.parse(JSON.stringify(toAlertRecord(ALERT)))
  expect(selectAlerts([record])).toEqual([ALERT])
})

test('a record keeps the evidence object that older versions read', () => {
  expect(toAlertRecord(ALERT).evidence).toEqual({ used: 40_100, timeLeft: null })
})

test('the evidence of an older record gets units, so that 40,100 memcg IDs are not printed as bytes', () => {
  const { evidenceSeries: _, evidence: __, ...rest } = ALERT
  const old = { ...rest, evidence: { used: 40_100, share: 0.61, SUnreclaim: 2 ** 20, timeLeft: 60_000 } }
  expect(selectAlerts([old])[0]?.evidence.map(formatEvidence)).toEqual(['40,100', '61 %', '1.00 MiB', '1 min'])
})
