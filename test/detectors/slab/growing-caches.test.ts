// Unreclaimable caches that only follow cached inodes, whatever the file system.
import { expect, test } from 'vitest'
import { computeInodeMetadataGrowth } from '../../../src/detectors/slab/growing-caches.ts'
import { buildHistory } from '../../fixtures.ts'
import { createReading, MINUTE, MiB } from '../readings.ts'

const PAGE = 4096
const row = (name: string, objects: number, size: number): string =>
  `${name} ${objects} ${objects} ${size} 8 1 : tunables 0 0 0 : slabdata ${Math.ceil((objects * size) / PAGE)} ${Math.ceil((objects * size) / PAGE)} 0\n`

const followed = (inodes: string, reclaimable: boolean): number => {
  const sample = (time: number, objects: number) =>
    createReading(time, 'slabinfo', {
      '/proc/slabinfo': `slabinfo - version: 2.1\n# name\n${row(inodes, objects, 1024)}${row('lsm_inode_cache', objects, 72)}`,
    })
  const flag = { [`/sys/kernel/slab/${inodes}/reclaim_account`]: reclaimable ? '1\n' : '0\n' }
  return computeInodeMetadataGrowth(
    buildHistory([createReading(0, 'slab', flag), sample(0, 1000), sample(MINUTE, 1_001_000)]),
    0,
  )
}

test.each(['ext4_inode_cache', 'xfs_inode', 'btrfs_inode', 'ovl_inode', 'fuse_inode', 'ceph_inode_info'])(
  'a label for each %s is no growth of its own, where the kernel can reclaim those',
  name => {
    expect(followed(name, true)).toBeGreaterThan(68 * MiB)
    expect(followed(name, false)).toBe(0)
  },
)
