// Alerts in recordings: units survive, and recordings of older versions are still read.
import { expect, test } from 'vitest'
import { fromAlertRecord, toAlertRecord } from '../../src/detectors/alert-record.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { formatEvidence, listEvidence } from '../../src/detectors/evidence.ts'

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
  expect(fromAlertRecord(record)).toEqual(ALERT)
})

test('a record keeps the evidence object that older versions read', () => {
  expect(toAlertRecord(ALERT).evidence).toEqual({ used: 40_100, timeLeft: null })
})

test('the evidence of an older record gets units, so that 40,100 memcg IDs are not printed as bytes', () => {
  const { evidenceSeries: _, evidence: __, ...rest } = ALERT
  const old = { ...rest, evidence: { used: 40_100, share: 0.61, SUnreclaim: 2 ** 20, timeLeft: 60_000 } }
  expect(fromAlertRecord(old).evidence.map(formatEvidence)).toEqual(['40,100', '61 %', '1.00 MiB', '1 min'])
})

test.each([
  ['is no object', 7],
  ['is missing', undefined],
  ['has values that are no facts', { a: { b: 1 }, c: [2] }],
])('a damaged record whose evidence %s is read without it', (_, evidence) => {
  expect(fromAlertRecord({ ...ALERT, evidence, facts: 'x' } as never).evidence).toEqual([])
})
