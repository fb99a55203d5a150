// Evidence in words: what a name counts says how its number is written.
import { formatBytes, formatCount, formatDuration } from '../base/format.ts'

const COUNT_NAMES: ReadonlySet<string> = new Set([
  'numCgroups',
  'directories',
  'dying',
  'made since the start',
  'removed since the start',
  'dead copies of a cache',
  'slab caches',
  'throttled in all',
  'SLUB failures',
  'times',
  'lost',
  'read',
  'kills',
  'free blocks of order 3',
  'failcnt',
])

/** A fact of a finding, as a person reads it. Numbers are bytes but for what is known to be something else. */
export function formatEvidence(name: string, value: number | string | null): string {
  if (value === null) return 'not told'
  if (typeof value === 'string') return value
  if (COUNT_NAMES.has(name)) return formatCount(value)
  if (name === 'timeLeft') return formatDuration(value)
  if (name === 'share') return `${Math.round(value * 100)} %`
  return name === 'perHour' ? `${formatBytes(value)} per hour` : formatBytes(value)
}
