// Watches on events files: read after a notice, and read again as before where a notice is missing.
import { expect, test } from 'vitest'
import { EventSchedule } from '../../../src/collectors/cgroups/event-schedule.ts'
import { EventWatches } from '../../../src/collectors/cgroups/event-watches.ts'
import type { FileListener } from '../../../src/collectors/collector.ts'

const turn = { elapsed: 1000, share: 1 }

/** A kernel that announces what `change` is called with. */
function createKernel(canWatch: (path: string) => boolean = () => true) {
  const listeners = new Map<string, FileListener>()
  return {
    notices: {
      isCgroupTree: () => true,
      watchFile: (path: string, listener: FileListener) => {
        if (!canWatch(path)) return undefined
        listeners.set(path, listener)
        return () => void listeners.delete(path)
      },
    },
    change: (path: string): void => listeners.get(path)?.onChange(),
    fail: (path: string): void => listeners.get(path)?.onEnd(),
    listeners,
  }
}

const createPaths = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `/c${i}`)

test('a watched cgroup is read after a notice, and otherwise within a minute', () => {
  const { notices, change } = createKernel()
  const watches = new EventWatches(notices, 'memory.events')
  const schedule = new EventSchedule(false, watches)
  const paths = createPaths(200)
  for (const path of paths) watches.add(path)
  const quiet = Array.from({ length: 60 }, (_, i) => schedule.selectDue(paths, i * 1000, false, turn))
  expect(Math.max(...quiet.map(({ length }) => length))).toBeLessThan(10)
  expect(new Set(quiet.flat()).size).toBe(200)
  change('/c42/memory.events')
  expect(schedule.peekDue(paths, 60_000, false, turn)).toContain('/c42')
  expect(schedule.selectDue(paths, 60_000, false, turn)).toContain('/c42')
  watches.markRead('/c42', 60_000, true)
  expect(watches.listChanged()).toEqual([])
})

test('a cgroup that cannot be watched is read each second', () => {
  const { notices } = createKernel(path => path !== '/c7/memory.events')
  const watches = new EventWatches(notices, 'memory.events')
  const schedule = new EventSchedule(false, watches)
  const paths = createPaths(200)
  for (const path of paths) watches.add(path)
  for (let i = 0; i < 5; i++) expect(schedule.selectDue(paths, i * 1000, false, turn)).toContain('/c7')
})

test('of many cgroups a thousand are watched', () => {
  const { notices, listeners } = createKernel()
  const watches = new EventWatches(notices, 'memory.events')
  for (const path of createPaths(1200)) watches.add(path)
  expect(listeners.size).toBe(1000)
  watches.remove('/c5')
  watches.add('/c1100')
  expect(watches.has('/c1100')).toBe(true)
  expect(listeners.size).toBe(1000)
})

test('a watch that misses an event ends, one whose notice comes late stays', () => {
  const { notices, change } = createKernel()
  const watches = new EventWatches(notices, 'memory.events')
  for (const path of ['/late', '/deaf']) watches.add(path)
  for (const path of ['/late', '/deaf']) watches.markRead(path, 0, true)
  change('/late/memory.events')
  watches.dropMissing(4000)
  expect(watches.has('/deaf')).toBe(true)
  watches.dropMissing(6000)
  expect(watches.has('/deaf')).toBe(false)
  expect(watches.has('/late')).toBe(true)
})

test('a cgroup whose watch fails is read each second again', () => {
  const { notices, fail } = createKernel()
  const watches = new EventWatches(notices, 'memory.events')
  const schedule = new EventSchedule(false, watches)
  const paths = createPaths(200)
  for (const path of paths) watches.add(path)
  fail('/c7/memory.events')
  for (let i = 0; i < 5; i++) expect(schedule.selectDue(paths, i * 1000, false, turn)).toContain('/c7')
})
