// The files of one cgroup, of v1 and v2.
import { describe, expect, test } from 'vitest'
import { ParseError } from '../../../src/base/errors.ts'
import { getLatest } from '../../../src/base/series.ts'
import type { Cgroup } from '../../../src/collectors/cgroups/cgroup.ts'
import { applyFile, createCgroup } from '../../../src/collectors/cgroups/parse-file.ts'
import { readFixture } from '../../fixtures.ts'

const blank = createCgroup({ path: '/x', parent: '/', inode: 5, seenAt: 1000 })
const SCOPE =
  '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13.slice/cri-containerd-9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938.scope'

const V1 = [
  'memory.usage_in_bytes',
  'memory.limit_in_bytes',
  'memory.kmem.usage_in_bytes',
  'memory.failcnt',
  'memory.oom_control',
]
const V2 = ['memory.current', 'memory.max', 'memory.events', 'memory.stat', 'memory.swap.current']

const withFiles = (kernel: string, directory: string, names: readonly string[]): Cgroup =>
  names.reduce((cgroup, name) => {
    const path = `${directory}/${name}`
    return applyFile(cgroup, { name, path, text: readFixture(kernel, path) }, 2000)
  }, blank)

const said = (name: string, text: string): Cgroup =>
  applyFile(blank, { name, path: `/sys/fs/cgroup/x/${name}`, text }, 2000)

test('a v2 cgroup in which a process was killed is parsed from its files', () => {
  expect(withFiles('6.12', SCOPE, V2)).toMatchObject({
    current: 28_672,
    limit: 64 * 2 ** 20,
    failcnt: 18,
    oomKill: 1,
    swap: 0,
    anon: expect.any(Number),
    slab: expect.any(Number),
    slabUnreclaimable: expect.any(Number),
    kernel: expect.any(Number),
  })
})

test('v1 cgroups below a limit are parsed from their files', () => {
  const pod = '/sys/fs/cgroup/memory/kmt-res-pod'
  expect(withFiles('6.18', pod, V1)).toMatchObject({ limit: 40 * 2 ** 20, oomKill: 0, underOom: false })
  expect(withFiles('6.18', `${pod}/ctr-a`, V1)).toMatchObject({ limit: Number.POSITIVE_INFINITY, oomKill: 1 })
})

test('tasks that the OOM handler holds are recognized: the log does not show them', () => {
  expect(withFiles('6.18', '/sys/fs/cgroup/memory/kmt-res-kd', V1)).toMatchObject({
    current: 25_165_824,
    limit: 25_165_824,
    failcnt: 19,
    kernel: 53_248,
    oomKill: 0,
    underOom: true,
    oomKillDisable: true,
  })
})

describe('no limit is Infinity', () => {
  test.each([
    ['memory.max', 'max\n'],
    ['memory.limit_in_bytes', '9223372036854771712\n'],
    ['memory.limit_in_bytes', '9223372036854710272\n'], // pages of 64 KiB
    ['memory.limit_in_bytes', '9223372036854775807\n'],
  ])('in %s %j', (name, text) => expect(said(name, text).limit).toBe(Number.POSITIVE_INFINITY))
})

describe('a value that the kernel does not report is null, not 0', () => {
  test('of a cgroup without files', () => {
    const {
      path,
      parent,
      inode,
      seenAt,
      series,
      seriesByField: histories,
      recreated,
      underOom,
      oomKillDisable,
      ...rest
    } = blank
    expect({ path, parent, inode, seenAt, underOom, oomKillDisable }).toEqual({
      path: '/x',
      parent: '/',
      inode: 5,
      seenAt: 1000,
      underOom: false,
      oomKillDisable: false,
    })
    expect(new Set(Object.values(rest))).toEqual(new Set([null]))
    expect(getLatest(series)).toBeUndefined()
  })

  test('up to 4.12 kills are not counted', () => {
    expect(said('memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\n').oomKill).toBeNull()
    expect(said('memory.events', 'low 0\nhigh 0\nmax 3\noom 1\n')).toMatchObject({ oomKill: null, failcnt: 3 })
  })

  test('up to 5.17 memory.stat has no kernel, up to 4.8 no slab', () => {
    expect(said('memory.stat', 'anon 10\nfile 20\nslab 30\nslab_unreclaimable 5\n')).toMatchObject({
      anon: 10,
      file: 20,
      slab: 30,
      slabUnreclaimable: 5,
      kernel: null,
      shmem: null,
    })
    expect(said('memory.stat', 'anon 10\nfile 20\n').slab).toBeNull()
  })
})

test('the history of its usage is kept', () => {
  const later = applyFile(said('memory.current', '4096\n'), { name: 'memory.current', path: 'x', text: '8192\n' }, 3000)
  expect([later.current, later.series.length, getLatest(later.series)]).toEqual([8192, 2, 8192])
})

test('a file without a parser changes nothing', () => {
  for (const name of ['cgroup.procs', 'memory.numa_stat', 'constructor', 'toString', '__proto__', ''])
    expect(said(name, 'garbage')).toBe(blank)
})

describe('a malformed file is an error that names it', () => {
  test.each([...V1, ...V2])('whatever is wrong in %s', name => {
    for (const text of ['', '\n', 'garbage\n', '\x00\x00', '12 34 56 x'])
      expect(() => said(name, text), JSON.stringify(text)).toThrow(ParseError)
    expect(() => said(name, '??')).toThrow(`/sys/fs/cgroup/x/${name}, line 1`)
  })
})
