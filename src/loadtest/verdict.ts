// Verdict of a load test: returned, leaks, or cannot tell; always with the smallest leak that this run could have seen.
import { formatBytes, formatPlural } from '../base/format.ts'
import { MiB } from '../base/units.ts'
import { formatGrowth } from './format-growth.ts'
import { isUserMemory, type JudgedQuantity, judgeAll, type Tolerances } from './judge-all.ts'
import type { Observations } from './observations.ts'
import { listReasons } from './reasons.ts'

/** The result of a run: exit code 0, 1 or 2. */
export type Outcome = 'returned' | 'leaks' | 'cannot tell'

/** The result of a run with its reasons. */
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
  /** the same of the memory of processes: of the cgroups under test, else of the node */
  readonly smallestUserDetectable: number | null
  readonly judged: readonly JudgedQuantity[]
}

/** Growth per execution that may hide in the noise: bytes of the kernel, bytes of processes, and counts. No proved growth is accepted. */
export const defaultTolerances: Tolerances = { kernel: 2 * MiB, user: 32 * MiB, count: 5, acceptedKernel: 0 }

/** Judges a whole run. */
export function judgeRun(observations: Observations, tolerances: Tolerances = defaultTolerances): RunVerdict {
  const { judged, leaks: unsorted, unclear } = judgeAll(observations, tolerances)
  const leaks = sortLeaks(unsorted)
  const judgedIterations = Math.max(0, observations.iterations.length - observations.warmup)
  const common = {
    leaks,
    judged,
    smallestDetectable: findSmallestDetectable(judged, one => isKernelMemory(one, observations.scope)),
    smallestUserDetectable: findSmallestDetectable(judged, one => isProcessMemory(one, observations.scope)),
  }
  if (leaks.length > 0) return { ...common, outcome: 'leaks', reasons: [], summary: summarizeLeak(leaks) }
  const reasons = listReasons(observations, judged, unclear)
  if (reasons.length > 0) return { ...common, outcome: 'cannot tell', reasons, summary: `Cannot tell: ${reasons[0]}.` }
  const summary = `${describeReturn(judged, tolerances)} after ${formatPlural(judgedIterations, 'iteration')}; ${describeDetectable(common)}.`
  return { ...common, outcome: 'returned', reasons: [], summary }
}

// What is accepted has not returned.
function describeReturn(judged: readonly JudgedQuantity[], { acceptedKernel }: Tolerances): string {
  const accepted = judged.filter(({ judgement }) => judgement === 'accepted')
  const [first] = sortLeaks(accepted)
  if (!first) return 'Everything returned'
  const more = accepted.length > 1 ? ` and ${formatPlural(accepted.length - 1, 'other number')}` : ''
  return `Nothing grew by more than the accepted ${formatBytes(acceptedKernel)} per iteration (${first.quantity.name} ${formatGrowth(first)}${more})`
}

// The least that would have been seen in any of them.
function findSmallestDetectable(
  judged: readonly JudgedQuantity[],
  isRelevant: (one: JudgedQuantity) => boolean,
): number | null {
  const detectables = judged.filter(isRelevant).map(({ detectable }) => detectable)
  const largest = detectables.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...detectables)
  return Number.isFinite(largest) ? largest : null
}

/** The smallest growth that would have been seen, bytes per iteration. */
export type Detectable = Pick<RunVerdict, 'smallestDetectable' | 'smallestUserDetectable'>

/** `a leak of 300 KiB per iteration in the kernel, or of 4 MiB in processes, would have been seen`. */
export function describeDetectable(
  { smallestDetectable: kernel, smallestUserDetectable: user }: Detectable,
  what: 'leak' | 'growth' = 'leak',
): string {
  if (kernel === null) return `the smallest ${what} that would have been seen is unknown: too few iterations`
  const processes = user === null ? '' : `, or of ${formatBytes(user)} in processes,`
  return `a ${what} of ${formatBytes(kernel)} per iteration in the kernel${processes} would have been seen`
}

/** Whether it is the anonymous memory that is judged: of the cgroups under test, else of the node. */
export const isProcessMemory = ({ quantity: { id } }: JudgedQuantity, scope: readonly string[]): boolean =>
  scope.length === 0 ? id === 'memory AnonPages' : scope.some(path => id === `cgroup ${path} anon`)

/** Whether it is kernel memory that is judged: of the node, and of the cgroups under test. */
export const isKernelMemory = ({ quantity }: JudgedQuantity, scope: readonly string[]): boolean =>
  (quantity.group === 'memory' && !isUserMemory(quantity)) ||
  scope.some(path => quantity.id === `cgroup ${path} kernel`)

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
