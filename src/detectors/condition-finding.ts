// What most findings have in common: a condition that holds now.
import { getValueAt, type Series, slicePoints } from '../base/series.ts'
import type { History } from '../history.ts'
import type { Finding } from './detector.ts'

type ConditionFields = Omit<Finding, 'kind' | 'at' | 'since'> & { readonly since?: number }

/** A finding that holds now; `since` is now where it is not told: an alert keeps its earliest. */
export const buildCondition = (history: History, fields: ConditionFields): Finding => ({
  kind: 'condition',
  at: history.time,
  ...fields,
  since: fields.since ?? history.time,
})

/** The least value of the last `span` ms: what has stood that long; undefined when less is known. */
export function findRecentMinimum(series: Series | undefined, now: number, span: number): number | undefined {
  if (!series || getValueAt(series, now - span) === undefined) return undefined
  return Math.min(...slicePoints(series, now - span, now).values)
}
