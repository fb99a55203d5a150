// The tree of cgroups, reading by reading: created, removed and dying cgroups, and rising counters.
import { describe, expect, test } from 'vitest'
import { sampleSeries } from '../../../src/base/series.ts'
import type { Files } from '../../../src/collectors/collector.ts'
import { appendReading, type History } from '../../../src/history.ts'
import { buildHistory, readFixture } from '../../fixtures.ts'

const V1 = '/sys/fs/cgroup/memory'
const V2 = '/sys/fs/cgroup'
const mountinfo = (root: string, version: 1 | 2): Files =>
  version === 1
    ? { '/proc/1/mountinfo': `35 31 0:32 ${root} ${V1} rw - cgroup cgroup rw,memory\n` }
    : {
        '/proc/1/mountinfo': `31 22 0:26 ${root} ${V2} rw - cgroup2 cgroup2 rw\n`,
        [`${V2}/cgroup.controllers`]: 'cpuset cpu io memory pids\n',
      }
const procCgroups = (memory: string): Files => ({
  '/proc/cgroups': `#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\n${memory}pids\t8\t1\t1\n`,
})
const directories = (base: string, inodes: Readonly<Record<string, number>>): Files =>
  Object.fromEntries(Object.entries(inodes).map(([path, inode]) => [`${base}${path}/`, `${inode}\n`]))
const control = (path: string, kills: number): Files => ({
  [`${V1}${path}/memory.oom_control`]: `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`,
})

/** one sample per second, each with the files that it takes. */
const samples = (...all: readonly Files[]): History =>
  buildHistory(all.map((files, i) => ({ time: i * 1000, collector: 'cgroups', files })))

const start: Files = { ...mountinfo('/', 1), ...procCgroups('memory\t4\t29\t1\n') }
const six = directories(V1, { '': 1, '/a': 2, '/a/b': 3, '/c': 4, '/d': 5, '/e': 6 })

describe('on v1', () => {
  test('dying cgroups are those that the kernel counts without a directory', () => {
    const { cgroups } = samples({ ...start, ...six })
    expect(cgroups).toMatchObject({ mode: 'v1', directories: 6, numCgroups: 29, dying: 23, created: 0, removed: 0 })
    expect([...cgroups.cgroups.keys()]).toEqual(['/', '/a', '/a/b', '/c', '/d', '/e'])
  })

  test('one that was created and removed between two samples is counted, and hides no dying one', () => {
    const passed = directories(V1, { '/f': 0, '/g': 0 })
    const gone = { [`${V1}/f/`]: null, [`${V1}/g/`]: null }
    const counts = { directories: 6, dying: 23, created: 2, removed: 2 }
    expect(samples({ ...start, ...six }, passed).cgroups).toMatchObject(counts)
    const { cgroups } = samples({ ...start, ...six }, passed, gone, directories(V1, { '/f': 9 }))
    expect(cgroups).toMatchObject({ directories: 7, created: 3, removed: 2 })
    expect(cgroups.cgroups.get('/f')).toMatchObject({ recreated: 1 })
    expect(samples({ ...start, ...six, ...passed }).cgroups).toMatchObject({ created: 0, removed: 0 }) // a keyframe has it
  })

  test('a real /proc/cgroups is parsed', () => {
    const { cgroups } = samples({ ...start, '/proc/cgroups': readFixture('6.18', '/proc/cgroups'), ...six })
    expect(cgroups.numCgroups).toBe(29)
  })

  test('more directories than the kernel counts mean no dying cgroups, not a negative number', () => {
    expect(samples({ ...mountinfo('/', 1), ...procCgroups('memory\t4\t2\t1\n'), ...six }).cgroups.dying).toBe(0)
  })

  test('dying cgroups are unknown without the memory row, or in a part of the tree', () => {
    expect(samples({ ...mountinfo('/', 1), ...procCgroups(''), ...six }).cgroups).toMatchObject({
      numCgroups: null,
      dying: null,
      enabled: true,
    })
    const part = samples({ ...start, ...mountinfo('/kubepods/pod1', 1), ...six }).cgroups
    expect(part).toMatchObject({ numCgroups: 29, dying: null })
    expect(part.series.dying.length).toBe(0)
  })

  test('cgroup_disable=memory is recognized', () => {
    expect(samples({ ...mountinfo('/', 1), ...procCgroups('memory\t0\t1\t0\n') }).cgroups.enabled).toBe(false)
  })
})

describe('on v2', () => {
  const stat = (lines: string): Files => ({ [`${V2}/cgroup.stat`]: lines })
  const tree = { ...mountinfo('/', 2), ...directories(V2, { '': 1, '/a': 2, '/b': 3 }) }

  test('the kernel reports dying memory cgroups since 6.12, all dying cgroups before', () => {
    const reported = 'nr_descendants 2\nnr_subsys_memory 3\nnr_dying_descendants 9\nnr_dying_subsys_memory 7\n'
    expect(samples({ ...tree, ...stat(reported) }).cgroups).toMatchObject({
      mode: 'v2',
      dying: 7,
      numCgroups: 2 + 1 + 7,
    })
    const before = samples({ ...tree, ...stat('nr_descendants 2\nnr_dying_descendants 40\n') }).cgroups
    expect(before).toMatchObject({ dying: 40, numCgroups: 43 })
  })

  test('a missing memory row of /proc/cgroups is replaced', () => {
    const files = { ...tree, ...procCgroups(''), ...stat('nr_descendants 2\nnr_dying_descendants 5\n') }
    expect(samples(files).cgroups).toMatchObject({ numCgroups: 8, dying: 5, directories: 3 })
  })

  test('up to 4.13 dying cgroups are unknown', () => {
    const files = { ...tree, ...procCgroups('memory\t0\t55\t1\n') }
    expect(samples(files).cgroups).toMatchObject({ numCgroups: 55, dying: null })
  })

  test('a real tree is parsed', () => {
    const path = '/cgroup.stat'
    const { cgroups } = samples({ ...tree, ...stat(readFixture('6.12', V2 + path)) })
    expect(cgroups).toMatchObject({ dying: 0, numCgroups: 15 })
  })
})

