// Queries of the cgroup tree: churn, relations of paths, the tightest limit and the time until it is reached.

import { computeRate, getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { MINUTE } from '../../base/units.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'

/**
 * Returns the bytes that cannot be reclaimed without swap: everything but page cache without shmem, and reclaimable slab (unknown
 * on v1). Undefined if unknown.
 */
export function computeUnreclaimable({ current, file, shmem, slab, slabUnreclaimable }: Cgroup): number | undefined {
  if (current === null || file === null) return undefined
  const reclaimableSlab = (slab ?? 0) - (slabUnreclaimable ?? slab ?? 0)
  return current - Math.max(0, file - (shmem ?? 0)) - reclaimableSlab
}

/** Returns the cgroups created and removed per minute, over the last five minutes. */
export function computeChurn({ series }: CgroupTree, now: number): { created: number; removed: number } {
  const span = Math.min(5 * MINUTE, Math.max(MINUTE, now)) // a session counts as at least a minute long
  const computePerMinute = (name: 'created' | 'removed'): number =>
    (((getLatest(series[name]) ?? 0) - (getValueAt(series[name], now - span) ?? 0)) * MINUTE) / span
  return { created: computePerMinute('created'), removed: computePerMinute('removed') }
}

/** Returns whether a path is the root of the whole tree, which is the node. The root of a part is an ordinary cgroup. */
export const isNodeRoot = ({ mounts }: CgroupTree, path: string): boolean => path === '/' && mounts.memory?.root === '/'

/** Returns the parent of a path; undefined for the root. */
export const getParentPath = (path: string): string | undefined =>
  path === '/' ? undefined : path.slice(0, path.lastIndexOf('/')) || '/'

/** The limit of a cgroup or of one of its ancestors. */
export interface TightestLimit {
  /** the cgroup that has the limit */
  readonly path: string
  readonly limit: number
  /** usage of the cgroup that has the limit */
  readonly current: number
}

/** Finds the limit with the least room among the cgroup and its ancestors; undefined if there is no limit. */
export function findTightestLimit(tree: CgroupTree, path: string): TightestLimit | undefined {
  let tightest: TightestLimit | undefined
  // up to the root: the root of a part of the tree may have a limit
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

/** Ms whose growth the time to a limit follows from, and the least of them. */
export const LIMIT_RATE_SPAN = 5 * MINUTE
/** The shortest time (ms) over which a rate towards a limit is computed. */
export const MIN_LIMIT_RATE_SPAN = MINUTE / 2

/**
 * Returns the milliseconds until the tightest limit is reached at the rate of the last five minutes. Undefined if there is no limit,
 * the usage does not grow, or it has grown for less than half a minute.
 */
export function estimateTimeToLimit(tree: CgroupTree, path: string, now: number): number | undefined {
  const tightest = findTightestLimit(tree, path)
  const series = tightest && tree.cgroups.get(tightest.path)?.series
  if (!tightest || !series || now - (getFirstTime(series) ?? now) < MIN_LIMIT_RATE_SPAN) return undefined
  const rate = computeRate(series, now, LIMIT_RATE_SPAN)
  if (!rate || rate * 3600 < tightest.limit / 1000) return undefined // less than a thousandth of the limit per hour; a limit may be 0
  return (Math.max(0, tightest.limit - tightest.current) / rate) * 1000 // a limit that was lowered may be below the usage
}

/**
 * Counts the directories by name, the last part of the path: a cache's copy names only that part of its cgroup.
 * Undefined if not all directories are known: in a part of the tree, or before the first reading.
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

/** Returns how many cgroups have a known usage, without the node: the first sample of a large tree reads only some. */
export function countReadCgroups(tree: CgroupTree): number {
  let count = 0
  for (const { path, current } of tree.cgroups.values()) if (current !== null && !isNodeRoot(tree, path)) count++
  return count
}

/** Returns the series of a cgroup, its usage first. */
export function listCgroupSeries(cgroup: Cgroup): readonly (readonly [name: string, series: Series])[] {
  return [['memory', cgroup.series], ...(Object.entries(cgroup.seriesByField) as [string, Series][])]
}
