// What of the node's memory the cgroups under test account for: where their share is steady, the rest belongs to other programs.
import type { TroughSeries } from './judge.ts'
import type { Quantity } from './quantities.ts'

/** A quantity with its troughs. */
export interface Candidate {
  readonly quantity: Quantity
  readonly series: TroughSeries
}

// The kernel charges these to the cgroup of the process, always. Not all of its slab: an eventfd or a route is charged to nobody.
const PARTS: Readonly<Record<string, string>> = { KernelStack: 'kernel', PageTables: 'kernel', Shmem: 'shmem' }

/**
 * Leaves out the numbers of the node that only other programs moved: each cgroup under test has its share of them, and it is steady.
 * The shares are judged in their place: also kernel memory that includes reclaimable slab (v1), because as an upper bound it is steady.
 * @param scope cgroups under test; none: all of the node is under test
 */
export function dropCovered(
  candidates: readonly Candidate[],
  scope: readonly string[],
  isSteady: (one: Candidate) => boolean,
): readonly Candidate[] {
  if (scope.length === 0) return candidates
  const isCoveredBy = (part: string): boolean => listShares(candidates, scope, part)?.every(isSteady) ?? false
  const steadyParts = new Set(Object.values(PARTS).filter(isCoveredBy))
  const covering = new Set(scope.flatMap(path => [...steadyParts].map(part => `cgroup ${path} ${part}`)))
  return candidates
    .filter(({ quantity: { group, name } }) => group !== 'memory' || !steadyParts.has(PARTS[name] ?? ''))
    .map(one => (covering.has(one.quantity.id) ? { ...one, quantity: { ...one.quantity, isJudged: true } } : one))
}

// A socket that a process holds has a file (filp), which is charged to its cgroup and cannot be reclaimed: at least this.
const BYTES_PER_SOCKET = 192
/** What the cgroups under test have a share of: in which number of theirs it is counted, and how many bytes one of it has there. */
const BOUNDED: Readonly<Record<string, { readonly part: string; readonly bytes: number }>> = {
  ...Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [`memory ${name}`, { part, bytes: 1 }])),
  'count TCP sockets': { part: 'kernel', bytes: BYTES_PER_SOCKET },
}

/**
 * Returns, by the id of a number of the node, how much of its growth per iteration the cgroups under test can be: no more than the
 * growth of what it is a part of. Only for numbers of which they have a share.
 */
export function computeBounds(
  candidates: readonly Candidate[],
  scope: readonly string[],
  computeLargest: (one: Candidate) => number,
): ReadonlyMap<string, number> {
  const entries = Object.entries(BOUNDED).flatMap(([id, { part, bytes }]): readonly (readonly [string, number])[] => {
    const shares = scope.length === 0 ? undefined : listShares(candidates, scope, part)
    return shares ? [[id, shares.reduce((sum, one) => sum + computeLargest(one), 0) / bytes]] : []
  })
  return new Map(entries)
}

// One per cgroup; undefined unless each cgroup under test counts it.
function listShares(
  candidates: readonly Candidate[],
  scope: readonly string[],
  part: string,
): readonly Candidate[] | undefined {
  const shares = scope.map(path => candidates.find(({ quantity: { id } }) => id === `cgroup ${path} ${part}`))
  const counted = shares.filter(one => one !== undefined && isCounted(one, part))
  return counted.length === scope.length ? (counted as readonly Candidate[]) : undefined
}

// A process has kernel memory; 0 is a kernel that does not count it (cgroup.memory=nokmem).
const isCounted = ({ series }: Candidate, part: string): boolean =>
  part !== 'kernel' || series.troughs.every(value => value > 0)
