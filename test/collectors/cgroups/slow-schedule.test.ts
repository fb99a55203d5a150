// When memory.stat of a cgroup is read: in turn, and each second for those that a load test is about.
import { expect, test } from 'vitest'
import { SlowSchedule } from '../../../src/collectors/cgroups/slow-schedule.ts'

const ALL = ['/m/shop', '/m/shop/web', '/m/shopping', '/m/batch']

/** How often each cgroup is read in a minute of samples each second, where those in `hot` are hot. */
function countReads(watched: readonly string[], hot: readonly string[]): ReadonlyMap<string, number> {
  const schedule = new SlowSchedule(watched)
  const reads = new Map<string, number>()
  for (let time = 0; time < 60_000; time += 1000) {
    for (const path of schedule.selectDue(schedule.addWatched(new Set(hot), ALL), time, 1000)) {
      reads.set(path, (reads.get(path) ?? 0) + 1)
      schedule.markRead(path, time, 4096)
    }
  }
  return reads
}

test('hot cgroups are read every ten seconds', () => {
  expect(countReads([], ['/m/shop', '/m/batch'])).toEqual(
    new Map([
      ['/m/shop', 6],
      ['/m/batch', 6],
    ]),
  )
})

test('a watched cgroup and those below it are read each second, also where they are not hot', () => {
  expect(countReads(['/m/shop'], ['/m/batch'])).toEqual(
    new Map([
      ['/m/shop', 60],
      ['/m/shop/web', 60],
      ['/m/batch', 6],
    ]),
  )
})

test('a cgroup is quiet while its usage is the same to the byte, for five minutes at most', () => {
  const schedule = new SlowSchedule([])
  expect(schedule.isQuiet('/m/shop', 0, 4096)).toBe(false)
  schedule.markRead('/m/shop', 0, 4096)
  expect(schedule.isQuiet('/m/shop', 30_000, 4096)).toBe(true)
  expect(schedule.isQuiet('/m/shop', 30_000, 8192)).toBe(false)
  expect(schedule.isQuiet('/m/shop', 30_000, undefined)).toBe(false)
  expect(schedule.isQuiet('/m/shop', 300_000, 4096)).toBe(false)
})
