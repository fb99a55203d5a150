// Facts about caches by name: the well-known caches of real kernels are in the table.
import { expect, test } from 'vitest'
import { findCacheFacts } from '../../src/collectors/slab-cache-facts.ts'
import { parseSlabinfo } from '../../src/collectors/slabinfo.ts'
import { readFixture } from '../fixtures.ts'

const TELLING = [
  'dentry',
  'inode_cache',
  'ext4_inode_cache',
  'xfs_inode',
  'shmem_inode_cache',
  'sock_inode_cache',
  'proc_inode_cache',
  'buffer_head',
  'radix_tree_node',
  'kmalloc-64',
  'kmalloc-256',
  'kmalloc-2k',
  'kmalloc-rnd-03-64',
  'kmalloc-rnd-15-2k',
  'kmalloc-cg-1k',
  'kmalloc-rcl-96',
  'kmem_cache',
  'kmem_cache_node',
  'filp',
  'eventpoll_epi',
  'nf_conntrack',
  'TCP',
  'UDPv6',
  'UNIX',
  'bio-184',
  'biovec-max',
  'cred',
  'cred_jar',
  'pid',
  'task_struct',
  'signal_cache',
  'sighand_cache',
  'vm_area_struct',
  'maple_node',
  'anon_vma',
  'mm_struct',
  'files_cache',
  'sigqueue',
  'posix_timers_cache',
  'mnt_cache',
  'inotify_inode_mark',
  'fsnotify_mark_connector',
  'file_lock_cache',
  'msg_msg-128',
  'kernfs_node_cache',
  'mem_cgroup',
  'skbuff_head_cache',
  'jbd2_journal_head',
  'ext4_extent_status',
  'ebitmap_node',
  'lsm_inode_cache',
  'net_namespace',
  'tw_sock_TCPv6',
  'neighbour_cache',
  'ip6_dst_cache',
  'fuse_inode',
  'ovl_inode',
  'nfs_inode_cache',
  'xfs_ili',
  'xfs_buf',
  'mqueue_inode_cache',
  'hugetlbfs_inode_cache',
]

test.each(TELLING.map(name => [name]))('%s is in the table', name => {
  const facts = findCacheFacts(name)
  for (const text of [facts?.what, facts?.who, facts?.advice]) expect(text).toMatch(/\S{3}/)
})

test('most of the slab of a real kernel is in caches of the table', () => {
  const rows = parseSlabinfo(readFixture('6.18', '/proc/slabinfo'), 4096)
  const sum = (some: typeof rows): number => some.reduce((all, { bytes }) => all + bytes, 0)
  expect(sum(rows.filter(({ name }) => findCacheFacts(name)))).toBeGreaterThan(0.95 * sum(rows))
})

test('an unknown cache has no facts', () => expect(findCacheFacts('foo_bar')).toBeUndefined())
