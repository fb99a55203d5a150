// Rows: each quantity before, at its peak and at the end of a run.

import type { JudgedQuantity } from './judge-all.ts'
import type { Observations } from './observations.ts'
import type { QuantityGroup } from './quantities.ts'
import type { RunVerdict } from './verdict.ts'

/** A quantity before, at its peak and at the end of the run; null: it was not there. */
export interface QuantityRow {
  readonly id: string
  readonly group: QuantityGroup
  readonly name: string
  readonly unit: 'bytes' | 'count'
  readonly before: number | null
  readonly peak: number | null
  readonly end: number | null
  /** end - before, a missing one being 0 */
  readonly remains: number
  readonly judged: JudgedQuantity | undefined
}

/** One row for each quantity that was there before the first execution or after the last. */
export function listRows({ control, iterations }: Observations, { judged }: RunVerdict): readonly QuantityRow[] {
  const before = control.at(-1)?.quantities
  const end = iterations.at(-1)?.trough
  const known = new Map([...(before ?? []), ...(end ?? [])])
  const judgedById = new Map(judged.map(one => [one.quantity.id, one]))
  return [...known.values()].map(({ id, group, name, unit }) => {
    const [first, last] = [before?.get(id)?.value ?? null, end?.get(id)?.value ?? null]
    const peaks = iterations.flatMap(({ peak }) => peak.get(id)?.value ?? [])
    const peak = peaks.length === 0 ? null : Math.max(...peaks)
    const remains = iterations.length === 0 ? 0 : (last ?? 0) - (first ?? 0)
    return { id, group, name, unit, before: first, peak, end: last, remains, judged: judgedById.get(id) }
  })
}
