// Who holds the memory of an alert: the holder is named among decoys, with how sure it is, and a replay of the readings names the same.
import { describe, expect, test } from 'vitest'
import {
  formatSurvey,
  type ProcessFacts,
  type SurveyLine,
  type TmpfsFacts,
} from '../../src/collectors/holders/survey.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { formatHolder } from '../../src/detectors/holders/format-holder.ts'
import type { Holder } from '../../src/detectors/holders/holder.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'

const GiB = 2 ** 30

const processOf = (pid: number, name: string, more: Partial<ProcessFacts> = {}): SurveyLine => ({
  ...{ fact: 'process', pid, name, cgroup: '/', files: 10, kinds: {}, threads: 1 },
  ...{ pageTables: 4096, shmem: 0, watches: 0, locks: 0, queued: 0 },
  ...more,
})
const mountOf = (path: string, inodes: number | null): SurveyLine => {
  const facts: TmpfsFacts = { path, device: path, inodes, bytes: null, pid: 1, cgroup: '/' }
  return { fact: 'tmpfs', ...facts }
}
const survey = (time: number, reason: string, lines: readonly SurveyLine[], more = {}): Reading => {
  const coverage: SurveyLine = {
    ...{ fact: 'coverage', reason, processes: 300, processesRead: 300, refused: 0, openFiles: null, cost: 40 },
    ...more,
  }
  return { time, collector: 'holders', files: { '/survey': formatSurvey([coverage, ...lines]) } }
}

const slabinfo = (time: number, objects: Readonly<Record<string, number>>): Reading => ({
  time,
  collector: 'slabinfo',
  files: {
    '/proc/slabinfo': `slabinfo - version: 2.1\n# name\n${Object.entries(objects)
      .map(
        ([name, count]) =>
          `${name} ${count} ${count} 1024 4 1 : tunables 0 0 0 : slabdata ${count / 4} ${count / 4} 0\n`,
      )
      .join('')}`,
  },
})
const meminfo = (time: number, more: Readonly<Record<string, number>> = {}): Reading => {
  const lines = {
    MemTotal: 64 * GiB,
    MemFree: 40 * GiB,
    MemAvailable: 50 * GiB,
    SUnreclaim: GiB,
    PageTables: GiB / 8,
    ...more,
  }
  const text = Object.entries(lines).map(([name, bytes]) => `${name}: ${Math.round(bytes / 1024)} kB\n`)
  return { time, collector: 'meminfo', files: { '/proc/meminfo': text.join('') } }
}

// A third of all RAM in unreclaimable slab, which came after the first reading in the caches named.
const grown = (caches: Readonly<Record<string, number>>): readonly Reading[] => [
  slabinfo(0, {
    TCP: 400,
    filp: 400,
    shmem_inode_cache: 400,
    task_struct: 400,
    ...Object.fromEntries(Object.keys(caches).map(name => [name, 400])),
  }),
  meminfo(0),
  slabinfo(1000, { TCP: 400, filp: 400, shmem_inode_cache: 400, task_struct: 400, ...caches }),
  meminfo(2000, { SUnreclaim: 22 * GiB, MemFree: 19 * GiB }),
]

const run = (readings: readonly Reading[]): MonitorState =>
  readings.reduce((state, one) => applyReading(state, one, defaultThresholds), createMonitorState(session))
const findAlert = (readings: readonly Reading[], detector: string): Alert =>
  run(readings).alerts.find(alert => alert.detector === detector)!
const namesOf = (holders: readonly Holder[] | undefined): readonly (readonly [string, string])[] =>
  (holders ?? []).map(({ name, confidence }) => [name, confidence] as const)

const SLAB = 'slab-growth SUnreclaim'

