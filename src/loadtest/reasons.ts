// Why a run cannot tell: what was missing, what is still warming up, and what moves too much, with those who move it.
import { formatBytes, formatCount, formatPlural } from '../base/format.ts'
import { MIN_SLOPE_POINTS } from '../base/slope-interval.ts'
import { formatGrowth } from './format-growth.ts'
import { estimateSteps, MISS } from './growth-test.ts'
import { type Judgement, RESOLUTION } from './judge.ts'
import type { JudgedQuantity } from './judge-all.ts'
import { findMovers } from './movers.ts'
import type { Iteration, Observations } from './observations.ts'

const REQUIRED: readonly string[] = ['memory AnonPages', 'memory SUnreclaim', 'memory KernelStack', 'memory PageTables']

/** Sentences without their full stop; none: the run can tell. */
export function listReasons(
  observations: Observations,
  judged: readonly JudgedQuantity[],
  unclear: readonly JudgedQuantity[],
): readonly string[] {
  const missing = listMissing(observations)
  if (missing.length > 0) return missing
  const iterations = Math.max(0, observations.iterations.length - observations.warmup)
  if (iterations + 1 < MIN_SLOPE_POINTS) {
    return [
      `${formatPlural(iterations, 'iteration')} after the warm-up cannot separate a leak from a warm-up: ${describeTooFew(observations)}`,
    ]
  }
  const relevant = judged.filter(({ quantity: { group } }) => group !== 'cache')
  return [
    ...unclear.map(describeUnclear),
    ...relevant.filter(hasJudgement('slowing')).map(describeSlowing),
    ...relevant.filter(hasJudgement('rising')).map(one => describeRise(one, observations)),
    ...relevant.filter(hasJudgement('noisy')).map(one => describeNoise(one, observations)),
  ]
}

function describeTooFew({ iterations }: Observations): string {
  const { exitCode = 0 } = iterations.at(-1) ?? {}
  if (exitCode === 0) return `--repeat ${MIN_SLOPE_POINTS} --warmup 1 is the least`
  return `execution ${iterations.length} ended with exit code ${exitCode}, and the command was not executed again`
}

// What must be there at the end. Without iterations nothing is there, which is another reason.
function listMissing({ iterations, scope, warmup }: Observations): readonly string[] {
  const last = iterations.at(-1)?.trough
  if (!last) return []
  const fields = REQUIRED.filter(id => !last.has(id)).map(id => id.replace(/^memory /, ''))
  const cgroups = scope.filter(path => iterations.every(({ trough }) => !trough.has(`cgroup ${path} anon`)))
  const unread = scope.flatMap(path => {
    const hasNoValue = ({ trough }: Iteration): boolean => !trough.has(`cgroup ${path} anon`)
    const numbers = iterations.flatMap((one, i) => (i >= warmup - 1 && hasNoValue(one) ? [i + 1] : []))
    return numbers.length === 0 || cgroups.includes(path) ? [] : [describeUnread(path, numbers)]
  })
  return [
    ...(fields.length === 0 ? [] : [`${fields.join(', ')} could not be read`]),
    ...cgroups.map(path => `--cgroup ${path}: its memory was not seen; there may be no memory cgroup of this name`),
    ...unread,
  ]
}

const describeUnread = (path: string, numbers: readonly number[]): string =>
  `--cgroup ${path}: its memory was not read after execution ${numbers.join(', ')}; sampling takes long on this node: use a longer --settle`

const hasJudgement =
  (judgement: Judgement) =>
  (one: JudgedQuantity): boolean =>
    one.judgement === judgement

const describeUnclear = (one: JudgedQuantity): string =>
  `${one.quantity.name} memory grows (${formatGrowth(one)} per iteration); cgroup v1 does not show how much of it can be reclaimed, and SUnreclaim moves too much on this node to show it: use more iterations`

const describeSlowing = (one: JudgedQuantity): string =>
  `${one.quantity.name} is still warming up (${formatGrowth(one)} per iteration, and slowing): use more iterations or a longer warm-up`

function describeRise(one: JudgedQuantity, observations: Observations): string {
  const more = adviseRepeat(one, observations, { size: one.growth, level: one.rule.level })
  return `${one.quantity.name} rose in most iterations (${formatGrowth(one)} each), but moves so much that it may be chance: use more iterations${more}, or a longer warm-up if it is still filling up`
}

// ` (about --repeat 14, if it goes on like this)`; empty where no number of executions that anybody waits for would do.
function adviseRepeat(
  { troughs, quantity: { unit }, rule }: JudgedQuantity,
  { warmup }: Observations,
  { size, level }: { readonly size: number; readonly level: number },
): string {
  const steps = estimateSteps(troughs, size, { level, resolution: rule.resolution ?? RESOLUTION[unit] })
  return steps === undefined ? '' : ` (about --repeat ${warmup + steps}, if it goes on like this)`
}

function describeNoise(one: JudgedQuantity, observations: Observations): string {
  const { quantity, detectable, growth, rule } = one
  const size = quantity.unit === 'bytes' ? formatBytes(detectable) : formatCount(detectable)
  const text = `${quantity.name} moves too much on this node: a leak below ${size} per iteration would not be seen`
  if (quantity.name !== 'AnonPages') {
    const more = adviseRepeat(one, observations, { size: rule.tolerance - Math.max(0, growth), level: MISS })
    return more === '' ? text : `${text}; use more iterations${more}`
  }
  const movers = findMovers(observations).map(({ path, span }) => `${path} (${formatBytes(span)})`)
  const names = movers.length === 0 ? '' : `; what moved most: ${movers.join(', ')}`
  return `${text}${names}; --cgroup PATH judges the service under test alone`
}
