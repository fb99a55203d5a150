// Judges all quantities of a run together: of three hundred that wander, some look like a leak by chance.
import { KiB } from '../base/units.ts'
import { type Candidate, computeBounds, dropCovered } from './covered.ts'
import {
  applyBound,
  isEvenGrowth,
  isExactGrowth,
  type JudgingRule,
  judgeQuantity,
  type QuantityVerdict,
} from './judge.ts'
import { collectTroughs, type Observations } from './observations.ts'
import type { Quantity } from './quantities.ts'

/** One quantity with what was found about it. */
export interface JudgedQuantity extends QuantityVerdict {
  readonly quantity: Quantity
  readonly troughs: readonly number[]
  /** what its growth was compared with */
  readonly rule: JudgingRule
}

/** Growth per iteration that may hide in the noise of a number that is called steady. */
export interface Tolerances {
  /** kernel memory and counts */
  readonly kernel: number
  /** memory of processes: other programs on the node move it */
  readonly user: number
  readonly count: number
  /** growth of kernel memory that is no leak although it is proved; 0: all of it is */
  readonly acceptedKernel: number
}

const USER_MEMORY: ReadonlySet<string> = new Set(['AnonPages', 'Shmem', 'SwapUsed', 'unaccounted'])

// The chance of a false leak in each family of quantities: half a percent in all. It is divided by their number (Bonferroni). Memory of
// processes has the least: between two collections of its garbage a healthy heap grows like a leak.
const LEVELS = { user: 0.0004, kernel: 0.0025, cache: 0.0015, cgroup: 0.0006 } as const
type Family = keyof typeof LEVELS
// Where a total leaks already, its parts are named, not accused: those of cgroups too that are not under test.
const CULPRIT_LEVEL = 0.05
// A cache that only the thing under test uses grows by the same few pages each time: 500 inotify marks are ten.
const CACHE_RESOLUTION = 4 * KiB
// Kernel memory of a cgroup grows by its cached dentries as well: less than this share of the tolerance is not called unclear.
const UNCLEAR_SHARE = 1 / 8
// TCP sockets that may hide in the noise of the node, per iteration: the kernel memory that they have is judged too.
const MAX_HIDDEN_SOCKETS = 256

/** What all quantities of a run have shown. */
export interface JudgedRun {
  readonly judged: readonly JudgedQuantity[]
  /** those of them that grow, in no order */
  readonly leaks: readonly JudgedQuantity[]
  /** kernel memory of cgroups under test that grows, where neither the cgroup nor the node shows how much of it can be reclaimed */
  readonly unclear: readonly JudgedQuantity[]
}