describe('a created or removed cgroup', () => {
  test('is counted from the second sample on', () => {
    const gone = { [`${V1}/c/`]: null, [`${V1}/a/b/`]: null }
    const { cgroups } = samples({ ...start, ...six }, { ...directories(V1, { '/f': 7 }), ...gone }, {})
    expect(cgroups).toMatchObject({ created: 1, removed: 2, directories: 5 })
    expect(cgroups.cgroups.has('/c')).toBe(false)
    expect(sampleSeries(cgroups.series.directories, 0, 1000, 2)).toEqual([6, 5])
  })

  test('is another cgroup if it has another inode, whatever its name', () => {
    const used = { [`${V1}/a/memory.usage_in_bytes`]: '4096\n' }
    const { cgroups } = samples({ ...start, ...six, ...used }, directories(V1, { '/a': 99 }))
    expect(cgroups).toMatchObject({ created: 1, removed: 1, directories: 6 })
    expect(cgroups.cgroups.get('/a')).toMatchObject({ inode: 99, seenAt: 1000, current: null })
  })
})

test('a name that is used again is another cgroup, and the number of uses is kept', () => {
  const made = (inode: number | null): Files => ({ [`${V1}/w/`]: inode === null ? null : `${inode}\n` })
  const { cgroups } = samples({ ...start, ...six }, made(50), made(null), made(51), made(52))
  expect(cgroups.cgroups.get('/w')).toMatchObject({ inode: 52, recreated: 2 })
})

test('an old history does not change', () => {
  const use = (bytes: number): Files => ({ [`${V1}/a/memory.usage_in_bytes`]: `${bytes}\n` })
  let now = samples({ ...start, ...six, ...use(1) })
  const then = now
  for (let i = 2; i < 200; i++) now = appendReading(now, { time: i * 1000, collector: 'cgroups', files: use(i) })
  expect([then.cgroups.cgroups.get('/a')?.current, now.cgroups.cgroups.get('/a')?.current]).toEqual([1, 199])
  expect([then.cgroups.cgroups.size, [...then.cgroups.cgroups.values()].length]).toEqual([6, 6])
})

describe('events', () => {
  test('in a cgroup alone and with its descendants are kept apart', () => {
    const tree = { ...mountinfo('/', 2), ...directories(V2, { '': 1, '/a': 2 }) }
    const counters = (kills: number): string => `low 0\nhigh 0\nmax 4\noom 2\noom_kill ${kills}\noom_group_kill 0\n`
    const files = { [`${V2}/a/memory.events`]: counters(3), [`${V2}/a/memory.events.local`]: counters(1) }
    const a = samples({ ...tree, ...files }).cgroups.cgroups.get('/a')
    expect([a?.events?.oomKill, a?.localEvents?.oomKill, a?.oomKill, a?.events?.oomGroupKill]).toEqual([3, 1, 3, 0])
  })
})

describe('a counter of kills', () => {
  const first = { ...start, ...six }

  test('sets the base when it is first read, and each rise has the times of both samples', () => {
    const { cgroups } = samples({ ...first, ...control('/a', 3) }, {}, control('/a', 5))
    expect(cgroups.kills).toEqual([{ path: '/a', after: 0, time: 2000, count: 2 }]) // a sample without news is no reading
  })

  test('of a cgroup created meanwhile rose from 0', () => {
    const { cgroups } = samples(first, { ...directories(V1, { '/f': 7 }), ...control('/f', 1) })
    expect(cgroups.kills).toEqual([{ path: '/f', after: 0, time: 1000, count: 1 }])
  })

  test('of a cgroup created again under an old name does not fall', () => {
    const { cgroups } = samples(
      { ...first, ...control('/a', 3) },
      { ...directories(V1, { '/a': 9 }), ...control('/a', 1) },
    )
    expect(cgroups.kills.map(({ count }) => count)).toEqual([1])
  })

  test('sets the base when it is first read after the first sample', () => {
    expect(samples(first, control('/a', 3)).cgroups.kills).toEqual([])
  })

  test('that falls means no kills', () => {
    expect(samples({ ...first, ...control('/a', 3) }, control('/a', 1)).cgroups.kills).toEqual([])
  })
})

describe('a malformed file', () => {
  const file = `${V1}/a/memory.usage_in_bytes`
  const garbled = samples({ ...start, ...six, [file]: '4096\n' }, { [file]: '?' })

  test('is a problem of the source, and everything else continues', () => {
    expect(garbled.sources.cgroups?.error).toContain(`${file}, line 1: expected a number`)
    expect(garbled.cgroups.cgroups.get('/a')?.current).toBe(4096)
  })

  test('is forgotten when it can be parsed again, or its cgroup is removed', () => {
    const next = (files: Files): History => appendReading(garbled, { time: 5000, collector: 'cgroups', files })
    expect(next({ [file]: '8192\n' }).sources.cgroups?.error).toBeUndefined()
    expect(next({ [`${V1}/a/`]: null }).sources.cgroups?.error).toBeUndefined()
    expect(next({}).sources.cgroups?.error).toContain(file)
  })
})
