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
  const byId = new Map(candidates.map(one => [one.quantity.id, one]))
  const isCoveredBy = (part: string): boolean =>
    scope.every(path => {
      const one = byId.get(`cgroup ${path} ${part}`)
      return one !== undefined && isCounted(one, part) && isSteady(one)
    })
  const steadyParts = new Set(Object.values(PARTS).filter(isCoveredBy))
  const covering = new Set(scope.flatMap(path => [...steadyParts].map(part => `cgroup ${path} ${part}`)))
  return candidates
    .filter(({ quantity: { group, name } }) => group !== 'memory' || !steadyParts.has(PARTS[name] ?? ''))
    .map(one => (covering.has(one.quantity.id) ? { ...one, quantity: { ...one.quantity, isJudged: true } } : one))
}

// A process has kernel memory; 0 is a kernel that does not count it (cgroup.memory=nokmem).
const isCounted = ({ series }: Candidate, part: string): boolean =>
  part !== 'kernel' || series.troughs.every(value => value > 0)
