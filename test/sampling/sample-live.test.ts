// The live source on a saved tree: every collector at its interval, the log in between, and no stop for missing files.
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MiB } from '../../src/base/units.ts'
import { sampledIds } from '../../src/collectors/index.ts'
import type { Reading } from '../../src/history.ts'
import { MAX_RECORD_LINE } from '../../src/sampling/device-reader.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'
import { type SamplingPlan, sampleLive } from '../../src/sampling/sample-live.ts'
import { formatReport } from '../detectors/kills.ts'
import { buildHistory, getFixtureRoot } from '../fixtures.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { createHost, createInstantClock } from './fake-host.ts'

const plan: SamplingPlan = { collectors: sampledIds, interval: 1000 }

/** Batches until session time `end`. */
async function batches(
  root: string,
  end: number,
  of: Partial<SamplingPlan> = {},
  onBatch: (number: number) => void = () => {},
): Promise<readonly (readonly Reading[])[]> {
  const host = createLocalHost(root)
  const clock = createInstantClock()
  let stopped = false
  const all: (readonly Reading[])[] = []
  for await (const batch of sampleLive(host, clock, { ...plan, ...of }, () => stopped)) {
    all.push(batch)
    onBatch(all.length)
    stopped = clock.now() >= end
  }
  host.close()
  return all
}

const timesOf = (readings: readonly Reading[], id: string): readonly number[] =>
  readings.filter(({ collector }) => collector === id).map(({ time }) => time)

test('a flood of the log comes in batches of a bounded size, and none of it is left out', async () => {
  const root = createTemporaryFolder()
  mkdirSync(join(root, 'dev'))
  const records = Array.from({ length: 200_000 }, (_, i) => `6,${i},${i},-;usb 1-1: reset high-speed USB device\n`)
  writeFileSync(join(root, 'dev/kmsg'), records.join(''))
  const sizes = (await batches(root, 10_000, { collectors: ['kmsg'] })).map(batch =>
    batch.reduce((sum, { files }) => sum + (files['/dev/kmsg']?.length ?? 0), 0),
  )
  expect(sizes[0]).toBeLessThanOrEqual(4 * MiB)
  expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(MiB + MAX_RECORD_LINE) // with the line that the drain before ended in
  expect(sizes.reduce((sum, size) => sum + size)).toBe(records.join('').length)
})

describe('on a saved tree', () => {
  test('no more samples are taken than are wanted, however late the end is', async () => {
    const host = createLocalHost(getFixtureRoot('6.12'))
    const clock = createInstantClock()
    const times: number[] = []
    for await (const batch of sampleLive(host, clock, { ...plan, maxSamples: 3 }, () => clock.now() >= 9000))
      times.push(...timesOf(batch, 'meminfo'))
    host.close()
    expect(times).toEqual([0, 1000, 2000])
  })

  test('every collector is read at its own interval', async () => {
    const readings = (await batches(getFixtureRoot('6.12'), 20_000)).flat()
    expect(timesOf(readings, 'meminfo')).toEqual(Array.from({ length: 21 }, (_, i) => i * 1000))
    expect(timesOf(readings, 'slabinfo')).toEqual([0, 10_000, 20_000])
    expect(timesOf(readings, 'uptime')).toEqual([0, 10_000, 20_000])
    expect(timesOf(readings, 'slab')).toEqual([0])
  })

  test('an unchanged text comes once', async () => {
    const readings = (await batches(getFixtureRoot('6.12'), 5000))
      .flat()
      .filter(({ collector }) => collector === 'meminfo')
    expect(readings.map(({ files }) => Object.keys(files).length)).toEqual([1, 0, 0, 0, 0, 0])
  })

  test('the history has the files that exist, and a missing file is a problem with a hint', async () => {
    const history = buildHistory((await batches(getFixtureRoot('6.12'), 0)).flat())
    expect(history.meminfo.values.get('MemTotal')).toBeGreaterThan(0)
    expect(history.slabinfo.caches.length).toBeGreaterThan(100)
    expect(history.cgroups.mode).toBe('v2')
    expect(history.cgroups.cgroups.get('/system.slice')?.current).toBeGreaterThan(0)
    expect(history.sources.kmsg).toMatchObject({ error: expect.stringContaining('ENOENT'), hint: expect.any(String) })
    expect(history.sources.meminfo?.error).toBeUndefined()
  })

  test('only the collectors of the plan are read', async () => {
    const readings = (await batches(getFixtureRoot('6.12'), 3000, { collectors: ['vmstat', 'meminfo'] })).flat()
    expect(new Set(readings.map(({ collector }) => collector))).toEqual(new Set(['vmstat', 'meminfo']))
  })

  test('an empty tree gives errors in every sample', async () => {
    const root = createTemporaryFolder()
    const readings = (await batches(root, 3000)).flat()
    const well = readings.filter(({ collector, error }) => collector !== 'names' && !error?.startsWith('ENOENT')) // names need no file
    expect(well.map(({ collector, time }) => `${collector} at ${time}`)).toEqual([])
    expect(timesOf(readings, 'meminfo')).toHaveLength(4)
  })
})

