// Checkpoints: never too many, the beginning always, and always one before a time.
import { expect, test } from 'vitest'
import { SnapshotMap } from '../../src/base/snapshot-map.ts'
import type { Cgroup } from '../../src/collectors/cgroups/cgroup.ts'
import { createMonitorState } from '../../src/detectors/monitor-state.ts'
import { Checkpoints } from '../../src/playback/checkpoints.ts'
import type { PlaybackState } from '../../src/playback/replayer.ts'
import { session } from '../fixtures.ts'

function momentAt(time: number, cgroups = 0): PlaybackState {
  const { history, alerts } = createMonitorState(session)
  const tree = new SnapshotMap<string, Cgroup>().applyChanges(
    new Map(Array.from({ length: cgroups }, (_, i) => [`/${i}`, { path: `/${i}` } as Cgroup])),
  )
  const watch = { history: { ...history, time, cgroups: { ...history.cgroups, cgroups: tree } }, alerts }
  return { part: 0, read: time, monitor: watch, exact: true }
}

const timesOf = (all: Checkpoints, until: number, step: number): number[] => [
  ...new Set(Array.from({ length: until / step }, (_, i) => all.findBefore(i * step).monitor.history.time)),
]

test('are spread over the whole, bounded whatever its length', () => {
  const all = new Checkpoints(momentAt(0))
  for (let time = 300; time <= 86_400; time += 300) all.addCheckpoint(momentAt(time))
  expect(all.size).toBeLessThanOrEqual(24)
  const times = timesOf(all, 86_700, 300)
  expect(times[0]).toBe(0)
  expect(times.at(-1)).toBe(86_400)
  const gaps = times.slice(1).map((time, i) => time - times[i]!)
  expect(Math.max(...gaps)).toBeLessThanOrEqual((4 * 86_400) / 24)
})

test('of a node with many cgroups there are fewer', () => {
  const all = new Checkpoints(momentAt(0))
  for (let time = 300; time <= 30_000; time += 300) all.addCheckpoint(momentAt(time, 1000))
  expect(all.size).toBeLessThanOrEqual(8)
})

test('moments on the way are kept for a while, and serve until others come', () => {
  const all = new Checkpoints(momentAt(0))
  all.addCheckpoint(momentAt(1000))
  for (const time of [5000, 5100, 5200]) all.addRecent(momentAt(time))
  expect(all.findBefore(5150).monitor.history.time).toBe(5100)
  for (let time = 9000; time < 9900; time += 100) all.addRecent(momentAt(time))
  expect(all.findBefore(5150).monitor.history.time).toBe(1000)
  expect(all.size).toBeLessThanOrEqual(8)
})
