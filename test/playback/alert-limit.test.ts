// A recording with more alerts than are kept: what is left out is counted, and hides nothing of another kind.

import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Alert } from '../../src/detectors/alerts.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { findUnsummarizedPart } from '../../src/playback/event-log.ts'
import { openStream } from '../../src/recording/open-recording.ts'
import { encodeRecording, generateSamples } from '../recording/recordings.ts'

const toAlert = (detector: Alert['detector'], subject: string, raisedAt: number): Alert => ({
  ...{ detector, subject, raisedAt, at: raisedAt, since: raisedAt, seenAt: raisedAt },
  ...{ kind: 'event', severity: 'warning', title: 'T', summary: 's', evidence: [], remedy: [] },
})

test('of 6,000 alerts of a kind 5,000 are kept, with one that becomes critical and one of another kind', () => {
  const log = new AlertLog()
  for (let i = 0; i < 60; i++)
    log.addAlerts(Array.from({ length: 100 }, (_, j) => toAlert('oom-kill', `/pod-${i * 100 + j}`, i)))
  const last = toAlert('oom-kill', '/pod-5999', 59)
  log.addAlerts([last, toAlert('kmem-leak', 'leak', 60)])
  log.addAlerts([{ ...last, severity: 'critical' }])
  expect(log.leftOut).toBe(999)
  expect(log.listAlerts().map(({ subject }) => subject)).toEqual([
    ...Array.from({ length: 5000 }, (_, i) => `/pod-${i}`),
    'leak',
    '/pod-5999',
  ])
})

test('the summary of a frame holds 1,000 alerts; with more it counts as one that does not know its alerts', async () => {
  const summarize = (alerts: number) => () => ({ alerts: Array.from({ length: alerts }, () => ({})), minutes: [] })
  const open = async (alerts: number) =>
    (await openStream(Readable.from([await encodeRecording(generateSamples(20), { summarize: summarize(alerts) })])))
      .recording
  const full = await open(101)
  expect(full.parts[0]?.summary).toMatchObject({ alerts: { length: 1000 }, alertsLeftOut: 10 })
  expect([findUnsummarizedPart(full), findUnsummarizedPart(await open(100))]).toEqual([0, Number.POSITIVE_INFINITY])
})
