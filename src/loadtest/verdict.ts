// Verdict of a load test: returned, leaks, or cannot tell; always with the smallest leak that this run could have seen.
import { formatBytes, formatCount, formatPlural, formatSignedBytes } from '../base/format.ts'
import { MIN_SLOPE_POINTS } from '../base/slope-interval.ts'
import { MiB } from '../base/units.ts'
import type { Judgement } from './judge.ts'
import { isUserMemory, type JudgedQuantity, judgeAll, type Tolerances } from './judge-all.ts'
import type { Observations } from './observations.ts'

export type Outcome = 'returned' | 'leaks' | 'cannot tell'

export interface RunVerdict {
  readonly outcome: Outcome
  /** one sentence */
  readonly summary: string
  /** what grows, the largest growth first; memory before the caches and cgroups that explain it */
  readonly leaks: readonly JudgedQuantity[]
  /** why nothing can be said; empty unless the outcome is `cannot tell` */
  readonly reasons: readonly string[]
  /** the smallest growth per iteration of kernel memory that would have been reported, bytes; null: no iteration was judged */
  readonly smallestDetectable: number | null
  readonly judged: readonly JudgedQuantity[]
}

export const defaultTolerances: Tolerances = { kernel: 2 * MiB, user: 32 * MiB, count: 5 }

const REQUIRED: readonly string[] = ['memory AnonPages', 'memory SUnreclaim', 'memory KernelStack', 'memory PageTables']

/** Judges a whole run. */
export function judgeRun(observations: Observations, tolerances: Tolerances = defaultTolerances): RunVerdict {
  const { judged, leaks: unsorted } = judgeAll(observations, tolerances)
  const leaks = sortLeaks(unsorted)
  const judgedIterations = Math.max(0, observations.iterations.length - observations.warmup)
  const detectables = judged.filter(isKernelTotal).map(({ detectable }) => detectable)
  const smallest = detectables.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...detectables)
  const common = { leaks, judged, smallestDetectable: Number.isFinite(smallest) ? smallest : null }
  if (leaks.length > 0) return { ...common, outcome: 'leaks', reasons: [], summary: summarizeLeak(leaks) }
  const reasons = listReasons(judged, judgedIterations)
  if (reasons.length > 0) return { ...common, outcome: 'cannot tell', reasons, summary: `Cannot tell: ${reasons[0]}.` }
  const iterations = formatPlural(judgedIterations, 'iteration')
  const summary = `Everything returned after ${iterations}; a leak of ${formatBytes(smallest)} per iteration would have been seen.`
  return { ...common, outcome: 'returned', reasons: [], summary }
}

const isKernelTotal = ({ quantity }: JudgedQuantity): boolean => quantity.group === 'memory' && !isUserMemory(quantity)

const GROUP_ORDER = ['memory', 'count', 'cgroup', 'cache']

function sortLeaks(leaks: readonly JudgedQuantity[]): readonly JudgedQuantity[] {
  const rank = ({ quantity: { group } }: JudgedQuantity): number => GROUP_ORDER.indexOf(group)
  return leaks.toSorted((a, b) => rank(a) - rank(b) || b.growth - a.growth)
}

const MAX_NAMED = 3

function summarizeLeak(leaks: readonly JudgedQuantity[]): string {
  const [first] = leaks
  const culprits = leaks.filter(({ quantity }) => quantity.group !== first!.quantity.group).slice(0, MAX_NAMED)
  const names = culprits.map(leak => `${leak.quantity.group} ${leak.quantity.name} ${formatGrowth(leak)}`)
  const where = names.length === 0 ? '' : ` (${names.join(', ')})`
  return `Leaks ${formatGrowth(first!)} per iteration in ${first!.quantity.name}${where}.`
}

/** `+1.2 MiB`, or `+3` of a count. */
export const formatGrowth = ({ quantity: { unit }, growth }: JudgedQuantity): string =>
  unit === 'bytes' ? formatSignedBytes(growth) : `${growth < 0 ? '−' : '+'}${formatCount(Math.abs(growth))}`

function listReasons(judged: readonly JudgedQuantity[], iterations: number): readonly string[] {
  const missing = REQUIRED.filter(id => !judged.some(({ quantity }) => quantity.id === id))
  if (missing.length > 0) return [`${missing.map(id => id.replace(/^memory /, '')).join(', ')} could not be read`]
  if (iterations + 1 < MIN_SLOPE_POINTS) {
    const needed = MIN_SLOPE_POINTS - 1
    return [
      `${formatPlural(iterations, 'iteration')} after the warm-up cannot separate a leak from a warm-up: --repeat ${needed + 1} --warmup 1 is the least`,
    ]
  }
  const totals = judged.filter(({ quantity: { group } }) => group === 'memory' || group === 'count')
  const slowing = totals
    .filter(hasJudgement('slowing'))
    .map(
      leak =>
        `${leak.quantity.name} is still warming up (${formatGrowth(leak)} per iteration, and slowing): use more iterations or a longer warm-up`,
    )
  const noisy = totals.filter(hasJudgement('noisy')).map(({ quantity: { name, unit }, detectable }) => {
    const size = unit === 'bytes' ? formatBytes(detectable) : formatCount(detectable)
    return `${name} moves too much on this node: a leak below ${size} per iteration would not be seen`
  })
  return [...slowing, ...noisy]
}

const hasJudgement =
  (judgement: Judgement) =>
  (one: JudgedQuantity): boolean =>
    one.judgement === judgement
