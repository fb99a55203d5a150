// Estimates the memory that deleted cgroups still hold, by the cgroup that is charged for it.

import { type Series, slicePoints } from '../../base/series.ts'
import { MINUTE, MiB } from '../../base/units.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'
import { isNodeRoot } from './tree-queries.ts'

/** Memory that is charged to a cgroup and to none of its live children: deleted children left it, or its own processes use it. */
export interface DyingMemory {
  readonly path: string
  /** usage of the parent minus usage of the children, own pages, and the kernel's overhead of the live children */
  readonly bytes: number
  /** true if its own pages are known and subtracted, or it can have none (v2: processes run in leaves) */
  readonly exact: boolean
}

const MIN_BYTES = MiB // less is not reported
/** Least excess of a cgroup without children: each CPU holds some spare pages that are charged already. */
const MIN_LEFTOVER = 4 * MiB

/**
 * Times in ms before now at which the sum is computed. Parent and children are not read at the same moment, so at a single time
 * memory that moves between them would look like memory of deleted cgroups. Only what is found at all times counts.
 */
const SAMPLE_AGES = [0, 2000, 5000]
/** Number of cgroups that are all read within these times; more take longer. */
const CGROUPS_PER_PASS = 1250

let memo: { readonly tree: CgroupTree; readonly results: readonly DyingMemory[] } | undefined

/** Returns the cgroups in which deleted ones still hold memory, largest first. The last answer is cached: it needs the whole tree. */
export function getDyingMemory(tree: CgroupTree): readonly DyingMemory[] {
  if (memo?.tree !== tree) memo = { tree, results: computeDyingMemory(tree) }
  return memo.results
}

function computeDyingMemory(tree: CgroupTree): readonly DyingMemory[] {
  const stretch = Math.max(1, tree.cgroups.size / CGROUPS_PER_PASS)
  const sampleTimes = SAMPLE_AGES.map(ago => tree.time! - ago * stretch)
  const totalsByParent = sumChildren(tree, sampleTimes)
  const results: DyingMemory[] = []
  for (const cgroup of tree.cgroups.values()) {
    if (isNodeRoot(tree, cgroup.path)) continue
    const childTotals = totalsByParent.get(cgroup.path)
    const entry =
      childTotals || (cgroup.dying ?? 0) > 0
        ? estimateDyingMemory(tree, cgroup, sampleTimes, childTotals)
        : estimateLeftover(cgroup, tree.time!)
    if (entry) results.push(entry)
  }
  return results.sort((a, b) => b.bytes - a.bytes)
}

/** Sums over all children of a cgroup; unknown values count as nothing. */
interface ChildTotals {
  /** their usage at each time; NaN if one of them was not read */
  readonly uses: number[]
  count: number
  percpu: number
  kernel: number
  dying: number
}

/** Sums the children of each parent. */
function sumChildren(tree: CgroupTree, sampleTimes: readonly number[]): ReadonlyMap<string, ChildTotals> {
  const parents = new Map<string, ChildTotals>()
  for (const cgroup of tree.cgroups.values()) {
    const { parent, percpu, kernel, dying } = cgroup
    if (parent === undefined) continue
    const sums = parents.get(parent) ?? { uses: sampleTimes.map(() => 0), count: 0, percpu: 0, kernel: 0, dying: 0 }
    if (sums.count++ === 0) parents.set(parent, sums)
    for (let i = 0; i < sampleTimes.length; i++) sums.uses[i]! += getUseAt(cgroup, sampleTimes[i]!, 0)
    sums.percpu += percpu ?? 0
    sums.kernel += kernel ?? 0
    sums.dying += dying ?? 0
  }
  return parents
}

/** Returns the usage of a cgroup at a recent time, searching from the end: nearly always it is the last point. */
function getUseAt({ series, current }: Cgroup, time: number, initial: number): number {
  if (current === null) return Number.NaN
  const { times, values, length }: Series = series
  for (let i = length - 1; i >= 0; i--) if (times[i]! <= time) return values[i]!
  return initial
}

function estimateDyingMemory(
  tree: CgroupTree,
  cgroup: Cgroup,
  sampleTimes: readonly number[],
  childTotals?: ChildTotals,
): DyingMemory | undefined {
  const { path, own } = cgroup
  const remainders = sampleTimes.map(
    (time, i) => getUseAt(cgroup, time, Number.POSITIVE_INFINITY) - (childTotals?.uses[i] ?? 0),
  )
  const bytes = Math.min(...remainders) - (own ?? 0) - estimateLiveOverhead(cgroup, childTotals)
  if (!(bytes >= MIN_BYTES)) return undefined
  const isV2 = tree.mounts.memory?.version === 2
  const kernel = (cgroup.kernel ?? 0) - (childTotals?.kernel ?? 0)
  return { path, bytes, exact: isV2 ? childTotals !== undefined : own !== null && kernel < bytes * NEGLIGIBLE_SHARE }
}

/** A share of kernel memory that is negligible on v1, where the kernel memory of its own processes is unknown. */
const NEGLIGIBLE_SHARE = 0.1
/** Size of a cgroup in the kernel without its per-CPU counters, charged to the parent (6.18: 6 KiB). */
const STRUCT_BYTES = 8 * 1024

// Since 5.9 the kernel charges the counters of a cgroup to its parent: about 100 KiB each on many CPUs. Those of live children must
// not count as memory of deleted ones. Known if the kernel reports `percpu`, and divided if the number of dying children is known.
function estimateLiveOverhead({ percpu, dying }: Cgroup, childTotals: ChildTotals | undefined): number {
  if (percpu === null || dying === null || !childTotals) return 0
  const dead = Math.max(0, dying - childTotals.dying)
  const counters = Math.max(0, percpu - childTotals.percpu) / (childTotals.count + dead)
  return childTotals.count * (Math.ceil(counters) + STRUCT_BYTES)
}

// v1 does not report that all children of a cgroup are dying, but pages that are not its own show it. Its own pages are read rarely,
// so the lowest usage of the last minute counts.
function estimateLeftover({ path, current, own, kernel, series }: Cgroup, now: number): DyingMemory | undefined {
  if (current === null || own === null || kernel === null || current - own - kernel < MIN_LEFTOVER) return undefined
  const bytes = Math.min(...slicePoints(series, now - MINUTE, now).values) - own - kernel
  return bytes >= MIN_LEFTOVER ? { path, bytes, exact: false } : undefined
}
