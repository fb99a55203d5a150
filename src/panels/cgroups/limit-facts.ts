// Facts of a cgroup's page about its limit: its own, the tightest above it, and when that is reached.
import { formatBytes, formatDuration, formatPercent } from '../../base/format.ts'
import { getFirstTime } from '../../base/series.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { findTightestLimit, LIMIT_RATE_SPAN, MIN_LIMIT_RATE_SPAN } from '../../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { History } from '../../history.ts'
import { formatOrMissing } from '../format-missing.ts'
import { computeTimeToLimit, isLimitRateKnown } from '../hourly-rate.ts'
import type { Fact } from '../panel.ts'
import { computeLimitShare } from './trouble-rank.ts'

/** Returns the memory of a cgroup and its limit; the tightest limit and its end only where there is one. */
export function listLimitFacts(cgroup: Cgroup, history: History): readonly Fact[] {
  const { limit } = cgroup
  const share = computeLimitShare(cgroup)
  return [
    ['memory', formatOrMissing(cgroup.current, formatBytes)],
    ['limit', limit !== null && !Number.isFinite(limit) ? 'none' : formatOrMissing(limit, formatBytes)],
    ...(share === undefined ? [] : [['% of limit', formatPercent(share)] as const]),
    ...listTightestFacts(cgroup, history),
  ]
}

function listTightestFacts({ path }: Cgroup, history: History): readonly Fact[] {
  const tightest = findTightestLimit(history.cgroups, path)
  if (!tightest) return [['effective limit', 'none']]
  const { current, limit } = tightest
  const own = tightest.path === path ? 'own' : `set on ${formatCgroupName(history, tightest.path)}`
  const left = computeTimeToLimit(history, path)
  return [
    [
      'effective limit',
      `${own}: ${formatBytes(current)} of ${formatBytes(limit)}, ${formatBytes(limit - current)} left`,
    ],
    ['limit reached in', left === undefined ? describeNoEnd(history, tightest.path) : `~${formatDuration(left)}`],
  ]
}

function describeNoEnd(history: History, path: string): string {
  if (!isLimitRateKnown(history)) return 'not known yet: the recording is being read'
  const series = history.cgroups.cgroups.get(path)?.series
  const first = (series && getFirstTime(series)) ?? history.time
  const span = Math.min(LIMIT_RATE_SPAN, history.time - first)
  return span < MIN_LIMIT_RATE_SPAN
    ? `not known yet: needs ${formatDuration(MIN_LIMIT_RATE_SPAN)} of samples`
    : `never at the rate of the last ${formatDuration(span)}`
}
