// Growing slab caches: which unreclaimable ones grew, and which of them only follow cached inodes.
import { computeGrowthSince } from '../../base/series.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { History } from '../../history.ts'

/** A cache and its growth since a time, bytes. */
export interface GrowingCache {
  readonly name: string
  /** other caches that the kernel merged with it */
  readonly aliases: readonly string[]
  readonly growth: number
}

/** Finds the unreclaimable caches that grew since a time, the largest growth first. */
export function findGrowingCaches(history: History, since: number): readonly GrowingCache[] {
  return history.slabinfo.caches
    .filter(({ name }) => !isReclaimable(history.slab, name))
    .map(cache => ({
      name: cache.name,
      aliases: listOtherNames(history.slab, cache.name),
      growth: computeGrowthSince(cache.series, since),
    }))
    .filter(({ growth }) => growth > 0)
    .sort((a, b) => b.growth - a.growth)
}

/** Selects the caches that matter: the fewest that cover 60 % of `total`, and any more with 15 % of it; at most four. */
export function selectTopContributors(all: readonly GrowingCache[], total: number): readonly GrowingCache[] {
  let covered = 0
  return all.slice(0, 4).filter(({ growth }) => {
    const isContributor = (covered < 0.6 * total && growth > 0.05 * total) || growth >= 0.15 * total
    covered += growth
    return isContributor
  })
}

// Unreclaimable caches with one object per inode: they grow with `find /` and shrink when the inodes are reclaimed.
const INODE_METADATA = /^(lsm_inode_cache|.*_inode_security|inode_smack|iint_cache|ima_iint_cache|xfs_ili)$/
const INODE_CACHES = /inode_cache$|^(xfs|btrfs|ovl|fuse|gfs2|erofs)_inode$|^ceph_inode_info$/

/** Returns the bytes that unreclaimable caches gained since a time only because more reclaimable inodes are cached. */
export function computeInodeMetadataGrowth(history: History, since: number): number {
  const countObjects = (cache: SlabCache): number => computeGrowthSince(cache.series, since) / cache.objSize
  const { caches } = history.slabinfo
  const inodes = caches
    .filter(({ name }) => INODE_CACHES.test(name) && isReclaimable(history.slab, name))
    .reduce((sum, cache) => sum + countObjects(cache), 0)
  return caches
    .filter(cache => INODE_METADATA.test(cache.name) && countObjects(cache) > 0 && countObjects(cache) <= inodes * 1.25)
    .reduce((sum, cache) => sum + computeGrowthSince(cache.series, since), 0)
}