/** Judges every quantity that has a trough after each iteration. */
export function judgeAll(observations: Observations, tolerances: Tolerances): JudgedRun {
  const { scope } = observations
  const judgePart = (one: Candidate): JudgedQuantity => judgeCandidate(one, tolerances, LEVELS.cgroup)
  const all = listCandidates(observations)
  const candidates = dropCovered(all, scope, one => judgePart(one).judgement === 'steady')
  const bounds = computeBounds(all, scope, one => judgePart(one).largest)
  const chargedGrowth = sumKernelGrowth(all, scope, judgePart)
  const families = Map.groupBy(candidates, ({ quantity }) => getFamily(quantity))
  const judge = (family: Family): readonly JudgedQuantity[] => {
    const members = (families.get(family) ?? []).filter(({ quantity }) => quantity.isJudged)
    const level = LEVELS[family] / countTests(family, members)
    return members.map(one => {
      const judged = judgeCandidate(one, tolerances, level)
      const isFine = family === 'cache' && judged.growth <= chargedGrowth && isExactGrowth(one.series.troughs)
      return isFine ? judgeCandidate(one, tolerances, level, CACHE_RESOLUTION) : judged
    })
  }
  const totals = [...judge('user'), ...judge('kernel')].map(one => {
    const bound = bounds.get(one.quantity.id)
    return bound === undefined ? one : { ...one, ...applyBound(one, bound, getBoundLimit(one.quantity, tolerances)) }
  })
  const slab = totals.find(({ quantity: { id } }) => id === 'memory SUnreclaim')
  const kernels = listKernelMemory(all, scope).filter(({ quantity }) => !quantity.isJudged)
  const least = UNCLEAR_SHARE * tolerances.kernel
  const unclear = kernels.map(judgePart).filter(one => one.growth > least && isHidden(one, slab))
  const leakingTotals = totals.filter(isGrowing)
  if (leakingTotals.length === 0) {
    const parts = [...judge('cache'), ...judge('cgroup')]
    return { judged: [...totals, ...parts], leaks: parts.filter(isGrowing), unclear }
  }
  const parts = [...(families.get('cache') ?? []), ...(families.get('cgroup') ?? [])]
  const judgedParts = parts.map(one => judgeCandidate(one, tolerances, CULPRIT_LEVEL))
  const culprits = judgedParts.filter(one => isGrowing(one) && isEvenGrowth(one.troughs))
  return { judged: [...totals, ...judgedParts], leaks: [...leakingTotals, ...culprits], unclear }
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

// Bytes per iteration by which the kernel memory of the cgroups under test has grown at least; 0 without any.
const sumKernelGrowth = (
  all: readonly Candidate[],
  scope: readonly string[],
  judge: (one: Candidate) => JudgedQuantity,
) => listKernelMemory(all, scope).reduce((sum, one) => sum + Math.max(0, judge(one).low), 0)

const listKernelMemory = (all: readonly Candidate[], scope: readonly string[]): readonly Candidate[] =>
  all.filter(({ quantity: { id } }) => scope.some(path => id === `cgroup ${path} kernel`))

const judgeCandidate = (
  { quantity, series }: Candidate,
  tolerances: Tolerances,
  level: number,
  resolution?: number,
): JudgedQuantity => {
  const rule = {
    tolerance: getTolerance(quantity, tolerances),
    level,
    accepted: isKernelMemory(quantity) ? tolerances.acceptedKernel : 0,
    hasGarbage: isUserMemory(quantity),
    ...(resolution === undefined ? {} : { resolution }),
  }
  return { ...judgeQuantity(series, rule), quantity, troughs: series.troughs, rule }
}

// Whether a growth may be slab that stays: SUnreclaim of the node would not have shown as much.
const isHidden = ({ judgement, growth }: JudgedQuantity, slab: JudgedQuantity | undefined): boolean =>
  (judgement === 'grows' || judgement === 'rising') && growth < (slab?.detectable ?? Number.POSITIVE_INFINITY)

const isGrowing = ({ judgement }: JudgedQuantity): boolean => judgement === 'grows'

// Most caches and cgroups never change, and cannot look like a leak. At least 1: it is a divisor.
function countTests(family: Family, members: readonly Candidate[]): number {
  if (family === 'user' || family === 'kernel') return Math.max(1, members.length)
  return Math.max(1, members.filter(({ series: { troughs } }) => troughs.some(value => value !== troughs[0])).length)
}

const isKernelMemory = (quantity: Quantity): boolean => quantity.unit === 'bytes' && !isUserMemory(quantity)

function getTolerance(quantity: Quantity, tolerances: Tolerances): number {
  if (isKernelMemory(quantity)) return tolerances.kernel
  return quantity.unit === 'count' ? tolerances.count : tolerances.user
}

const getBoundLimit = (quantity: Quantity, tolerances: Tolerances): number =>
  quantity.unit === 'count' ? MAX_HIDDEN_SOCKETS : getTolerance(quantity, tolerances)

/** Whether memory of processes is in it, which a garbage collector or another program moves. */
export const isUserMemory = ({ group, name }: Pick<Quantity, 'group' | 'name'>): boolean =>
  group === 'memory' ? USER_MEMORY.has(name) : group === 'cgroup' && / (?:anon|shmem)$/.test(name)
