// Blame: the caches that a growth of SUnreclaim is in, in words and as evidence.
import { formatPercent } from '../base/format.ts'
import { getLatest, getValueAt } from '../base/series.ts'
import type { History } from '../history.ts'
import { type Grower, growers, telling } from './growers.ts'

/** Who grew since a time, and by how much SUnreclaim did up to the look at the caches: slabinfo is read less often. */
export interface Blame {
  readonly named: readonly Grower[]
  readonly growth: number
  /** most of it came after the last look at the caches */
  readonly unread: boolean
}

export function blameFor(history: History, since: number): Blame {
  const all = growers(history, since)
  const series = history.meminfo.series.SUnreclaim
  const { time } = history.slabinfo
  const before = (series && (getValueAt(series, since) ?? series.values[0])) ?? 0
  const counted = series && time !== null ? (getValueAt(series, time) ?? before) - before : 0
  const unread = time !== null && counted < ((getLatest(series) ?? before) - before) / 2
  const grown = all.reduce((sum, { growth }) => sum + growth, 0)
  // When something else shrank meanwhile, the growers grew by more than the sum did.
  const growth = Math.max(counted, grown)
  return { named: unread ? [] : telling(all, growth), growth, unread }
}

/** `71 % kmalloc-64, 18 % sigqueue (= inotify_inode_mark)` */
export function blameWords(history: History, { named, growth, unread }: Blame): string {
  if (history.slabinfo.time === null) return 'which cache is not known, /proc/slabinfo could not be read'
  if (unread) return 'which cache is told when /proc/slabinfo is read again'
  if (named.length === 0) return 'no slab cache grew as much: large kmalloc, or a counter that drifts'
  return named
    .map(({ name, aliases, growth: own }) => {
      const alias = aliases.length > 0 ? ` (= ${aliases.slice(0, 3).join(', ')}${aliases.length > 3 ? ', …' : ''})` : ''
      return `${formatPercent(Math.min(1, own / growth))} ${name}${alias}`
    })
    .join(', ')
}

/** How sure it is that the growth is real and named right: the caches account for what SUnreclaim gained. */
export function confidenceOf({ named, growth, unread }: Blame, lasting: boolean): string {
  if (unread) return 'low: the caches were read before it came'
  const covered = named.reduce((sum, own) => sum + own.growth, 0) / Math.max(1, growth)
  if (covered >= 0.6)
    return lasting ? `high: the caches named hold ${formatPercent(Math.min(1, covered))} of it` : 'medium: it is young'
  return lasting ? 'medium: no cache accounts for it' : 'low: it is young, and no cache accounts for it'
}
