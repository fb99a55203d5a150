// Held: the memory that deleted cgroups still hold, by the cgroup that is charged for it. Pure; asked for by panel, detector and export.
import { slicePoints, type Series } from '../../base/series.ts'
import { isNode } from './census.ts'
import type { Cgroup, CgroupTree } from './cgroup.ts'

const MINUTE = 60_000

/** Memory that is charged to a cgroup and to none of its children: what deleted children left behind, or its own processes use. */
export interface Held {
  readonly path: string
  /** usage(parent) - sum of usage(children) - own pages - what the kernel keeps of the live children */
  readonly bytes: number
  /** its own pages are known, are nearly all it can have, and are taken off; or it can have none (v2: processes live in leaves) */
  readonly exact: boolean
}

const LEAST = 2 ** 20 // bytes that are worth a word
/** Bytes in a cgroup without children that are not its own: each CPU holds some pages ready that are counted already. */
const LEAST_LEFT = 4 * 2 ** 20

/**
 * Moments, in ms before the end. What the dead hold stands at all of them: at one alone what moves between the look at a parent and
 * that at its children would seem to be theirs.
 */
const MOMENTS = [0, 2000, 5000]
/** So many cgroups are all looked at within that time; more take longer. */
const LOOKED_AT = 1250

let memo: { readonly tree: CgroupTree; readonly held: readonly Held[] } | undefined

/** Cgroups by what deleted ones still hold there, the most first. Remembers its last answer: it goes over the whole tree. */
export function heldByDeleted(tree: CgroupTree): readonly Held[] {
  if (memo?.tree !== tree) memo = { tree, held: allHeld(tree) }
  return memo.held
}

function allHeld(tree: CgroupTree): readonly Held[] {
  const stretch = Math.max(1, tree.cgroups.size / LOOKED_AT)
  const moments = MOMENTS.map(ago => tree.time! - ago * stretch)
  const children = sumsOfChildren(tree, moments)
  const held: Held[] = []
  for (const cgroup of tree.cgroups.values()) {
    if (isNode(tree, cgroup.path)) continue
    const below = children.get(cgroup.path)
    const one = below || (cgroup.dying ?? 0) > 0 ? heldIn(tree, cgroup, moments, below) : leftIn(cgroup, tree.time!)
    if (one) held.push(one)
  }
  return held.sort((a, b) => b.bytes - a.bytes)
}

/** What all children of a cgroup have together. Of figures that are not known nothing is counted. */
interface Children {
  /** their use at each moment; NaN where one was not read */
  readonly uses: number[]
  count: number
  percpu: number
  kernel: number
  dying: number
}

/** Parents by what their children have. */
function sumsOfChildren(tree: CgroupTree, moments: readonly number[]): ReadonlyMap<string, Children> {
  const parents = new Map<string, Children>()
  for (const cgroup of tree.cgroups.values()) {
    const { parent, percpu, kernel, dying } = cgroup
    if (parent === undefined) continue
    const sums = parents.get(parent) ?? { uses: moments.map(() => 0), count: 0, percpu: 0, kernel: 0, dying: 0 }
    if (sums.count++ === 0) parents.set(parent, sums)
    for (let at = 0; at < moments.length; at++) sums.uses[at]! += usedAt(cgroup, moments[at]!, 0)
    sums.percpu += percpu ?? 0
    sums.kernel += kernel ?? 0
    sums.dying += dying ?? 0
  }
  return parents
}

/** Use of a cgroup at a late moment; `before` it was first read. From the end: nearly always it is the last point. */
function usedAt({ series, current }: Cgroup, time: number, before: number): number {
  if (current === null) return Number.NaN
  const { times, values, length }: Series = series
  for (let at = length - 1; at >= 0; at--) if (times[at]! <= time) return values[at]!
  return before
}

function heldIn(tree: CgroupTree, cgroup: Cgroup, moments: readonly number[], below?: Children): Held | undefined {
  const { path, own } = cgroup
  const rest = moments.map((time, at) => usedAt(cgroup, time, Number.POSITIVE_INFINITY) - (below?.uses[at] ?? 0))
  const bytes = Math.min(...rest) - (own ?? 0) - keptForLive(cgroup, below)
  if (!(bytes >= LEAST)) return undefined
  const isV2 = tree.mounts.memory?.version === 2
  const kernel = (cgroup.kernel ?? 0) - (below?.kernel ?? 0)
  return { path, bytes, exact: isV2 ? below !== undefined : own !== null && kernel < bytes * LITTLE }
}

/** Share of kernel memory on v1 that does not matter: what its own processes have of it is not told. */
const LITTLE = 0.1
/** What the kernel has of a cgroup besides its per-CPU counters and charges to the one above (6.18: 6 KiB). */
const STRUCTS = 8 * 1024

// From 5.9 on the kernel's counters of a cgroup are charged to the one above it: on many CPUs some 100 KiB for each. Those of the live are
// not left by the dead. Told by kernels that tell `percpu`; shared out when it is known how many are dead.
function keptForLive({ percpu, dying }: Cgroup, below: Children | undefined): number {
  if (percpu === null || dying === null || !below) return 0
  const dead = Math.max(0, dying - below.dying)
  const counters = Math.max(0, percpu - below.percpu) / (below.count + dead)
  return below.count * (Math.ceil(counters) + STRUCTS)
}

// v1 does not tell that all children of a cgroup are dead: pages that are not its own do. Its own are read seldom, so that of its use
// counts the least of a minute.
function leftIn({ path, current, own, kernel, series }: Cgroup, now: number): Held | undefined {
  if (current === null || own === null || kernel === null || current - own - kernel < LEAST_LEFT) return undefined
  const bytes = Math.min(...slicePoints(series, now - MINUTE, now).values) - own - kernel
  return bytes >= LEAST_LEFT ? { path, bytes, exact: false } : undefined
}
