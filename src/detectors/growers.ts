// Which slab caches grew: the attribution of unreclaimable growth, and the growth that only follows inodes.
import { getLatest, getValueAt } from '../base/series.ts'
import { isReclaimable, listOtherNames } from '../collectors/slab.ts'
import type { SlabCache } from '../collectors/slabinfo.ts'
import type { History } from '../history.ts'

/** A cache and what it gained since a time, bytes. */
export interface Grower {
  readonly name: string
  /** other caches that the kernel merged with it */
  readonly aliases: readonly string[]
  readonly growth: number
}

const growthOf = (cache: SlabCache, since: number): number =>
  (getLatest(cache.series) ?? 0) - (getValueAt(cache.series, since) ?? cache.series.values[0] ?? 0)

/** Unreclaimable caches that grew since `since`, the largest growth first. */
export function growers(history: History, since: number): readonly Grower[] {
  return history.slabinfo.caches
    .filter(({ name }) => !isReclaimable(history.slab, name))
    .map(cache => ({ name: cache.name, aliases: listOtherNames(history.slab, cache.name), growth: growthOf(cache, since) }))
    .filter(({ growth }) => growth > 0)
    .sort((a, b) => b.growth - a.growth)
}

/** The growers that matter: the fewest that cover 60 % of `total`, and any more with 15 % of it; at most four. */
export function telling(all: readonly Grower[], total: number): readonly Grower[] {
  let covered = 0
  return all.slice(0, 4).filter(({ growth }) => {
    const tells = (covered < 0.6 * total && growth > 0.05 * total) || growth >= 0.15 * total
    covered += growth
    return tells
  })
}

// Unreclaimable caches with one object for each inode: they grow with `find /` and go when the inodes are reclaimed.
const COMPANION = /^(lsm_inode_cache|.*_inode_security|inode_smack|iint_cache|ima_iint_cache|xfs_ili)$/
const INODES = /inode_cache$|^(xfs|btrfs|ovl|fuse|gfs2|erofs)_inode$|^ceph_inode_info$/

/** Bytes that unreclaimable caches gained since `since` only because as many reclaimable inodes are cached. */
export function companionGrowth(history: History, since: number): number {
  const objects = (cache: SlabCache): number => growthOf(cache, since) / cache.objSize
  const { caches } = history.slabinfo
  const inodes = caches
    .filter(({ name }) => INODES.test(name) && isReclaimable(history.slab, name))
    .reduce((sum, cache) => sum + objects(cache), 0)
  return caches
    .filter(cache => COMPANION.test(cache.name) && objects(cache) > 0 && objects(cache) <= inodes * 1.25)
    .reduce((sum, cache) => sum + growthOf(cache, since), 0)
}
