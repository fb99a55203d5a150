// mountinfo: which tree has the memory controller.
import { describe, expect, test } from 'vitest'
import { filterCgroupLines, findMounts, NAMESPACE_ROOT } from '../../../src/collectors/cgroups/mounts.ts'
import { readFixture } from '../../fixtures.ts'

const MOUNTINFO = '/proc/1/mountinfo'
const everywhere = { hasMemory: (): boolean => true }
const nowhere = { hasMemory: (): boolean => false }

const ROOT = '22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n'
const v1 = (options: string, path = `/sys/fs/cgroup/${options}`, root = '/'): string =>
  `33 24 0:28 ${root} ${path} rw,relatime shared:9 - cgroup cgroup rw,${options}\n`
const v2 = (path = '/sys/fs/cgroup', root = '/'): string =>
  `31 22 0:26 ${root} ${path} rw,nosuid shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate\n`

describe('the memory controller', () => {
  test('of a real v1 node is on v1, although a v2 tree is mounted too', () => {
    expect(findMounts(readFixture('6.18', MOUNTINFO), nowhere)).toEqual({
      mode: 'hybrid',
      memory: { version: 1, path: '/sys/fs/cgroup/memory', root: '/' },
      unified: '/sys/fs/cgroup/unified',
    })
  })

  test('of a real v2 node is on v2', () => {
    const memory = { version: 2, path: '/sys/fs/cgroup', root: '/' }
    expect(findMounts(readFixture('6.12', MOUNTINFO), everywhere)).toEqual({ mode: 'v2', memory })
  })

  test('of CentOS 7 is on v1, with other controllers on the same line or not', () => {
    const mounts = findMounts(`${ROOT}${v1('cpuacct,cpu')}${v1('memory')}${v1('pids')}`, nowhere)
    expect(mounts).toEqual({ mode: 'v1', memory: { version: 1, path: '/sys/fs/cgroup/memory', root: '/' } })
    expect(findMounts(v1('cpu,memory', '/cgroup'), nowhere).memory?.path).toBe('/cgroup')
  })

  test('of a hybrid node is where cgroup.controllers lists it', () => {
    const text = v1('pids') + v2('/sys/fs/cgroup/unified')
    const asked: string[] = []
    const mounts = findMounts(text, { hasMemory: path => asked.push(path) > 0 })
    expect(mounts).toEqual({ mode: 'hybrid', memory: { version: 2, path: '/sys/fs/cgroup/unified', root: '/' } })
    expect(asked).toEqual(['/sys/fs/cgroup/unified'])
  })

  test('is not an option that only begins like it', () => {
    expect(findMounts(v1('memory_foo', '/x'), nowhere).memory).toBeUndefined()
  })

  test.each(['', ROOT, v1('pids'), 'garbage - cgroup\n'])('is nowhere in %j', text => {
    expect(findMounts(text, nowhere)).toMatchObject({ mode: 'none' })
    expect(findMounts(text, nowhere).memory).toBeUndefined()
  })

  test('of a v2 tree whose controllers cannot be read is unknown', () => {
    expect(findMounts(v2(), nowhere)).toEqual({ mode: 'none', unified: '/sys/fs/cgroup' })
  })
})

describe('among several mounts', () => {
  const container = v1('memory', '/sys/fs/cgroup/memory', '/kubepods/pod1/c1')

  test('the one of the whole hierarchy comes first', () => {
    const host = v1('memory', '/host/sys/fs/cgroup/memory')
    expect(findMounts(container + host, nowhere).memory).toEqual({
      version: 1,
      path: '/host/sys/fs/cgroup/memory',
      root: '/',
    })
  })

  test('a part is used if there is no whole, and is marked as a part', () => {
    expect(findMounts(container, nowhere).memory?.root).toBe('/kubepods/pod1/c1')
    expect(findMounts(v2('/sys/fs/cgroup', '/../../..'), everywhere).memory?.root).toBe('/../../..')
  })

  test('of the same tree the shortest path is used', () => {
    const text = v1('memory', '/var/lib/docker/x/sys/fs/cgroup/memory') + v1('memory')
    expect(findMounts(text, nowhere).memory?.path).toBe('/sys/fs/cgroup/memory')
  })
})

describe('in a cgroup namespace', () => {
  const [first, other] = ['cgroup:[4026531835]', 'cgroup:[4026532178]']
  const rootIn = (text: string, namespace: string | undefined, isRoot = false) =>
    findMounts(text, { ...everywhere, namespace, isRoot: () => isRoot }).memory?.root

  test('the visible root is a part', () => {
    expect([rootIn(v2(), first), rootIn(v2(), undefined), rootIn(v2(), other)]).toEqual(['/', '/', NAMESPACE_ROOT])
    expect(rootIn(v1('memory'), other)).toBe(NAMESPACE_ROOT)
    expect(rootIn(v1('memory', '/m', '/kubepods'), other)).toBe('/kubepods')
  })

  test('a mount of the whole tree is recognized by its files, whatever its root is in the namespace', () => {
    expect(rootIn(v2('/sys/fs/cgroup', '/../../..'), other, true)).toBe('/')
    expect(rootIn(v2('/sys/fs/cgroup', '/../../..'), undefined, true)).toBe('/')
    expect(rootIn(v2('/sys/fs/cgroup', '/..'), other, false)).toBe('/..')
    expect(rootIn(v2(), other, true)).toBe('/')
  })
})

test('blanks, tabs and backslashes in paths are unescaped', () => {
  expect(findMounts(v1('memory', '/mnt/a\\040b\\011c\\134d'), nowhere).memory?.path).toBe('/mnt/a b\tc\\d')
})

test('only the cgroup lines are recorded, with the same result', () => {
  const text = ROOT + v1('memory') + v2('/sys/fs/cgroup/unified') + ROOT
  expect(filterCgroupLines(text)).toBe(v1('memory') + v2('/sys/fs/cgroup/unified'))
  expect(findMounts(filterCgroupLines(text), nowhere)).toEqual(findMounts(text, nowhere))
  expect(filterCgroupLines(ROOT)).toBe('')
})
