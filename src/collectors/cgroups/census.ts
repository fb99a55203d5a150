// What the census says: churn, IDs left, who holds the tightest limit, what deleted cgroups still hold. Pure; for panels, detectors and exports.
import { firstTime, latest, ratePerSecond, type Series, valueAt } from '../../base/series.ts'
import { type Cgroup, type CgroupTree, MEMCG_IDS } from './cgroup.ts'

const MINUTE = 60_000

/** Cgroups made and removed in a minute, over the last five. */
export function churn({ series }: CgroupTree, now: number): { created: number; removed: number } {
  const span = Math.min(5 * MINUTE, Math.max(MINUTE, now)) // a young session is counted as a minute
  const of = (name: 'created' | 'removed'): number =>
    (((latest(series[name]) ?? 0) - (valueAt(series[name], now - span) ?? 0)) * MINUTE) / span
  return { created: of('created'), removed: of('removed') }
}

const DAY = 24 * 60 * MINUTE
const LEAST = MEMCG_IDS / 1000 // IDs an hour that are worth a forecast: 40 days from empty to full
/** So many cgroups within a minute are no burst of pods: their pace is known after ten seconds. */
const MANY = 1000

/**
 * Milliseconds until the IDs are used up, at the rate over all that is known (a day at most): churn makes the slope of
 * minutes useless. Undefined when less than a minute is known, and when the rate is slow or falling.
 */
export function idsLeft({ series: { numCgroups } }: CgroupTree, now: number): number | undefined {
  const first = firstTime(numCgroups)
  const used = latest(numCgroups)
  if (first === undefined || used === undefined) return undefined
  const begin = Math.max(first, now - DAY)
  const came = used - valueAt(numCgroups, begin)!
  if (now - begin < (came < MANY ? MINUTE : MINUTE / 6)) return undefined
  const rate = came / (now - begin)
  return rate * 60 * MINUTE < LEAST ? undefined : (MEMCG_IDS - used) / rate
}

// 3.10.0-514 says ENOSPC, 3.10.0-1062 ENOMEM; which release changed it is not known
const rhel7Errors = (release: number): readonly string[] =>
  release >= 1062 ? ['ENOMEM'] : release <= 514 ? ['ENOSPC'] : ['ENOSPC', 'ENOMEM']

/**
 * What mkdir of a memory cgroup fails with when all IDs are taken, in a kernel of this release. It went from ENOSPC to ENOMEM
 * (the IDR's error was lost), back to ENOSPC in 5.10, and to EBUSY with the xarray of 6.12; two where it is not known which.
 */
export function exhaustionErrors(kernel: string): readonly string[] {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  const version = major * 1000 + minor
  if (version === 3010) return rhel7Errors(Number(/^3\.10\.0-(\d+)/.exec(kernel)?.[1] ?? 0))
  if (version < 4000) return ['ENOSPC']
  if (version < 4008) return ['ENOSPC', 'ENOMEM']
  if (version <= 5004) return ['ENOMEM']
  if (version < 5010) return ['ENOMEM', 'ENOSPC']
  if (version <= 6006) return ['ENOSPC']
  return version < 6012 ? ['ENOSPC', 'EBUSY'] : ['EBUSY']
}

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
  for (let at = path; at !== '/'; at = parentOf(at)) {
    const { limit = null, current = null } = tree.cgroups.get(at) ?? {}
    if (limit === null || current === null || !Number.isFinite(limit)) continue
    if (!tightest || limit - current < tightest.limit - tightest.current) tightest = { path: at, limit, current }
  }
  return tightest
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

/** Cgroups with children by what deleted ones still hold there, the most first; those with less than `least` bytes left out. */
export function heldByDeleted(tree: CgroupTree, least = 2 ** 20): readonly Held[] {
  const children = new Map<string, number>()
  for (const { path, current } of tree.cgroups.values()) {
    if (path === '/') continue
    const parent = parentOf(path)
    children.set(parent, (children.get(parent) ?? 0) + (current ?? Number.NaN))
  }
  const held: Held[] = []
  for (const { path, current, own, dying } of tree.cgroups.values()) {
    const used = children.get(path)
    if (path === '/' || current === null || (used === undefined && (dying ?? 0) === 0)) continue // all its children may be dead
    const bytes = current - (used ?? 0) - (own ?? 0)
    const exact = own !== null || (tree.mounts.memory?.version === 2 && used !== undefined)
    if (bytes >= least) held.push({ path, bytes, exact })
  }
  return held.sort((a, b) => b.bytes - a.bytes)
}

/** How many directories there are of a name: the last part of a path, which is all that a cache's copy tells of its cgroup. */
export function liveNames({ cgroups }: CgroupTree): ReadonlyMap<string, number> {
  const live = new Map<string, number>()
  for (const path of cgroups.keys()) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    live.set(name, (live.get(name) ?? 0) + 1)
  }
  return live
}

/** Of how many cgroups the use was read, the root left out: of a large tree the first look has read only some. */
export function countRead({ cgroups }: CgroupTree): number {
  let known = 0
  for (const { path, current } of cgroups.values()) if (current !== null && path !== '/') known++
  return known
}

/** The figures of a cgroup whose course is known, its use first. */
export function coursesOf(cgroup: Cgroup): readonly (readonly [name: string, series: Series])[] {
  return [['memory', cgroup.series], ...(Object.entries(cgroup.courses) as [string, Series][])]
}
