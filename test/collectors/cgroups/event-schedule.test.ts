// When event files are read: after a sign all of them, in two samples; otherwise in turn.
import { expect, test } from 'vitest'
import { EventSchedule } from '../../../src/collectors/cgroups/event-schedule.ts'
import { EventWatches } from '../../../src/collectors/cgroups/event-watches.ts'

const createPaths = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `/c${i}`)
const createSchedule = (isAnnounced: boolean): EventSchedule =>
  new EventSchedule(isAnnounced, new EventWatches(undefined, 'memory.events'))
const turn = { elapsed: 1000, share: 1 }

test('without signs every cgroup is read each second, with signs within a minute and a half', () => {
  const paths = createPaths(200)
  const read = (isAnnounced: boolean, seconds: number): number => {
    const schedule = createSchedule(isAnnounced)
    return Array.from({ length: seconds }, (_, i) => schedule.selectDue(paths, i * 1000, false, turn)).flat().length
  }
  expect(read(false, 5)).toBe(1000)
  expect(read(true, 5)).toBeLessThan(20)
  expect(read(true, 91)).toBeGreaterThanOrEqual(200)
})

test('a sign reads all events at once and in the next sample', () => {
  const schedule = createSchedule(true)
  const paths = createPaths(200)
  schedule.selectDue(paths, 0, false, turn)
  expect(schedule.selectDue(paths, 1200, true, turn)).toEqual(paths)
  expect(schedule.selectDue(paths, 2000, false, turn)).toEqual(paths)
  expect(schedule.selectDue(paths, 3000, false, turn).length).toBeLessThan(10)
})

test('on a large tree the reads of a second sign wait, and are not forgotten', () => {
  const schedule = createSchedule(true)
  const paths = createPaths(5000)
  expect(schedule.selectDue(paths, 10_000, true, turn)).toEqual(paths)
  expect(schedule.selectDue(paths, 10_200, true, turn)).toEqual([])
  expect(schedule.selectDue(paths, 11_000, false, turn).length).toBeLessThan(500)
  expect(schedule.selectDue(paths, 15_000, false, turn)).toEqual(paths)
})

test('a v1 cgroup with its OOM killer off is due in every sample, until it is on or the cgroup is gone', () => {
  const schedule = createSchedule(true)
  const paths = createPaths(200)
  schedule.selectDue(paths, 0, false, turn)
  schedule.updateEvents('/c150', 'oom_kill_disable 1\nunder_oom 0\noom_kill 0\n')
  expect(schedule.peekDue(paths, 1000, false, turn)).toContain('/c150')
  for (const time of [1000, 2000]) expect(schedule.selectDue(paths, time, false, turn)).toContain('/c150')
  schedule.updateEvents('/c150', 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n')
  expect(schedule.selectDue(paths, 3000, false, turn)).not.toContain('/c150')
})
