// Judges all quantities of a run together: of three hundred that wander, some look like a leak by chance.
import { type Candidate, dropCovered } from './covered.ts'
import { isEvenGrowth, judgeQuantity, type QuantityVerdict } from './judge.ts'
import { collectTroughs, type Observations } from './observations.ts'
import type { Quantity } from './quantities.ts'

/** One quantity with what was found about it. */
export interface JudgedQuantity extends QuantityVerdict {
  readonly quantity: Quantity
  readonly troughs: readonly number[]
}

/** Growth per iteration that is called steady. */
export interface Tolerances {
  /** kernel memory and counts */
  readonly kernel: number
  /** memory of processes: other programs on the node move it */
  readonly user: number
  readonly count: number
}

const USER_MEMORY: ReadonlySet<string> = new Set(['AnonPages', 'Shmem', 'SwapUsed', 'unaccounted'])

// The chance of a false leak in each family of quantities: half a percent in all. It is divided by their number (Bonferroni). Memory of
// processes has the least: between two collections of its garbage a healthy heap grows like a leak.
const LEVELS = { user: 0.0004, kernel: 0.0025, cache: 0.0015, cgroup: 0.0006 } as const
type Family = keyof typeof LEVELS
// Where a total leaks already, its parts are named, not accused: those of cgroups too that are not under test.
const CULPRIT_LEVEL = 0.05

/** Judges every quantity that has a trough after each iteration. `leaks` are those that grow, in no order. */
export function judgeAll(
  observations: Observations,
  tolerances: Tolerances,
): { readonly judged: readonly JudgedQuantity[]; readonly leaks: readonly JudgedQuantity[] } {
  const isSteady = (one: Candidate): boolean => judgeCandidate(one, tolerances, LEVELS.cgroup).judgement === 'steady'
  const candidates = dropCovered(listCandidates(observations), observations.scope, isSteady)
  const families = Map.groupBy(candidates, ({ quantity }) => getFamily(quantity))
  const judge = (family: Family): readonly JudgedQuantity[] => {
    const members = (families.get(family) ?? []).filter(({ quantity }) => quantity.isJudged)
    return members.map(one => judgeCandidate(one, tolerances, LEVELS[family] / countTests(family, members)))
  }
  const totals = [...judge('user'), ...judge('kernel')]
  const leakingTotals = totals.filter(isGrowing)
  if (leakingTotals.length === 0) {
    const parts = [...judge('cache'), ...judge('cgroup')]
    return { judged: [...totals, ...parts], leaks: parts.filter(isGrowing) }
  }
  const parts = [...(families.get('cache') ?? []), ...(families.get('cgroup') ?? [])]
  const judgedParts = parts.map(one => judgeCandidate(one, tolerances, CULPRIT_LEVEL))
  const culprits = judgedParts.filter(one => isGrowing(one) && isEvenGrowth(one.troughs))
  return { judged: [...totals, ...judgedParts], leaks: [...leakingTotals, ...culprits] }
}

function getFamily(quantity: Quantity): Family {
  if (quantity.group === 'cache' || quantity.group === 'cgroup') return quantity.group
  return isUserMemory(quantity) ? 'user' : 'kernel'
}

function listCandidates(observations: Observations): readonly Candidate[] {
  const last = observations.iterations.at(-1)?.trough ?? new Map<string, Quantity>()
  return [...last.values()].flatMap(quantity => {
    const isRelevant = quantity.isJudged || quantity.group === 'cgroup'
    const series = isRelevant ? collectTroughs(observations, quantity) : undefined
    return series ? [{ quantity, series }] : []
  })
}

const judgeCandidate = ({ quantity, series }: Candidate, tolerances: Tolerances, level: number): JudgedQuantity => ({
  ...judgeQuantity(series, {
    tolerance: getTolerance(quantity, tolerances),
    level,
    hasGarbage: isUserMemory(quantity),
  }),
  quantity,
  troughs: series.troughs,
})

const isGrowing = ({ judgement }: JudgedQuantity): boolean => judgement === 'grows'

// Most caches and cgroups never change, and cannot look like a leak. At least 1: it is a divisor.
function countTests(family: Family, members: readonly Candidate[]): number {
  if (family === 'user' || family === 'kernel') return Math.max(1, members.length)
  return Math.max(1, members.filter(({ series: { troughs } }) => troughs.some(value => value !== troughs[0])).length)
}

function getTolerance({ unit, name, group }: Quantity, tolerances: Tolerances): number {
  if (unit === 'count') return tolerances.count
  return isUserMemory({ group, name }) ? tolerances.user : tolerances.kernel
}

/** Whether memory of processes is in it, which a garbage collector or another program moves. */
export const isUserMemory = ({ group, name }: Pick<Quantity, 'group' | 'name'>): boolean =>
  group === 'memory' ? USER_MEMORY.has(name) : group === 'cgroup' && / (?:anon|shmem)$/.test(name)
