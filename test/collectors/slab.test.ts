// /sys/kernel/slab: which names stand for one cache, and which of them the kernel can reclaim.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Files } from '../../src/collectors/collector.ts'
import { isReclaimable, listOtherNames, parseListing, slab } from '../../src/collectors/slab.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'
import { readFixture, session } from '../fixtures.ts'

const DIRECTORY = '/sys/kernel/slab/'

/** The files as the collector reads them on that kernel: the listing, and one flag for each group. */
function filesOf(kernel: string): Files {
  const flags = readFixture(kernel, '/sys/kernel/slab.reclaim_account').trimEnd().split('\n')
  return {
    [DIRECTORY]: readFixture(kernel, '/sys/kernel/slab.listing'),
    ...Object.fromEntries(
      flags.map(line => {
        const [name = '', flag = ''] = line.split(' ')
        return [`${DIRECTORY}${name}/reclaim_account`, `${flag}\n`]
      }),
    ),
  }
}

describe.each(['6.18', '6.12'])('on %s', kernel => {
  const memory = slab.applyFiles(slab.empty, filesOf(kernel), 0, session)

  test('all names of a merged cache have the same others', () => {
    const listing = readFixture(kernel, '/sys/kernel/slab.listing').trimEnd().split('\n')
    const links = listing.filter(line => line.includes(' -> '))
    expect(links.length).toBeGreaterThan(50)
    for (const line of links) {
      const [name = '', target = ''] = line.split(' -> ')
      expect(memory.aliases.get(name), line).toContain(name)
      expect(memory.aliases.get(name), line).toEqual(memory.aliases.get(target))
    }
  })

  test('no name on the screen is an id of the kernel', () => {
    for (const names of memory.aliases.values()) expect(names.filter(name => name.startsWith(':'))).toEqual([])
  })

  test('the names under which leaked POSIX timers or sockets appear are known', () => {
    const [shown, leaked] = kernel === '6.18' ? ['mnt_cache', 'posix_timers_cache'] : ['PING', 'UNIX']
    expect(listOtherNames(memory, shown)).toContain(leaked)
    expect(listOtherNames(memory, leaked)).toContain(shown)
    expect(listOtherNames(memory, 'no_such_cache')).toEqual([])
  })

  test('dentry and inodes can be reclaimed; filp, task_struct and inodes of tmpfs cannot', () => {
    for (const name of ['dentry', 'proc_inode_cache', 'radix_tree_node'])
      expect(isReclaimable(memory, name), name).toBe(true)
    for (const name of ['filp', 'task_struct', 'shmem_inode_cache', 'kmalloc-64', 'posix_timers_cache'])
      expect(isReclaimable(memory, name), name).toBe(false)
  })
})

test.each([
  ['dentry', true],
  ['ext4_inode_cache', true],
  ['xfs_inode', true],
  ['btrfs_inode', true],
  ['ovl_inode', true],
  ['ceph_inode_info', true],
  ['bdev_cache', true],
  ['dquot', true],
  ['buffer_head', true],
  ['radix_tree_node', true],
  ['extent_status', true],
  ['ext4_extent_status', true],
  ['kmalloc-rcl-64', true],
  ['shmem_inode_cache', false],
  ['lsm_inode_cache', false],
  ['mqueue_inode_cache', false],
  ['hugetlbfs_inode_cache', false],
  ['kmalloc-64', false],
  ['kernfs_node_cache', false],
  ['filp', false],
])('without a reclaim flag from the kernel, %s counts as reclaimable by its name: %s', (name, reclaimable) => {
  expect(isReclaimable(slab.empty, name)).toBe(reclaimable)
  const reported = slab.applyFiles(slab.empty, filesOf('6.18'), 0, session).reclaimable.get(name)
  if (reported !== undefined) expect(reported).toBe(reclaimable) // the kernel itself says so
})

test('without a listing the flag of a cache still counts', () => {
  const files = { [`${DIRECTORY}weird_cache/reclaim_account`]: '1\n' }
  expect(isReclaimable(slab.applyFiles(slab.empty, files, 0, session), 'weird_cache')).toBe(true)
})

test('a cache that is not merged has no other names', () => {
  const aliases = parseListing('alone\n:A-0000384\nmnt_cache -> :A-0000384\nposix_timers_cache -> :A-0000384\n')
  expect(aliases.get('alone') ?? ['alone']).toEqual(['alone'])
  expect(aliases.get('mnt_cache')).toEqual(['mnt_cache', 'posix_timers_cache'])
  expect(parseListing('').size).toBe(0)
})

test('the listing and one flag of each group are read; the flags once, because they never change', () => {
  const root = mkdtempSync(join(tmpdir(), 'kmemtop-'))
  const host = createLocalHost(root)
  onTestFinished(() => {
    host.close()
    rmSync(root, { recursive: true })
  })
  for (const [name, flag] of [
    [':A-0000384', 0],
    ['dentry', 1],
    ['no_flag', undefined],
  ] as const) {
    mkdirSync(`${root}${DIRECTORY}${name}`, { recursive: true })
    if (flag !== undefined) writeFileSync(`${root}${DIRECTORY}${name}/reclaim_account`, `${flag}\n`)
  }
  for (const name of ['mnt_cache', 'posix_timers_cache']) symlinkSync(':A-0000384', `${root}${DIRECTORY}${name}`)
  const sample = slab.openReader(host)
  const files = sample(0, false)
  const memory = slab.applyFiles(slab.empty, files, 0, session)
  expect(listOtherNames(memory, 'mnt_cache')).toEqual(['posix_timers_cache'])
  expect(Object.fromEntries(memory.reclaimable)).toEqual({ mnt_cache: false, posix_timers_cache: false, dentry: true })
  expect(sample(60_000, false)).toEqual({ [DIRECTORY]: files[DIRECTORY] })
})

test('links are read when a cache came or went, and otherwise every ten minutes', () => {
  const links = new Map([
    ['mnt_cache', ':A-0000384'],
    ['posix_timers_cache', ':A-0000384'],
  ])
  const read: string[] = []
  const sample = slab.openReader({
    ...createLocalHost('/nowhere'),
    listDirectory: () => [':A-0000384', 'dentry', ...links.keys()],
    readFile: () => '0\n',
    readLink: path => {
      const name = path.slice(DIRECTORY.length)
      read.push(name)
      return links.get(name)
    },
  })
  const countReads = (time: number): number => {
    read.length = 0
    sample(time, false)
    return read.length
  }
  expect(countReads(0)).toBe(3)
  expect(read).not.toContain(':A-0000384')
  expect(countReads(60_000)).toBe(0)
  links.set('new_cache', ':A-0000384')
  expect(countReads(120_000)).toBe(4)
  expect(sample(180_000, false)[DIRECTORY]).toContain('new_cache -> :A-0000384')
  expect(countReads(719_000)).toBe(0)
  expect(countReads(720_000)).toBe(4)
})
