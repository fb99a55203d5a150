// Recordings of several sessions in one: each part has its own clocks and its own kernel; what cannot be placed says so.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { buildKeyframeAt, readSamplesBetween } from '../../src/playback/cut-recording.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import type { PlaybackState } from '../../src/playback/replayer.ts'
import { writeRecording } from '../../src/playback/write-recording.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer, openRecording } from '../../src/recording/open-recording.ts'
import { shiftSummary } from '../../src/recording/session-offsets.ts'
import { session } from '../fixtures.ts'
import { toPlainValues } from '../helpers/plain-values.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { encodeRecording, generateSamples, insertKill } from './recordings.ts'

const HOUR = 3_600_000
const rebooted: RecordingHeader = {
  ...session,
  bootId: 'another',
  wallClock: session.wallClock + HOUR,
  monotonic: 5000,
}

const played = (bytes: Buffer): RecordingSeeker => {
  const seeker = new RecordingSeeker(openBuffer('test', bytes), defaultThresholds)
  seeker.replayInBackground(() => true)
  return seeker
}

/** A kill in the log of a boot, at a session time. */
const withKillOf = (of: RecordingHeader, at: number) =>
  insertKill(generateSamples(30), at).map(sample =>
    sample.map(reading =>
      reading.collector === 'kmsg'
        ? { ...reading, files: { '/dev/kmsg': restamped(reading.files['/dev/kmsg']!, of) } }
        : reading,
    ),
  )

const restamped = (text: string, of: RecordingHeader): string => {
  const by = ((of.monotonic ?? 0) - (session.monotonic ?? 0)) * 1000
  return text.replace(
    /^(\d+,\d+),(\d+)/gm,
    (_, head: string, stamp: string) => `${head},${Math.round(Number(stamp) + by)}`,
  )
}

test('kernel log times are placed by the clocks of their part', async () => {
  const both = Buffer.concat([
    await encodeRecording(withKillOf(session, 10)),
    await encodeRecording(withKillOf(rebooted, 20), { of: rebooted }),
  ])
  const seeker = played(both)
  const first = seeker.seekExact(29_500).monitor.history
  const last = seeker.seekExact(seeker.end).monitor.history
  expect(first.kmsg.oomKills.map(({ time }) => Math.round(time / 1000))).toEqual([10])
  expect(last.kmsg.oomKills.map(({ time }) => Math.round((time - HOUR) / 1000))).toEqual([20])
  expect(last.session.bootId).toBe('another')
  expect(last.kmsg.lost).toBe(0) // another boot counts from another number
  expect(seeker.problems).toEqual([])
  const alone = played(await encodeRecording(withKillOf(rebooted, 20), { of: rebooted }))
  const own = alone.seekExact(alone.end).monitor.history
  expect(last.cgroups.kills).toEqual(own.cgroups.kills)
  expect(toPlainValues([...last.cgroups.cgroups.keys()])).toEqual(toPlainValues([...own.cgroups.cgroups.keys()]))
})

test('what was open when the node went down is over', async () => {
  const both = Buffer.concat([
    await encodeRecording(withKillOf(session, 10)),
    await encodeRecording(generateSamples(30), { of: rebooted }),
  ])
  const { alerts } = played(both).seekExact(HOUR + 25_000).monitor
  expect(alerts.map(({ detector }) => detector)).toContain('oom-kill')
  expect(alerts.every(({ resolvedAt }) => resolvedAt !== undefined && resolvedAt < 31_000)).toBe(true)
})

test('the same boot recorded again goes on, though the clock on the wall was put back', async () => {
  const again = { ...session, wallClock: session.wallClock - HOUR, monotonic: (session.monotonic ?? 0) + 60_000 }
  const both = Buffer.concat([
    await encodeRecording(generateSamples(30)),
    await encodeRecording(generateSamples(30, 2), { of: again }),
  ])
  const seeker = played(both)
  expect(seeker.problems).toEqual([])
  expect(Math.round(seeker.end / 1000)).toBe(89)
  const { history } = seeker.seekExact(seeker.end).monitor
  expect(history.session.wallClock + 60_000).toBe(again.wallClock)
})

test('one that cannot be placed is played after the other, and that is said', async () => {
  const earlier = { ...session, bootId: 'earlier', wallClock: session.wallClock - HOUR }
  const seeker = played(
    Buffer.concat([
      await encodeRecording(generateSamples(30)),
      await encodeRecording(generateSamples(30), { of: earlier }),
    ]),
  )
  expect(seeker.problems.join()).toMatch(/begins at .* it is played after it/)
  expect(Math.round(seeker.end / 1000)).toBe(59)
  const twice = played(
    Buffer.concat([await encodeRecording(generateSamples(30)), await encodeRecording(generateSamples(30))]),
  )
  expect(twice.problems).toHaveLength(1)
})

test('plain text of two boots too; a cut over both holds both, and its index knows whose each part is', async () => {
  const lines = (of: RecordingHeader): string =>
    encodeHeader(of, 0) + generateSamples(10).flat().map(encodeReading).join('')
  const seeker = played(Buffer.from(lines(session) + lines(rebooted)))
  expect(seeker.seekExact(seeker.end).monitor.history.session.bootId).toBe('another')
  const samples = [...readSamplesBetween(seeker.replayer, 5000, seeker.end)]
  expect(new Set(samples.map(sample => sample.session.bootId))).toEqual(new Set([session.bootId, 'another']))
  const path = join(createTemporaryFolder(), 'both.kmem')
  const content = { session, keyframe: buildKeyframeAt(seeker.replayer, 5000, 0), samples, dense: false }
  await writeRecording(path, content, defaultThresholds)
  const open = openRecording(path)
  expect(open.recording).toMatchObject({ complete: true, problems: [] })
  const again = new RecordingSeeker(open, defaultThresholds)
  again.replayInBackground(() => true)
  open.close()
  const kept = ({ monitor: { history } }: PlaybackState) => [
    history.session,
    history.meminfo.values,
    [...history.cgroups.cgroups.keys()].sort(),
  ]
  for (const time of [7500, seeker.end]) expect(kept(again.seekExact(time))).toEqual(kept(seeker.seekExact(time)))
})

test('of an alert in a summary every time is converted, also that at which it became critical', () => {
  const times = { since: 1, at: 2, raisedAt: 3, criticalAt: 4, seenAt: 5, overAt: 6, resolvedAt: 7, acknowledgedAt: 8 }
  const summary = { begin: 0, end: 9, readings: 1, bytes: 1, alerts: [{ ...times, count: 2 }], marks: [], minutes: [] }
  const shifted = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time + 1000]))
  expect(shiftSummary(summary, 1000).alerts).toEqual([{ ...shifted, count: 2 }])
})
