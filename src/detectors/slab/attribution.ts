// Attribution: the slab caches in which SUnreclaim grew.
import { formatPercent } from '../../base/format.ts'
import { getLatest, getValueAt, getValueOrFirst } from '../../base/series.ts'
import type { History } from '../../history.ts'
import { findGrowingCaches, type GrowingCache, selectTopContributors } from './growing-caches.ts'

/** The caches that grew since a time, and the growth of SUnreclaim until slabinfo was last read (it is read less often). */
export interface Attribution {
  readonly contributors: readonly GrowingCache[]
  readonly growth: number
  /** most of the growth came after slabinfo was last read */
  readonly isStale: boolean
}

/** What is said instead of a cache until the next reading of slabinfo. */
export const NOT_READ_YET = 'cache unknown until slabinfo is read again'

/** Attributes the growth of SUnreclaim since a time to slab caches. */
export function attributeGrowth(history: History, since: number): Attribution {
  const all = findGrowingCaches(history, since)
  const series = history.meminfo.series.SUnreclaim
  const { time } = history.slabinfo
  const baseline = (series && getValueOrFirst(series, since)) ?? 0
  const measuredGrowth = series && time !== null ? (getValueAt(series, time) ?? baseline) - baseline : 0
  const isStale = time !== null && measuredGrowth < ((getLatest(series) ?? baseline) - baseline) / 2
  const attributedGrowth = all.reduce((sum, { growth }) => sum + growth, 0)
  // The caches may have grown by more than the sum, if others shrank meanwhile.
  const growth = Math.max(measuredGrowth, attributedGrowth)
  return { contributors: isStale ? [] : selectTopContributors(all, growth), growth, isStale }
}

/** `71 % kmalloc-64, 18 % sigqueue (= inotify_inode_mark)` */
export function formatAttribution(history: History, { contributors, growth, isStale }: Attribution): string {
  if (history.slabinfo.time === null) return 'cache unknown, /proc/slabinfo could not be read'
  if (isStale) return NOT_READ_YET
  if (contributors.length === 0)
    return 'no slab cache grew as much: large kmalloc allocations, or a counter that drifts'
  return contributors
    .map(({ name, aliases, growth: own }) => {
      const alias = aliases.length > 0 ? ` (= ${aliases.slice(0, 3).join(', ')}${aliases.length > 3 ? ', …' : ''})` : ''
      return `${formatPercent(Math.min(1, own / growth))} ${name}${alias}`
    })
    .join(', ')
}

/** The confidence that the growth is real and attributed right: the caches account for what SUnreclaim gained. */
export function describeConfidence({ contributors, growth, isStale }: Attribution, isSustained: boolean): string {
  if (isStale) return 'low: slabinfo was read before the growth'
  const covered = contributors.reduce((sum, own) => sum + own.growth, 0) / Math.max(1, growth)
  if (covered >= 0.6)
    return isSustained
      ? `high: the caches named hold ${formatPercent(Math.min(1, covered))} of it`
      : 'medium: only a few minutes of data'
  return isSustained
    ? 'medium: no cache accounts for it'
    : 'low: only a few minutes of data, and no cache accounts for it'
}
