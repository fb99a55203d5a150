// Cutting: the part plays as the whole did, and what was wrong at its beginning is still explained.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import type { History } from '../../src/history.ts'
import { keyframeAt, looksWithin } from '../../src/session/cutting.ts'
import type { TapeLook } from '../../src/session/looks.ts'
import { Reel } from '../../src/session/reel.ts'
import { writeRecording } from '../../src/session/rewrite.ts'
import { openRecording, tapeInMemory } from '../../src/sources/kmem/open.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { looksOf as lookAt, recorded, withKill } from '../sources/kmem/recordings.ts'

const SNAPSHOTS = new URL('../../snapshots/', import.meta.url).pathname
const scenarios = readdirSync(SNAPSHOTS, { withFileTypes: true }).flatMap(one => (one.isDirectory() ? one.name : []))
const MARKED = defaultThresholds['oom-kill'].markedMinutes * 60_000
const output = (): string => join(temporaryFolder(), 'c.kmem')

async function cut(reel: Reel, begin: number, end: number, dense = true): Promise<Reel> {
  const { folder, session } = reel
  const path = output()
  const content = {
    session,
    keyframe: keyframeAt(folder, begin, MARKED),
    looks: looksWithin(folder, begin, end),
    dense,
  }
  await writeRecording(path, content, defaultThresholds)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  return folded(new Reel(openRecording(path), defaultThresholds))
}

/** Read through: before, far moments are provisional. */
function folded(reel: Reel): Reel {
  reel.work(() => true)
  return reel
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

describe.each(scenarios)('%s', scenario => {
  test.each([0.2, 0.5, 0.8])(
    'from %f of it on',
    async share => {
      const whole = folded(new Reel(openRecording(`${SNAPSHOTS}${scenario}/session.kmem`), defaultThresholds))
      const begin = whole.begin + share * (whole.end - whole.begin)
      const part = await cut(whole, begin, whole.end)
      expect(part.problems).toEqual([])
      for (const time of [part.firstLook, whole.end]) {
        const [was, is] = [whole.exactly(time).watch, part.exactly(time).watch]
        expect(factsOf(is.history)).toEqual(factsOf(was.history))
        expect(is.history.kmsg.lost).toBeLessThanOrEqual(was.history.kmsg.lost)
        const kills = (history: History) => history.kmsg.oomKills.filter(kill => kill.time >= begin - MARKED)
        expect(kills(is.history)).toEqual(kills(was.history))
        const open = ({ alerts }: typeof was) =>
          alerts.filter(({ resolvedAt, kind }) => kind === 'event' && !resolvedAt)
        const told = (alert: ReturnType<typeof open>[number]) => [alert.subject, alert.count, alert.at]
        expect(open(is).map(told)).toEqual(open(was).map(told))
      }
    },
    60_000,
  )
})

test('out of the middle of several parts, cut once more', async () => {
  const bytes = await recorded(withKill(lookAt(60), 22))
  const whole = new Reel(tapeInMemory('whole', bytes), defaultThresholds)
  whole.work(() => true)
  const part = await cut(whole, 25_000, 50_000, false)
  const again = await cut(part, 33_000, 40_000)
  expect(again.at(again.end).watch.history.kmsg.oomKills).toHaveLength(
    whole.at(40_000).watch.history.kmsg.oomKills.length,
  )
  expect(factsOf(again.at(39_002).watch.history)).toEqual(factsOf(whole.at(39_002).watch.history))
  expect([again.begin, again.end]).toEqual([33_000, 39_002])
})

test('out of a recording that is damaged before, in and after the part', async () => {
  const looks = lookAt(60)
  const bytes = await recorded(looks)
  for (const share of [0.2, 0.5, 0.9]) {
    const damaged = Buffer.from(bytes)
    damaged[Math.floor(bytes.length * share)]! ^= 0x55
    const whole = new Reel(tapeInMemory('damaged', damaged), defaultThresholds)
    const part = await cut(whole, 15_000, 45_000)
    expect(factsOf(part.at(44_002).watch.history)).toEqual(factsOf(whole.at(44_002).watch.history))
  }
})

test('one that is there already is not written over, one that cannot be made leaves nothing', async () => {
  const reel = new Reel(tapeInMemory('whole', await recorded(lookAt(5))), defaultThresholds)
  const path = output()
  function* failing(): Generator<TapeLook> {
    yield* looksWithin(reel.folder, 0, 2000)
    throw new Error('stop')
  }
  const content = { session: reel.session, keyframe: [], dense: false }
  await expect(writeRecording(path, { ...content, looks: failing() }, defaultThresholds)).rejects.toThrow('stop')
  await writeRecording(path, { ...content, looks: looksWithin(reel.folder, 0, 9000) }, defaultThresholds)
  await expect(writeRecording(path, { ...content, looks: [] }, defaultThresholds)).rejects.toThrow(/exists/)
})