describe('of a slab alert', () => {
  const decoys = [
    processOf(10, 'web', { files: 9000, kinds: { file: 8900, socket: 100 } }),
    processOf(11, 'db', { threads: 400 }),
  ]

  test('sockets: the process with most of them, not the one with most files or threads', () => {
    const lines = [...decoys, processOf(12, 'leak', { files: 7000, kinds: { socket: 6990 }, cgroup: '/kubepods/x' })]
    const { holders } = findAlert([...grown({ TCP: 20_000_000 }), survey(3000, SLAB, lines)], 'slab-growth')
    expect(namesOf(holders)).toEqual([['leak[12]', 'high']])
    expect(holders![0]).toMatchObject({ kind: 'process', cgroup: '/kubepods/x', holds: '6,990 socket' })
  })

  test('open files: as a share of all of the node, so that many small ones are no holder', () => {
    const lines = [...decoys, processOf(12, 'leak', { files: 12_000, kinds: { eventfd: 11_990, file: 10 } })]
    const readings = [...grown({ filp: 20_000_000 }), survey(3000, SLAB, lines, { openFiles: 200_000 })]
    expect(findAlert(readings, 'slab-growth').holders).toEqual([])
    const most = [...grown({ filp: 20_000_000 }), survey(3000, SLAB, lines, { openFiles: 21_500 })]
    expect(namesOf(findAlert(most, 'slab-growth').holders)).toEqual([
      ['leak[12]', 'medium'],
      ['web[10]', 'medium'],
    ])
  })

  test('processes of one name in one cgroup are one holder', () => {
    const workers = Array.from({ length: 20 }, (_, i) =>
      processOf(100 + i, 'worker', { files: 900 + i, kinds: { eventfd: 900 } }),
    )
    const readings = [
      ...grown({ filp: 20_000_000 }),
      survey(3000, SLAB, [...decoys, ...workers], { openFiles: 28_000 }),
    ]
    const [first] = findAlert(readings, 'slab-growth').holders!
    expect(first).toMatchObject({ name: expect.stringMatching(/^worker\[\d+\] and 19 more$/), holds: '18,000 eventfd' })
  })

  test('a second survey names who still grows, however much a decoy holds', () => {
    const lines = (sockets: number) => [
      processOf(10, 'proxy', { files: 50_000, kinds: { socket: 50_000 } }),
      processOf(12, 'leak', { files: sockets, kinds: { socket: sockets } }),
    ]
    const readings = [...grown({ TCP: 20_000_000 }), survey(3000, SLAB, lines(6000)), survey(33_000, SLAB, lines(9000))]
    const { holders } = findAlert(readings, 'slab-growth')
    expect(namesOf(holders)).toEqual([['leak[12]', 'high']])
    expect(holders![0]!.holds).toBe('9,000 socket, growing')
  })

  test('files in tmpfs: the mount; one without a limit keeps no count and is not named', () => {
    const lines = [...decoys, mountOf('/dev/shm', 150_000), mountOf('/run', 900), mountOf('/unlimited', null)]
    const { holders } = findAlert(
      [...grown({ shmem_inode_cache: 20_000_000 }), survey(3000, SLAB, lines)],
      'slab-growth',
    )
    expect(namesOf(holders)).toEqual([['/dev/shm', 'high']])
    expect(holders![0]!.holds).toBe('150 k files and directories in tmpfs')
  })

  test('is less sure where the survey did not get through, or could not see all', () => {
    const lines = [processOf(12, 'leak', { files: 7000, kinds: { socket: 6990 } })]
    const confidence = (more: object) =>
      findAlert([...grown({ TCP: 20_000_000 }), survey(3000, SLAB, lines, more)], 'slab-growth').holders![0]!.confidence
    expect(confidence({})).toBe('high')
    expect(confidence({ processesRead: 120 })).toBe('medium')
    expect(confidence({ refused: 40 })).toBe('medium')
  })

  test('is not found out from a survey of another alert, or from one before it', () => {
    const lines = [processOf(12, 'leak', { files: 7000, kinds: { socket: 6990 } })]
    expect(
      findAlert([...grown({ TCP: 20_000_000 }), survey(3000, 'kernel-memory PageTables', lines)], 'slab-growth')
        .holders,
    ).toBeUndefined()
    expect(findAlert([survey(0, SLAB, lines), ...grown({ TCP: 20_000_000 })], 'slab-growth').holders).toBeUndefined()
  })
})

