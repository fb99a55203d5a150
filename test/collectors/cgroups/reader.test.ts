// The cgroup reader: every file is read in time, however many cgroups there are.
import { describe, expect, test } from 'vitest'
import { openCgroups } from '../../../src/collectors/cgroups/reader.ts'
import { historyOf } from '../../fixtures.ts'
import { CGROUP_FILES, tree } from './tree.ts'

const ROOT = '/sys/fs/cgroup'
const SLOW_ROUNDS = 10

describe('a look', () => {
  test('at a small tree has every file of every cgroup at once, and folds', () => {
    const { host, make } = tree()
    for (const path of ['/a', '/a/b', '/c']) make(path)
    const files = openCgroups(host)(0, false)
    for (const path of ['/a', '/a/b', '/c'])
      for (const name of CGROUP_FILES) expect(files[`${ROOT}${path}/${name}`], `${path}/${name}`).toBeTypeOf('string')
    const { cgroups } = historyOf([{ time: 0, collector: 'cgroups', files }])
    expect(cgroups).toMatchObject({ mode: 'v2', directories: 4 })
    expect(cgroups.cgroups.get('/a/b')).toMatchObject({
      current: 4096,
      limit: Number.POSITIVE_INFINITY,
      oomKill: 0,
      anon: 1024,
    })
  })

  test('after a cgroup is gone tells so, and reads no more of it', () => {
    const { host, make, remove } = tree()
    for (const path of ['/a', '/c']) make(path)
    const look = openCgroups({ ...host, watch: () => undefined })
    look(0, false)
    remove('/a')
    expect(() => look(1000, false)).not.toThrow() // not yet walked: reading it fails, and that is no error
    const files = look(6000, false)
    expect(files[`${ROOT}/a/`]).toBeNull()
    expect(Object.keys(files).filter(path => path.startsWith(`${ROOT}/a/m`))).toEqual([])
    expect(files[`${ROOT}/c/memory.current`]).toBe('4096\n')
  })

  test('takes a cgroup without some of the files', () => {
    const { host, make, remove } = tree()
    make('/a')
    remove('/a/memory.swap.current')
    const files = openCgroups(host)(0, false)
    expect(files[`${ROOT}/a/memory.current`]).toBe('4096\n')
    expect(files).not.toHaveProperty([`${ROOT}/a/memory.swap.current`])
  })

  test('at a node without cgroups has what there is; without mountinfo it fails by name', () => {
    const { host, write, remove } = tree()
    write('/proc/1/mountinfo', '22 1 253:0 / / rw - ext4 /dev/vda1 rw\n')
    write('/proc/self/mountinfo', '22 1 253:0 / / rw - ext4 /dev/vda1 rw\n')
    const files = openCgroups(host)(0, false)
    expect(files).toHaveProperty(['/proc/cgroups'])
    expect(historyOf([{ time: 0, collector: 'cgroups', files }]).cgroups.mode).toBe('none')
    remove('/../../../proc')
    const look = openCgroups(host)
    for (const time of [0, 1000, 2000, 40_000]) expect(() => look(time, false)).toThrow(/ENOENT.*mountinfo/)
  })
})

describe('2,000 cgroups', () => {
  test('are all read at first, then each in turn within ten looks, and all when it is urgent', () => {
    const { host, make } = tree()
    for (let i = 0; i < 2000; i++) make(`/pod${i % 40}/c${i}`)
    const look = openCgroups({ ...host, watch: () => undefined })
    const memoryFiles = (files: object): string[] => Object.keys(files).filter(path => /\/c\d+\/memory/.test(path))
    expect(memoryFiles(look(0, false))).toHaveLength(2000 * CGROUP_FILES.length)
    const seen = new Set<string>()
    for (let i = 1; i <= SLOW_ROUNDS; i++) {
      const read = memoryFiles(look(i, false))
      expect(read.length).toBeLessThan((2000 * CGROUP_FILES.length) / 4)
      for (const path of read) seen.add(path)
    }
    expect(seen.size).toBe(2000 * CGROUP_FILES.length)
    const urgent = memoryFiles(look(SLOW_ROUNDS + 1, true))
    expect(urgent.filter(path => path.endsWith('memory.events'))).toHaveLength(2000)
  })
})
