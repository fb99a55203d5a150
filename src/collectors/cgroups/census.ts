// What the census says: churn, IDs left, who holds the tightest limit, what deleted cgroups still hold. Pure; for panels, detectors and exports.
import { between, firstTime, latest, ratePerSecond, type Series, valueAt } from '../../base/series.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'

const MINUTE = 60_000

/**
 * Bytes that reclaim cannot take without swap: all but the page cache that is no shmem, and the slab that counts as reclaimable
 * (not told on v1). Undefined: not known.
 */
export function unreclaimable({ current, file, shmem, slab, slabUnreclaimable }: Cgroup): number | undefined {
  if (current === null || file === null) return undefined
  const reclaimableSlab = (slab ?? 0) - (slabUnreclaimable ?? slab ?? 0)
  return current - Math.max(0, file - (shmem ?? 0)) - reclaimableSlab
}

/** Cgroups made and removed in a minute, over the last five. */
export function churn({ series }: CgroupTree, now: number): { created: number; removed: number } {
  const span = Math.min(5 * MINUTE, Math.max(MINUTE, now)) // a young session is counted as a minute
  const of = (name: 'created' | 'removed'): number =>
    (((latest(series[name]) ?? 0) - (valueAt(series[name], now - span) ?? 0)) * MINUTE) / span
  return { created: of('created'), removed: of('removed') }
}

/** Whether a path is the root of the whole tree, which is the node. That of a part is a cgroup as others: a container's own. */
export const isNode = ({ mounts }: CgroupTree, path: string): boolean => path === '/' && mounts.memory?.root === '/'

/** Whether a cgroup is below another. */
export const isBelow = (path: string, above: string): boolean =>
  path !== above && path.startsWith(above === '/' ? '/' : `${above}/`)

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** A limit that stands above a cgroup, its own included. */
export interface Tightest {
  /** whose limit it is */
  readonly path: string
  readonly limit: number
  /** what the owner of the limit uses */
  readonly current: number
}

/** The limit with the least room on the way up; undefined when there is none. */
export function tightestLimit(tree: CgroupTree, path: string): Tightest | undefined {
  let tightest: Tightest | undefined
  for (const at of upFrom(path)) {
    const { limit = null, current = null } = tree.cgroups.get(at) ?? {}
    if (limit === null || current === null || !Number.isFinite(limit)) continue
    if (!tightest || limit - current < tightest.limit - tightest.current) tightest = { path: at, limit, current }
  }
  return tightest
}

// Up to the root, which has a limit where it is that of a part of the tree.
function upFrom(path: string): readonly string[] {
  const up: string[] = []
  for (let at = path; at !== '/'; at = parentOf(at)) up.push(at)
  return [...up, '/']
}

const RATE_SPAN = 5 * MINUTE

/**
 * Milliseconds until the tightest limit is reached at the pace of its owner over the last five minutes. Undefined without a
 * limit, when it does not grow, and when it grew for less than half a minute.
 */
export function timeToLimit(tree: CgroupTree, path: string, now: number): number | undefined {
  const tightest = tightestLimit(tree, path)
  const series = tightest && tree.cgroups.get(tightest.path)?.series
  if (!tightest || !series || now - (firstTime(series) ?? now) < MINUTE / 2) return undefined
  const rate = ratePerSecond(series, now, RATE_SPAN)
  if (rate === undefined || rate * 3600 < tightest.limit / 1000) return undefined // a thousandth of the limit in an hour
  return ((tightest.limit - tightest.current) / rate) * 1000
}

/** Memory that is charged to a cgroup and to none of its children: what deleted children left behind, or its own processes use. */
export interface Held {
  readonly path: string
  /** usage(parent) - sum of usage(children) - own pages */
  readonly bytes: number
  /** its own pages are known and taken off, or it can have none (v2: processes live in leaves) */
  readonly exact: boolean
}

/** Bytes in a cgroup without children that are not its own: each CPU holds some pages ready that are counted already. */
const LEAST_LEFT = 4 * 2 ** 20

