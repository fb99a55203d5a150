// Cutting: the part plays as the whole did, and what was wrong at its beginning is still explained.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import type { History } from '../../src/history.ts'
import { buildKeyframeAt, readSamplesBetween } from '../../src/playback/cut-recording.ts'
import type { RecordedSample } from '../../src/playback/recorded-samples.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { writeRecording } from '../../src/playback/write-recording.ts'
import { openBuffer, openRecording } from '../../src/recording/open-recording.ts'
import { pickCases } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { encodeRecording, generateSamples, insertKill } from '../recording/recordings.ts'

const SNAPSHOTS = new URL('../../snapshots/', import.meta.url).pathname
const scenarios = readdirSync(SNAPSHOTS, { withFileTypes: true }).flatMap(one => (one.isDirectory() ? one.name : []))
const MARKED = defaultThresholds['oom-kill'].markedMinutes * 60_000
const output = (): string => join(createTemporaryFolder(), 'c.kmem')

async function cut(seeker: RecordingSeeker, begin: number, end: number, dense = true): Promise<RecordingSeeker> {
  const { replayer, session } = seeker
  const path = output()
  const content = {
    session,
    keyframe: buildKeyframeAt(replayer, begin, MARKED),
    samples: readSamplesBetween(replayer, begin, end),
    dense,
  }
  await writeRecording(path, content, defaultThresholds)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  return replayAll(new RecordingSeeker(openRecording(path), defaultThresholds))
}

/** Replays it to its end: before that, the state at a far time is inexact. */
function replayAll(seeker: RecordingSeeker): RecordingSeeker {
  seeker.replayInBackground(() => true)
  return seeker
}

/** What the node's files say; not what was counted since the beginning. */
const factsOf = ({ meminfo, vmstat, slabinfo, slab, cgroups, names, time }: History) => ({
  time,
  memory: meminfo.values,
  counters: vmstat.counters,
  caches: slabinfo.caches.map(({ key, bytes, numObjs }) => [key, bytes, numObjs]),
  aliases: slab.aliases,
  cgroups: [...cgroups.cgroups]
    .map(([path, { inode, current, limit, oomKill }]) => [path, inode, current, limit, oomKill])
    .sort(),
  counts: [cgroups.numCgroups, cgroups.dying],
  names,
})

/** Those that have open alerts and kills where a part begins. */
const FEW = ['v1-slab-growth', 'v2-memcg-oom', 'v2-pod-limit-oom', 'v2-dying-memcgs']

/** Where a part begins. */
const shares = pickCases([0.5], [0.2, 0.5, 0.8])

describe.each(pickCases(FEW, scenarios))('%s', scenario => {
  let whole: RecordingSeeker
  beforeAll(() => {
    const recording = openRecording(`${SNAPSHOTS}${scenario}/session.kmem`)
    whole = replayAll(new RecordingSeeker(recording, defaultThresholds))
  })

  test.each(shares)('from %f of it on', async share => {
    const begin = whole.begin + share * (whole.end - whole.begin)
    const part = await cut(whole, begin, whole.end)
    expect(part.problems).toEqual([])
    for (const time of [part.firstSampleTime, whole.end]) {
      const [was, is] = [whole.seekExact(time).monitor, part.seekExact(time).monitor]
      expect(factsOf(is.history)).toEqual(factsOf(was.history))
      expect(is.history.kmsg.lost).toBeLessThanOrEqual(was.history.kmsg.lost)
      const kills = (history: History) => history.kmsg.oomKills.filter(kill => kill.time >= begin - MARKED)
      expect(kills(is.history)).toEqual(kills(was.history))
      const open = ({ alerts }: typeof was) => alerts.filter(({ resolvedAt, kind }) => kind === 'event' && !resolvedAt)
      const reported = (alert: ReturnType<typeof open>[number]) => [alert.subject, alert.count, alert.at]
      expect(open(is).map(reported)).toEqual(open(was).map(reported))
    }
  })
})

test('out of the middle of several parts, cut once more', async () => {
  const bytes = await encodeRecording(insertKill(generateSamples(60), 22))
  const whole = new RecordingSeeker(openBuffer('whole', bytes), defaultThresholds)
  whole.replayInBackground(() => true)
  const part = await cut(whole, 25_000, 50_000, false)
  const again = await cut(part, 33_000, 40_000)
  expect(again.seek(again.end).monitor.history.kmsg.oomKills).toHaveLength(
    whole.seek(40_000).monitor.history.kmsg.oomKills.length,
  )
  expect(factsOf(again.seek(39_002).monitor.history)).toEqual(factsOf(whole.seek(39_002).monitor.history))
  expect([again.begin, again.end]).toEqual([33_000, 39_002])
})

test('out of a recording that is damaged before, in and after the part', async () => {
  const samples = generateSamples(60)
  const bytes = await encodeRecording(samples)
  for (const share of [0.2, 0.5, 0.9]) {
    const damaged = Buffer.from(bytes)
    damaged[Math.floor(bytes.length * share)]! ^= 0x55
    const whole = new RecordingSeeker(openBuffer('damaged', damaged), defaultThresholds)
    const part = await cut(whole, 15_000, 45_000)
    expect(factsOf(part.seek(44_002).monitor.history)).toEqual(factsOf(whole.seek(44_002).monitor.history))
  }
})

test('one that is there already is not written over, one that cannot be made leaves nothing', async () => {
  const seeker = new RecordingSeeker(openBuffer('whole', await encodeRecording(generateSamples(5))), defaultThresholds)
  const path = output()
  function* failing(): Generator<RecordedSample> {
    yield* readSamplesBetween(seeker.replayer, 0, 2000)
    throw new Error('stop')
  }
  const content = { session: seeker.session, keyframe: [], dense: false }
  await expect(writeRecording(path, { ...content, samples: failing() }, defaultThresholds)).rejects.toThrow('stop')
  await writeRecording(path, { ...content, samples: readSamplesBetween(seeker.replayer, 0, 9000) }, defaultThresholds)
  await expect(writeRecording(path, { ...content, samples: [] }, defaultThresholds)).rejects.toThrow(/exists/)
})
