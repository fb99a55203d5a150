// How long memory was given to come back, in words, and whether that was enough.
import { formatDuration } from '../base/format.ts'
import type { Iteration } from './observations.ts'

const MAX_NAMES = 4

/**
 * `20 s, 20 s, 24 s (--settle 60 s): enough` or `… : not enough after execution 2, Shmem still fell`.
 * @param limit milliseconds: the last sample comes a little later
 */
export function describeSettles(iterations: readonly Iteration[], limit: number): string {
  if (iterations.length === 0) return 'none'
  const lengths = iterations.map(({ end, settledAt }) => formatDuration(settledAt - end)).join(', ')
  return `${lengths} (--settle ${formatDuration(limit)}): ${describeResult(iterations)}`
}

function describeResult(iterations: readonly Iteration[]): string {
  const late = iterations.flatMap(({ unsettled }, i) => (unsettled && unsettled.length > 0 ? [i + 1] : []))
  if (late.length === 0)
    return iterations.some(({ unsettled }) => unsettled) ? 'enough' : 'too few samples to say whether it was enough'
  const names = [...new Set(iterations.flatMap(({ unsettled }) => unsettled ?? []))]
  const shown = names.slice(0, MAX_NAMES).join(', ')
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : ''
  return `not enough after execution ${late.join(', ')}; still going back: ${shown}${more}`
}