/**
 * Moments, in ms before the end. What the dead hold stands at all of them: at one alone what moves between the look at a parent and
 * that at its children would seem to be theirs.
 */
const MOMENTS = [0, 2000, 5000]
/** So many cgroups are all looked at within that time; more take longer. */
const LOOKED_AT = 1250

/** Use of a cgroup at some moments; `before` it was first read. */
type Uses = (cgroup: Cgroup, before: number) => readonly number[]

function usesIn({ cgroups, time }: CgroupTree): Uses {
  const stretch = Math.max(1, cgroups.size / LOOKED_AT)
  return ({ series, current }, before) =>
    MOMENTS.map(ago => (current === null ? Number.NaN : (valueAt(series, time! - ago * stretch) ?? before)))
}

/** Parents by the use of all their children at these moments. NaN where one was not read. */
function usesOfChildren(tree: CgroupTree, usesOf: Uses): ReadonlyMap<string, readonly number[]> {
  const children = new Map<string, readonly number[]>()
  for (const cgroup of tree.cgroups.values()) {
    if (isNode(tree, cgroup.path)) continue
    const [parent, uses] = [parentOf(cgroup.path), usesOf(cgroup, 0)]
    const others = children.get(parent)
    children.set(parent, others ? others.map((use, at) => use + uses[at]!) : uses)
  }
  return children
}

/** Cgroups with children by what deleted ones still hold there, the most first; those with less than `least` bytes left out. */
export function heldByDeleted(tree: CgroupTree, least = 2 ** 20): readonly Held[] {
  const usesOf = usesIn(tree)
  const children = usesOfChildren(tree, usesOf)
  const held: Held[] = []
  for (const cgroup of tree.cgroups.values()) {
    const { path, own, dying } = cgroup
    if (isNode(tree, path)) continue
    const used = children.get(path)
    if (used === undefined && (dying ?? 0) === 0) {
      const left = leftIn(cgroup, tree.time!)
      if (left >= Math.max(least, LEAST_LEFT)) held.push({ path, bytes: left, exact: false })
      continue
    }
    const uses = usesOf(cgroup, Number.POSITIVE_INFINITY)
    const bytes = Math.min(...uses.map((use, at) => use - (used?.[at] ?? 0))) - (own ?? 0)
    const exact = own !== null || (tree.mounts.memory?.version === 2 && used !== undefined)
    if (bytes >= least) held.push({ path, bytes, exact })
  }
  return held.sort((a, b) => b.bytes - a.bytes)
}

// v1 does not tell that all children of a cgroup are dead: pages that are not its own do. Its own are read seldom, so that of its use
// counts the least of a minute.
function leftIn({ current, own, kernel, series }: Cgroup, now: number): number {
  if (current === null || own === null || kernel === null) return 0
  return Math.min(...between(series, now - MINUTE, now).values) - own - kernel
}

/**
 * How many directories there are of a name: the last part of a path, which is all that a cache's copy tells of its cgroup.
 * Undefined where not all are seen: in a part of the tree, or before it is read.
 */
export function liveNames({ cgroups, mounts }: CgroupTree): ReadonlyMap<string, number> | undefined {
  if (mounts.memory?.root !== '/' || cgroups.size === 0) return undefined
  const live = new Map<string, number>()
  for (const path of cgroups.keys()) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    live.set(name, (live.get(name) ?? 0) + 1)
  }
  return live
}

/** Of how many cgroups the use was read, the node left out: of a large tree the first look has read only some. */
export function countRead(tree: CgroupTree): number {
  let known = 0
  for (const { path, current } of tree.cgroups.values()) if (current !== null && !isNode(tree, path)) known++
  return known
}

/** The figures of a cgroup whose course is known, its use first. */
export function coursesOf(cgroup: Cgroup): readonly (readonly [name: string, series: Series])[] {
  return [['memory', cgroup.series], ...(Object.entries(cgroup.courses) as [string, Series][])]
}
