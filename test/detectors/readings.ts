// Hand-made readings: the files of a quiet node, with the changes of a test.
import type { Collector } from '../../src/collectors/collector.ts'
import type { CollectorId } from '../../src/collectors/index.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const MiB = 2 ** 20
export const GiB = 2 ** 30
export const V1 = '/sys/fs/cgroup/memory'
export const V2 = '/sys/fs/cgroup'
export const EL7 = '3.10.0-957.el7.x86_64'

export const createReading = (
  time: number,
  collector: CollectorId,
  files: Parameters<Collector<unknown>['applyFiles']>[1],
): Reading => ({
  time,
  collector,
  files,
})

/** Numbers of meminfo at a time; the rest is a quiet node of 64 GiB. */
export function createMeminfo(time: number, given: Readonly<Record<string, number>> = {}): Reading {
  const values = {
    MemTotal: 64 * GiB,
    MemFree: 30 * GiB,
    MemAvailable: 40 * GiB,
    Cached: 12 * GiB,
    Shmem: GiB,
    Mlocked: 0,
    Dirty: 4 * MiB,
    Writeback: 0,
    AnonPages: 18 * GiB,
    SReclaimable: GiB,
    SUnreclaim: GiB,
    PageTables: 100 * MiB,
    KernelStack: 20 * MiB,
    ...given,
  }
  const lines = Object.entries(values).map(([name, bytes]) => `${name}: ${Math.round(bytes / 1024)} kB\n`)
  return createReading(time, 'meminfo', { '/proc/meminfo': lines.join('') })
}

export const repeatReadings = (
  length: number,
  step: number,
  make: (time: number) => Reading | readonly Reading[],
): readonly Reading[] => Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => make(i * step)).flat()

export const createKmsg = (time: number, ...lines: readonly string[]): Reading =>
  createReading(time, 'kmsg', {
    '/dev/kmsg': lines
      .map((line, i) => `4,${Math.round(time) * 10 + i},${Math.round((time + session.monotonic!) * 1000)},-;${line}\n`)
      .join(''),
  })

export const V1_MOUNT = { '/proc/self/mountinfo': `31 25 0:27 / ${V1} rw - cgroup cgroup rw,memory\n` }
export const V2_MOUNT = {
  '/proc/self/mountinfo': `31 25 0:27 / ${V2} rw - cgroup2 cgroup2 rw\n`,
  [`${V2}/cgroup.controllers`]: 'memory pids\n',
}
export const formatProcCgroups = (count: number): string =>
  `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t9\t${count}\t1\n`
export const createV1Reading = (time: number, count: number, files: Readonly<Record<string, string>> = {}): Reading =>
  createReading(time, 'cgroups', {
    ...V1_MOUNT,
    [`${V1}/`]: '1\n',
    [`${V1}/a/`]: '2\n',
    '/proc/cgroups': formatProcCgroups(count),
    ...files,
  })
export const createV2Reading = (time: number, current: number, file = 0): Reading =>
  createReading(time, 'cgroups', {
    ...V2_MOUNT,
    [`${V2}/`]: '1\n',
    [`${V2}/app/`]: '2\n',
    [`${V2}/app/memory.max`]: `${GiB}\n`,
    [`${V2}/app/memory.current`]: `${Math.round(current)}\n`,
    [`${V2}/app/memory.stat`]: `anon ${Math.round(current - file)}\nfile ${Math.round(file)}\nshmem 0\n`,
  })

export const createThrottled = (time: number, count: number, file = 0): readonly Reading[] => [
  createV2Reading(time, 0.5 * GiB, file),
  createReading(time, 'cgroups', {
    [`${V2}/app/memory.events`]: `low 0\nhigh ${Math.round(count)}\nmax 0\noom 0\noom_kill 0\n`,
  }),
]

export const KMEM = createReading(1, 'kmem', {
  [`${V1}/kubepods/memory.kmem.slabinfo`]:
    'slabinfo - version: 2.1\n# name\ndentry 1 1 192 21 1 : tunables 0 0 0 : slabdata 1 1 0\n',
})
export const createPsi = (avg60: number): Reading =>
  createReading(0, 'pressure', {
    '/proc/pressure/memory': `some avg10=9.00 avg60=${avg60 + 1}.00 avg300=1.00 total=1\nfull avg10=9.00 avg60=${avg60}.00 avg300=1.00 total=1\n`,
  })
export const createBuddyinfo = (time: number, large: number): Reading =>
  createReading(time, 'buddyinfo', {
    '/proc/buddyinfo': `Node 0, zone   Normal 900000 9000 90 ${large} 0 0 0 0 0 0 0\n`,
  })
export const KILLED =
  'Memory cgroup out of memory: Killed process 77 (java) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0'
export const SLUB = [
  'SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
  '  cache: sigqueue, object size: 160, buffer size: 160, default order: 1, min order: 0',
]
