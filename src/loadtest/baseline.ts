// Comparison with an earlier run: a little more growth in each commit passes every single run, and shows here.
import { formatPlural } from '../base/format.ts'
import { formatChange } from './format-growth.ts'
import type { GateResult } from './gates.ts'
import type { JudgedQuantity } from './judge-all.ts'
import { type Detectable, describeDetectable, isKernelMemory, isProcessMemory, type RunVerdict } from './verdict.ts'

/** A quantity that grows faster per iteration than in the earlier run, by more than the noise of either run. */
export interface BaselineDrift {
  readonly id: string
  readonly unit: 'bytes' | 'count'
  readonly before: number
  readonly now: number
}

/** Growth per iteration of an earlier run, by `nameByScope` of the quantity; `detectable` null: that run was too short. */
export type BaselineGrowth = ReadonlyMap<string, { readonly growth: number; readonly detectable: number | null }>

/** `compared`: how many numbers both runs judged; with the smallest drift that would have been seen in all of them. */
export interface BaselineComparison extends Detectable {
  readonly compared: number
  readonly drifts: readonly BaselineDrift[]
}

/**
 * Compares the growth of each number that both runs judged; a drift is larger than either run could detect.
 * @param scope cgroups under test of this run: they have other names after each deployment
 */
export function compareWithBaseline(
  { judged }: RunVerdict,
  scope: readonly string[],
  baseline: BaselineGrowth,
): BaselineComparison {
  const common = judged.flatMap(one => {
    const { growth, detectable } = one
    const { id, unit } = one.quantity
    const known = baseline.get(nameByScope(id, scope))
    if (!known || known.detectable === null || !Number.isFinite(detectable)) return []
    const least = Math.max(detectable, known.detectable)
    return [{ one, least, drift: { id, unit, before: known.growth, now: growth } }]
  })
  const findLargest = (isRelevant: (one: JudgedQuantity, scope: readonly string[]) => boolean): number | null => {
    const sizes = common.filter(({ one }) => isRelevant(one, scope)).map(({ least }) => least)
    return sizes.length === 0 ? null : Math.max(...sizes)
  }
  return {
    compared: common.length,
    drifts: common.filter(({ drift, least }) => drift.now - drift.before > least).map(({ drift }) => drift),
    smallestDetectable: findLargest(isKernelMemory),
    smallestUserDetectable: findLargest(isProcessMemory),
  }
}

/** The ID with a cgroup under test named by its place in the scope: `cgroup #1 anon` for `cgroup /kubepods/pod7f anon`. */
export function nameByScope(id: string, scope: readonly string[]): string {
  const index = scope.findIndex(path => id.startsWith(`cgroup ${path} `) || id.startsWith(`cgroup ${path}/`))
  return index < 0 ? id : `cgroup #${index + 1}${id.slice(`cgroup ${scope[index]}`.length)}`
}

/** The comparison as a gate: nothing in common is no pass. */
export function evaluateBaseline(comparison: BaselineComparison): GateResult {
  const { compared, drifts } = comparison
  const gate = { kind: 'baseline' } as const
  if (compared === 0)
    return { gate, failed: null, detail: 'no number was judged in both runs: too few executions in one of them' }
  const largest = drifts.toSorted((a, b) => b.now - b.before - (a.now - a.before))
  const [first] = largest.filter(({ unit }) => unit === 'bytes').concat(largest)
  if (!first) {
    const noise = describeDetectable(comparison, 'growth')
    return { gate, failed: false, detail: `none of ${compared} numbers grows faster than in the earlier run; ${noise}` }
  }
  const more = drifts.length > 1 ? `; ${formatPlural(drifts.length - 1, 'other number')} too` : ''
  return { gate, failed: true, detail: `${describeDrift(first)}${more}` }
}

// `memory Shmem grows +512 KiB per iteration, +4.00 KiB in the earlier run`
const describeDrift = ({ id, unit, before, now }: BaselineDrift): string =>
  `${id} grows ${formatChange(now, unit)} per iteration, ${formatChange(before, unit)} in the earlier run`