describe('a kill in the log', () => {
  test('comes before the next tick, with the counters', async () => {
    const root = createTemporaryFolder()
    cpSync(getFixtureRoot('6.12'), root, { recursive: true })
    mkdirSync(join(root, 'dev'))
    writeFileSync(join(root, 'dev/kmsg'), '6,1,1,-;boot\n')
    const all = await batches(root, 3000, {}, number => {
      if (number === 2) appendFileSync(join(root, 'dev/kmsg'), formatReport(500))
    })
    const at = all.findIndex(batch => batch.some(({ files }) => files['/dev/kmsg']?.includes('Killed process')))
    expect(all[at]!.map(({ collector }) => collector).toSorted()).toEqual(['cgroups', 'kmsg', 'vmstat'])
    expect(all[at]![0]!.time).toBeLessThan(1500)
    expect(buildHistory(all.flat()).kmsg.oomKills).toMatchObject([{ victim: { comm: 'java' } }])
  })
})

test('ticks missed while the whole machine was stopped are skipped', async () => {
  const clock = createInstantClock()
  const times: number[] = []
  const host = createHost({ '/proc/meminfo': 'MemTotal: 1 kB\n' })
  const plan: SamplingPlan = { collectors: ['meminfo'], interval: 1000 }
  for await (const batch of sampleLive(host, clock, plan, () => times.length === 6)) {
    times.push(...batch.map(({ time }) => time))
    if (times.length === 3) clock.spend(5400)
  }
  expect(times.slice(0, 3)).toEqual([0, 1000, 2000])
  expect(times.slice(3).every(time => time >= 7400)).toBe(true)
  expect(times.slice(4).map(time => time % 1000)).toEqual([0, 0])
})

test('stops at once on request', async () => {
  let samples = 0
  for await (const _ of sampleLive(createHost({}), createInstantClock(), plan, () => true)) samples++
  expect(samples).toBe(0)
})

test('a slow node over a link rests after a sample for as long as it took; the first is rehearsed', async () => {
  const clock = createInstantClock()
  const calls: number[] = []
  const link = {
    beginSample: () => {
      calls.push(clock.now())
      clock.spend(5000)
      return undefined
    },
    rehearse: () => {
      clock.spend(60_000)
      return undefined
    },
    prefetch: () => {},
    takeCost: () => 0,
    get sampledAt() {
      return clock.now()
    },
    failure: undefined,
  }
  const host = { ...createHost({ '/proc/meminfo': 'MemTotal: 1 kB\n' }), link }
  const samples = sampleLive(host, clock, { collectors: ['meminfo'], interval: 1000 }, () => clock.now() > 100_000)
  const times: number[] = []
  for await (const batch of samples) times.push(...batch.map(({ time }) => time))
  expect(times).toEqual([60_000, 66_000, 76_000, 86_000, 96_000])
  expect(calls).toEqual([61_000, 71_000, 81_000, 91_000])
})
