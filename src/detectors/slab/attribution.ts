// Blame: the caches that a growth of SUnreclaim is in, in words and as evidence.
import { formatPercent } from '../../base/format.ts'
import { getLatest, getValueAt } from '../../base/series.ts'
import type { History } from '../../history.ts'
import { findGrowingCaches, type GrowingCache, selectTopContributors } from './growing-caches.ts'

/** Who grew since a time, and by how much SUnreclaim did up to the look at the caches: slabinfo is read less often. */
export interface Attribution {
  readonly contributors: readonly GrowingCache[]
  readonly growth: number
  /** most of it came after the last look at the caches */
  readonly isStale: boolean
}

export function attributeGrowth(history: History, since: number): Attribution {
  const all = findGrowingCaches(history, since)
  const series = history.meminfo.series.SUnreclaim
  const { time } = history.slabinfo
  const baseline = (series && (getValueAt(series, since) ?? series.values[0])) ?? 0
  const measuredGrowth = series && time !== null ? (getValueAt(series, time) ?? baseline) - baseline : 0
  const isStale = time !== null && measuredGrowth < ((getLatest(series) ?? baseline) - baseline) / 2
  const attributedGrowth = all.reduce((sum, { growth }) => sum + growth, 0)
  // When something else shrank meanwhile, the growers grew by more than the sum did.
  const growth = Math.max(measuredGrowth, attributedGrowth)
  return { contributors: isStale ? [] : selectTopContributors(all, growth), growth, isStale }
}

/** `71 % kmalloc-64, 18 % sigqueue (= inotify_inode_mark)` */
export function formatAttribution(history: History, { contributors, growth, isStale }: Attribution): string {
  if (history.slabinfo.time === null) return 'which cache is not known, /proc/slabinfo could not be read'
  if (isStale) return 'which cache is told when /proc/slabinfo is read again'
  if (contributors.length === 0) return 'no slab cache grew as much: large kmalloc, or a counter that drifts'
  return contributors
    .map(({ name, aliases, growth: own }) => {
      const alias = aliases.length > 0 ? ` (= ${aliases.slice(0, 3).join(', ')}${aliases.length > 3 ? ', …' : ''})` : ''
      return `${formatPercent(Math.min(1, own / growth))} ${name}${alias}`
    })
    .join(', ')
}

/** How sure it is that the growth is real and named right: the caches account for what SUnreclaim gained. */
export function describeConfidence({ contributors, growth, isStale }: Attribution, isSustained: boolean): string {
  if (isStale) return 'low: the caches were read before it came'
  const covered = contributors.reduce((sum, own) => sum + own.growth, 0) / Math.max(1, growth)
  if (covered >= 0.6)
    return isSustained
      ? `high: the caches named hold ${formatPercent(Math.min(1, covered))} of it`
      : 'medium: it is young'
  return isSustained ? 'medium: no cache accounts for it' : 'low: it is young, and no cache accounts for it'
}
