// What the census says: churn, IDs left, who holds the tightest limit, what deleted cgroups still hold. Pure; for panels, detectors and exports.

import { computeRate, getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { MINUTE } from '../../base/units.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'

/**
 * Bytes that reclaim cannot take without swap: all but the page cache that is no shmem, and the slab that counts as reclaimable
 * (not told on v1). Undefined: not known.
 */
export function computeUnreclaimable({ current, file, shmem, slab, slabUnreclaimable }: Cgroup): number | undefined {
  if (current === null || file === null) return undefined
  const reclaimableSlab = (slab ?? 0) - (slabUnreclaimable ?? slab ?? 0)
  return current - Math.max(0, file - (shmem ?? 0)) - reclaimableSlab
}

/** Cgroups made and removed in a minute, over the last five. */
export function computeChurn({ series }: CgroupTree, now: number): { created: number; removed: number } {
  const span = Math.min(5 * MINUTE, Math.max(MINUTE, now)) // a young session is counted as a minute
  const computePerMinute = (name: 'created' | 'removed'): number =>
    (((getLatest(series[name]) ?? 0) - (getValueAt(series[name], now - span) ?? 0)) * MINUTE) / span
  return { created: computePerMinute('created'), removed: computePerMinute('removed') }
}

/** Whether a path is the root of the whole tree, which is the node. That of a part is a cgroup as others: a container's own. */
export const isNodeRoot = ({ mounts }: CgroupTree, path: string): boolean => path === '/' && mounts.memory?.root === '/'

/** Whether a cgroup is below another. */
export const isBelow = (path: string, ancestor: string): boolean =>
  path !== ancestor && path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`)

/** The path above a path; undefined above the root. */
export const getParentPath = (path: string): string | undefined =>
  path === '/' ? undefined : path.slice(0, path.lastIndexOf('/')) || '/'

/** A limit that stands above a cgroup, its own included. */
export interface TightestLimit {
  /** whose limit it is */
  readonly path: string
  readonly limit: number
  /** what the owner of the limit uses */
  readonly current: number
}

/** The limit with the least room on the way up; undefined when there is none. */
export function findTightestLimit(tree: CgroupTree, path: string): TightestLimit | undefined {
  let tightest: TightestLimit | undefined
  // up to the root, which has a limit where it is that of a part of the tree
  for (let ancestor: string | undefined = path; ancestor !== undefined; ) {
    const cgroup = tree.cgroups.get(ancestor)
    const { limit = null, current = null } = cgroup ?? {}
    const hasLimit = limit !== null && current !== null && Number.isFinite(limit)
    if (hasLimit && (!tightest || limit - current < tightest.limit - tightest.current))
      tightest = { path: ancestor, limit, current }
    ancestor = cgroup?.parent ?? getParentPath(ancestor)
  }
  return tightest
}

const RATE_SPAN = 5 * MINUTE

/**
 * Milliseconds until the tightest limit is reached at the pace of its owner over the last five minutes. Undefined without a
 * limit, when it does not grow, and when it grew for less than half a minute.
 */
export function estimateTimeToLimit(tree: CgroupTree, path: string, now: number): number | undefined {
  const tightest = findTightestLimit(tree, path)
  const series = tightest && tree.cgroups.get(tightest.path)?.series
  if (!tightest || !series || now - (getFirstTime(series) ?? now) < MINUTE / 2) return undefined
  const rate = computeRate(series, now, RATE_SPAN)
  if (!rate || rate * 3600 < tightest.limit / 1000) return undefined // a thousandth of the limit in an hour; a limit may be 0
  return (Math.max(0, tightest.limit - tightest.current) / rate) * 1000 // one that was lowered may stand below the use
}

/**
 * How many directories there are of a name: the last part of a path, which is all that a cache's copy tells of its cgroup.
 * Undefined where not all are seen: in a part of the tree, or before it is read.
 */
export function countLiveNames({ cgroups, mounts }: CgroupTree): ReadonlyMap<string, number> | undefined {
  if (mounts.memory?.root !== '/' || cgroups.size === 0) return undefined
  const live = new Map<string, number>()
  for (const path of cgroups.keys()) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    live.set(name, (live.get(name) ?? 0) + 1)
  }
  return live
}

/** Of how many cgroups the use was read, the node left out: of a large tree the first look has read only some. */
export function countReadCgroups(tree: CgroupTree): number {
  let count = 0
  for (const { path, current } of tree.cgroups.values()) if (current !== null && !isNodeRoot(tree, path)) count++
  return count
}

/** The figures of a cgroup whose course is known, its use first. */
export function listCgroupSeries(cgroup: Cgroup): readonly (readonly [name: string, series: Series])[] {
  return [['memory', cgroup.series], ...(Object.entries(cgroup.seriesByField) as [string, Series][])]
}
