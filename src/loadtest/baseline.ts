// Comparison with an earlier run: a little more growth in each commit passes every single run, and shows here.
import type { RunVerdict } from './verdict.ts'

/** A quantity that grows faster per iteration than in the earlier run, by more than the noise of either run. */
export interface BaselineDrift {
  readonly id: string
  readonly unit: 'bytes' | 'count'
  readonly before: number
  readonly now: number
}

/** Growth per iteration of an earlier run, by quantity; `detectable` null: that run was too short. */
export type BaselineGrowth = ReadonlyMap<string, { readonly growth: number; readonly detectable: number | null }>

/** Returns what grows faster than in the earlier run, by more than either run could detect. */
export function compareWithBaseline({ judged }: RunVerdict, baseline: BaselineGrowth): readonly BaselineDrift[] {
  return judged.flatMap(({ quantity: { id, unit }, growth, detectable }) => {
    const known = baseline.get(id)
    if (!known || known.detectable === null || !Number.isFinite(detectable)) return []
    const isFaster = growth - known.growth > Math.max(detectable, known.detectable)
    return isFaster ? [{ id, unit, before: known.growth, now: growth }] : []
  })
}