test('of page tables: the processes with most of them', () => {
  const lines = [
    processOf(10, 'web', { files: 90_000 }),
    processOf(20, 'postgres', { pageTables: 5 * GiB }),
    processOf(21, 'cron'),
  ]
  const readings = [meminfo(0, { PageTables: 6 * GiB }), survey(1000, 'kernel-memory PageTables', lines)]
  const { holders } = findAlert(readings, 'kernel-memory')
  expect(namesOf(holders)).toEqual([['postgres[20]', 'high']])
  expect(formatHolder(run(readings).history, holders![0]!)).toBe(
    'postgres[20]: 5.00 GiB of page tables, 83 % of all (high confidence)',
  )
})

test('of cache that cannot be freed: the tmpfs mount with most of its bytes, and the process that maps it', () => {
  const mount = { ...mountOf('/data', 12), bytes: 20 * GiB }
  const lines = [processOf(30, 'cache', { shmem: 4 * GiB }), processOf(31, 'web'), mount, mountOf('/run', 900)]
  const readings = [
    meminfo(0, { Cached: 26 * GiB, Shmem: 25 * GiB }),
    survey(1000, 'pinned-cache Cached', lines as readonly SurveyLine[]),
  ]
  const { holders } = findAlert(readings, 'pinned-cache')
  expect(holders!.map(holder => formatHolder(run(readings).history, holder))).toEqual([
    '/data: 20.0 GiB of files in tmpfs, 80 % of all (high confidence)',
    'cache[30]: 4.00 GiB of shared memory mapped, 16 % of all (low confidence)',
  ])
})

describe('of removed cgroups', () => {
  const MOUNT = '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  const cgroups = (time: number, dying: Readonly<Record<string, number>>): Reading => ({
    time,
    collector: 'cgroups',
    files: {
      '/proc/self/mountinfo': MOUNT,
      '/sys/fs/cgroup/cgroup.controllers': 'memory\n',
      ...Object.fromEntries(
        Object.entries(dying).flatMap(([path, count], i) => [
          [`/sys/fs/cgroup${path}/`, String(100 + i)],
          [
            `/sys/fs/cgroup${path}/cgroup.stat`,
            `nr_descendants 3\nnr_subsys_memory 4\nnr_dying_descendants ${count}\nnr_dying_subsys_memory ${count}\n`,
          ],
          [`/sys/fs/cgroup${path}/memory.current`, `${path === '' ? '' : 600 * 2 ** 20}\n`],
        ]),
      ),
    },
  })
  const run2 = (dying: Readonly<Record<string, number>>, lines: readonly SurveyLine[]) => [
    meminfo(0),
    cgroups(1000, dying),
    survey(2000, 'dying-cgroups dying', lines),
  ]

  test('the cgroup they were directly below, not those above it, and not one with few', () => {
    const readings = run2({ '': 1000, '/kubepods': 960, '/kubepods/burstable': 950, '/system.slice': 40 }, [])
    const { holders } = findAlert(readings, 'dying-cgroups')
    expect(holders!.map(holder => formatHolder(run(readings).history, holder))).toEqual([
      '/kubepods/burstable: 950 removed cgroups that were directly below it, 95 % of all (high confidence)',
    ])
  })
})

test('a survey that is no survey is a problem of its source, and no holder is named', () => {
  const readings: readonly Reading[] = [
    ...grown({ TCP: 20_000_000 }),
    { time: 3000, collector: 'holders', files: { '/survey': '{"fact":"process","pid":"x"}\n' } },
  ]
  expect(run(readings).history.sources.holders?.error).toContain('a fact of a survey')
  expect(findAlert(readings, 'slab-growth').holders).toBeUndefined()
})
