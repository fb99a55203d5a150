// Held: the memory that deleted cgroups still hold, by the cgroup that is charged for it. Pure; asked for by panel, detector and export.

import { type Series, slicePoints } from '../../base/series.ts'
import { MINUTE, MiB } from '../../base/units.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'
import { isNodeRoot } from './tree-queries.ts'

/** Memory that is charged to a cgroup and to none of its children: what deleted children left behind, or its own processes use. */
export interface DyingMemory {
  readonly path: string
  /** usage(parent) - sum of usage(children) - own pages - what the kernel keeps of the live children */
  readonly bytes: number
  /** its own pages are known, are nearly all it can have, and are taken off; or it can have none (v2: processes live in leaves) */
  readonly exact: boolean
}

const MIN_BYTES = MiB // bytes that are worth a word
/** Bytes in a cgroup without children that are not its own: each CPU holds some pages ready that are counted already. */
const MIN_LEFTOVER = 4 * MiB

/**
 * Moments, in ms before the end. What the dead hold stands at all of them: at one alone what moves between the look at a parent and
 * that at its children would seem to be theirs.
 */
const SAMPLE_AGES = [0, 2000, 5000]
/** So many cgroups are all looked at within that time; more take longer. */
const CGROUPS_PER_PASS = 1250

let memo: { readonly tree: CgroupTree; readonly results: readonly DyingMemory[] } | undefined

/** Cgroups by what deleted ones still hold there, the most first. Remembers its last answer: it goes over the whole tree. */
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

/** What all children of a cgroup have together. Of figures that are not known nothing is counted. */
interface ChildTotals {
  /** their use at each moment; NaN where one was not read */
  readonly uses: number[]
  count: number
  percpu: number
  kernel: number
  dying: number
}

/** Parents by what their children have. */
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

/** Use of a cgroup at a late moment; `before` it was first read. From the end: nearly always it is the last point. */
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

/** Share of kernel memory on v1 that does not matter: what its own processes have of it is not told. */
const NEGLIGIBLE_SHARE = 0.1
/** What the kernel has of a cgroup besides its per-CPU counters and charges to the one above (6.18: 6 KiB). */
const STRUCT_BYTES = 8 * 1024

// From 5.9 on the kernel's counters of a cgroup are charged to the one above it: on many CPUs some 100 KiB for each. Those of the live are
// not left by the dead. Told by kernels that tell `percpu`; shared out when it is known how many are dead.
function estimateLiveOverhead({ percpu, dying }: Cgroup, childTotals: ChildTotals | undefined): number {
  if (percpu === null || dying === null || !childTotals) return 0
  const dead = Math.max(0, dying - childTotals.dying)
  const counters = Math.max(0, percpu - childTotals.percpu) / (childTotals.count + dead)
  return childTotals.count * (Math.ceil(counters) + STRUCT_BYTES)
}

// v1 does not tell that all children of a cgroup are dead: pages that are not its own do. Its own are read seldom, so that of its use
// counts the least of a minute.
function estimateLeftover({ path, current, own, kernel, series }: Cgroup, now: number): DyingMemory | undefined {
  if (current === null || own === null || kernel === null || current - own - kernel < MIN_LEFTOVER) return undefined
  const bytes = Math.min(...slicePoints(series, now - MINUTE, now).values) - own - kernel
  return bytes >= MIN_LEFTOVER ? { path, bytes, exact: false } : undefined
}
