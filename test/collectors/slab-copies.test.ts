// Per-cgroup copies of slab caches, as 3.10 and 4.4-5.8 list them.
import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { slab } from '../../src/collectors/slab.ts'
import { addCopy, countCopies } from '../../src/collectors/slab-copies.ts'
import { session } from '../fixtures.ts'
import { createTree } from './cgroups/tree.ts'

const live = new Map([['web-0', 1]])

test('of 3.10 are among the caches: they are added to their cache, and cgroups without a directory are dying', () => {
  const { host, write } = createTree()
  const at = '/sys/kernel/slab'
  for (const name of ['dentry', 'kmalloc-64', ':at-0000192-00000012']) write(`${at}/${name}/reclaim_account`, '0\n')
  for (const name of ['web-0', 'web-1', 'web-2']) write(`${at}/dentry(12:${name})/reclaim_account`, '1\n')
  write(`${at}/dentry(77:web-0)/reclaim_account`, '1\n') // another cgroup was called so before
  const files = slab.openReader(host)(0, false)
  expect(files[`${at}/`]).toBe('dentry\nkmalloc-64\n')
  const { copies } = slab.applyFiles(slab.empty, files, 0, session)
  expect(countCopies(copies.get('dentry')!, live)).toEqual({ count: 4, dead: 3 })
  expect(countCopies(copies.get('dentry')!, undefined)).toEqual({ count: 4, dead: null })
  expect(copies.has('kmalloc-64')).toBe(false)
})

test('of 4.4 to 5.8 are in a directory of each cache, until they are gone', () => {
  const { root, host, write } = createTree()
  for (const name of ['web-0', 'web-9']) write(`/sys/kernel/slab/dentry/cgroup/dentry(960:${name})/slabs`, '1\n')
  write('/sys/kernel/slab/dentry/reclaim_account', '1\n')
  const sample = slab.openReader(host)
  const memory = slab.applyFiles(slab.empty, sample(0, false), 0, session)
  expect(countCopies(memory.copies.get('dentry')!, live)).toEqual({ count: 2, dead: 1 })
  for (const name of ['web-0', 'web-9'])
    rmSync(`${root}/sys/kernel/slab/dentry/cgroup/dentry(960:${name})`, { recursive: true })
  const { copies } = slab.applyFiles(memory, sample(60_000, false), 60_000, session)
  expect(countCopies(copies.get('dentry')!, live)).toEqual({ count: 0, dead: 0 })
})

test('a cgroup may have the name of a copy: the first parenthesis belongs to the cache', () => {
  const found = new Map<string, Map<string, number>>()
  expect(addCopy(found, 'dentry(12:old(3:web))')).toBe('dentry')
  expect(found.get('dentry')).toEqual(new Map([['old(3:web)', 1]]))
})

test('later kernels have none, and are checked once', () => {
  const { host, write } = createTree()
  write('/sys/kernel/slab/dentry/reclaim_account', '1\n')
  const asked: string[] = []
  const sample = slab.openReader({
    ...host,
    listDirectory: path => (asked.push(path) > 0 ? host.listDirectory(path) : []),
  })
  sample(0, false)
  asked.length = 0
  sample(60_000, false)
  expect(asked).toEqual(['/sys/kernel/slab/'])
})
