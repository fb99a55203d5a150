// Jumps between events: what is not known yet is not said and not passed over; an alert has a stop for each of its turns.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Alert } from '../../src/detectors/alerts.ts'
import { acknowledgeAlert, getAlertKey, reconcileAlerts } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { Player, type PlayerOptions } from '../../src/playback/player.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { buildTimelineEvents } from '../../src/playback/timeline-events.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer } from '../../src/recording/open-recording.ts'
import { buildAlertsAt } from '../../src/recording/summary-builder.ts'
import { session } from '../fixtures.ts'
import { encodeRecording, generateSamples, insertKill } from '../recording/recordings.ts'

const samples = insertKill(generateSamples(60), 33)
/** The same as plain lines: no summaries, so nothing is known before it is read. */
const plain = Buffer.from(encodeHeader(session, 0) + samples.flat().map(encodeReading).join(''))
let summarized: Buffer
beforeAll(async () => {
  summarized = await encodeRecording(samples)
})

const createSeeker = (bytes: Buffer): RecordingSeeker =>
  new RecordingSeeker(openBuffer('test', bytes), defaultThresholds, 5)
const createPlayer = (bytes: Buffer, options: PlayerOptions = {}): Player =>
  new Player(createSeeker(bytes), () => {}, { playing: false, ...options })

describe('while a recording without summaries is read', () => {
  test('the player waits at its position for the next event, and goes to it once it is known', () => {
    const messages: string[] = []
    const player = createPlayer(plain, { onMessage: text => messages.push(text) })
    const { at } = player.status
    player.execute({ type: 'event', by: 1 })
    expect(player.eventMessage).toBe('reading 0 %: the next event is not known yet')
    expect(player.status.at).toBe(at)
    while (player.workInBackground(() => true));
    expect(player.event?.text).toBe('mark 5')
    expect(messages.at(-1)).toBe('mark 5')
  })

  test('the alerts of a time that was not read are not known; once it is read they are', () => {
    const player = createPlayer(plain)
    player.execute({ type: 'go', time: 50_000 })
    expect(player.status).toMatchObject({ exact: false, alertsKnown: false })
    while (player.workInBackground(() => true));
    expect(player.status).toMatchObject({ exact: true, alertsKnown: true })
  })

  test('another key ends the waiting', () => {
    const player = createPlayer(plain)
    player.execute({ type: 'event', by: 1 })
    player.execute({ type: 'go', time: 2000 })
    while (player.workInBackground(() => true));
    expect(player.status.at).toBe(2000)
  })
})

test('summaries are known at once', () => {
  const player = createPlayer(summarized)
  player.execute({ type: 'event', by: 1 })
  expect(player.event?.text).toBe('mark 5')
  expect(player.status.alertsKnown).toBe(true)
})

test('with no later or earlier event the player stays', () => {
  const player = createPlayer(plain)
  while (player.workInBackground(() => true));
  player.execute({ type: 'go', time: 58_000 })
  for (const [by, text] of [
    [1, 'no later event'],
    [1, 'no later event'],
  ] as const) {
    player.execute({ type: 'event', by })
    expect([player.eventMessage, player.status.at]).toEqual([text, 58_000])
  }
  player.execute({ type: 'go', time: 2000 })
  player.execute({ type: 'event', by: -1 })
  expect([player.eventMessage, player.status.at]).toEqual(['no earlier event', 2000])
})

test('a jump shorter than the interval goes to the next sample, either way', () => {
  const player = createPlayer(plain)
  player.execute({ type: 'go', time: 20_500 })
  player.execute({ type: 'seek', by: 100 })
  expect(player.status.at).toBe(21_002)
  player.execute({ type: 'seek', by: -100 })
  expect(player.status.at).toBe(20_902) // shows the sample of 20.002 s
  player.execute({ type: 'seek', by: -100 })
  expect(player.status.at).toBe(19_002)
})

describe('an alert that gets worse', () => {
  const finding = { ...createFinding(), detector: 'slab-growth' as const }
  const raised = reconcileAlerts([], [finding], 1000)
  const refreshed = reconcileAlerts(raised, [{ ...finding, at: 2000 }], 2000)
  const worse = { ...finding, severity: 'critical' as const, summary: 'ends soon' }
  const critical = reconcileAlerts(refreshed, [worse], 5000)
  const later = reconcileAlerts(critical, [worse], 6000)
  const over = reconcileAlerts(reconcileAlerts(later, [], 7000), [], 60_000)

  test('knows since when it is critical', () => {
    expect([raised, refreshed, critical, later].map(([alert]) => alert!.criticalAt)).toEqual([
      undefined,
      undefined,
      5000,
      5000,
    ])
  })

  test('has a stop for each turn, with the severity and the words of that time', () => {
    const records: readonly Alert[] = [raised[0]!, critical[0]!, over[0]!]
    expect(buildTimelineEvents(records, { marks: [], gaps: [] })).toEqual([
      { time: 1000, kind: 'warning', text: 'SLAB GROWTH  grows', until: 60_000 },
      { time: 5000, kind: 'critical', text: 'SLAB GROWTH  ends soon' },
      { time: 60_000, kind: 'ended', text: 'over: SLAB GROWTH' },
    ])
  })

  test('has a stop where it was acknowledged, however many records say so', () => {
    const acknowledged = acknowledgeAlert(critical, getAlertKey(finding), 5500)
    const [ended] = reconcileAlerts(reconcileAlerts(acknowledged, [], 7000), [], 60_000)
    const events = buildTimelineEvents([raised[0]!, critical[0]!], {
      marks: [],
      gaps: [],
      acknowledged: [acknowledged[0]!, ended!],
    })
    expect(events.map(({ time, kind }) => [time, kind])).toEqual([
      [1000, 'warning'],
      [5000, 'critical'],
      [5500, 'acknowledged'],
    ])
    expect(events.at(-1)!.text).toBe('acknowledged: SLAB GROWTH')
  })

  test('is a warning at a time before it became critical', () => {
    const records = [raised[0]!, critical[0]!, over[0]!]
    expect(buildAlertsAt(records, 3000)).toMatchObject([{ severity: 'warning', summary: 'grows' }])
    expect(buildAlertsAt(records, 5500)).toMatchObject([{ severity: 'critical' }])
  })
})

function createFinding() {
  return {
    subject: 'node',
    kind: 'condition' as const,
    severity: 'warning' as const,
    title: 'SLAB GROWTH',
    summary: 'grows',
    since: 0,
    at: 1000,
    evidence: [],
    remedy: [],
  }
}
