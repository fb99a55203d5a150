// Conditions: findings that hold now.
import { getValueAt, type Series, slicePoints } from '../base/series.ts'
import type { History } from '../history.ts'
import type { Finding } from './detector.ts'

type ConditionFields = Omit<Finding, 'kind' | 'at' | 'since'> & { readonly since?: number }

/** Builds a finding that holds now. `since` defaults to now: an alert keeps the earliest it was given. */
export const buildCondition = (history: History, fields: ConditionFields): Finding => ({
  kind: 'condition',
  at: history.time,
  ...fields,
  since: fields.since ?? history.time,
})

/** Returns the lowest value of the last `span` ms, or undefined while the series is shorter than that. */
export function findRecentMinimum(series: Series | undefined, now: number, span: number): number | undefined {
  if (!series || getValueAt(series, now - span) === undefined) return undefined
  return Math.min(...slicePoints(series, now - span, now).values)
}
