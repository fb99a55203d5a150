// Memory cgroup IDs: 65,535 in all. When they are used up no cgroup can be made, so no pod can start, though memory is free.

import { formatCount, formatDuration, formatPercent } from '../base/format.ts'
import { getLatest, getValueAt, type Series } from '../base/series.ts'
import { HOUR, MINUTE } from '../base/units.ts'
import { MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import {
  computeMemcgIds,
  estimateTimeToIdExhaustion,
  listExhaustionErrors,
  type MemcgIds,
} from '../collectors/cgroups/memcg-ids.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { findSustainedRises } from './growth/trend.ts'
import { COUNT_CGROUPS, COUNT_HINT, listIdRemedies } from './remedies/cgroup-remedies.ts'

const defaults = {
  /** shares of the IDs that are used */
  warningLevel: 0.5,
  criticalLevel: 0.9,
  /** hours until they are used up, told from this share on */
  criticalHours: 24,
  forecastFrom: 0.1,
  /** the same where they end within the hour */
  urgentHours: 1,
  urgentFrom: 0.02,
}

export const memcgIds: Detector<typeof defaults> = {
  title: 'memory cgroup IDs run out',
  collectors: ['cgroups'],
  defaults,
  detect: (history, { warningLevel, criticalLevel, criticalHours, forecastFrom, urgentHours, urgentFrom }) => {
    const { numCgroups, dying } = history.cgroups
    const ids = computeMemcgIds(history)
    if (!ids) return []
    const { used } = ids
    // where the kernel counts both it is of one moment; directories are found by walking, later on a large tree
    const directories = dying === null ? history.cgroups.directories : numCgroups! - dying
    const share = used / MAX_MEMCG_IDS
    if (share < Math.min(warningLevel, forecastFrom, urgentFrom)) return []
    const left = estimateIdExhaustion(history)
    const horizonHours = share >= forecastFrom ? criticalHours : share >= urgentFrom ? urgentHours : 0
    const soon = left !== undefined && left < horizonHours * HOUR
    if (share < warningLevel && !soon) return []
    const critical = (share >= criticalLevel || soon) && !ids.isUpperBound // it may be the dead alone that the kernel has so many of
    return [
      buildCondition(history, {
        subject: 'memcg IDs',
        severity: critical ? 'critical' : 'warning',
        title: 'MEMCG IDS',
        summary: `${ids.isUpperBound ? 'up to ' : ''}${formatCount(used)} of ${formatCount(MAX_MEMCG_IDS)} memory cgroup IDs are used, ${describeUsers(ids, directories, dying)}; ${describeEnd(ids, left)} (mkdir: ${listExhaustionErrors(history.session.kernel).join(' or ')})`,
        short: `${formatPercent(share)} of memcg IDs used, ${describeUsers(ids, directories, dying)}`,
        confidence: 'high: the kernel counts them',
        confirm: { text: COUNT_HINT, command: COUNT_CGROUPS },
        cost: 'when the last is taken no container can start on this node, until some are freed or it reboots',
        causedBy: ['kmem-leak'],
        courses: ['cgroups numCgroups', 'cgroups directories', 'meminfo SUnreclaim'],
        evidence: {
          used,
          numCgroups,
          directories,
          dying,
          share,
          timeLeft: left ?? null,
          SUnreclaim: getLatest(history.meminfo.series.SUnreclaim) ?? null,
        },
        remedy: listIdRemedies(history.session.kernel),
      }),
    ]
  },
}

const HORIZONS = [
  { span: 24 * HOUR, share: 0, least: 500 },
  { span: 2 * HOUR, share: 0, least: 200 },
]

/**
 * Milliseconds until the IDs are used up: at the pace of the last minutes, where that ends within the hour; at the pace since the
 * rise began, where it is one that lasts; else on average.
 */
export function estimateIdExhaustion(history: History): number | undefined {
  const { time } = history
  const ids = computeMemcgIds(history)
  if (!ids) return undefined
  const left = Math.max(0, MAX_MEMCG_IDS - ids.used)
  const perHour = Math.min(...[1, 5].map(minutes => computeHourlyGain(ids.series, time, minutes)))
  const soon = (left / perHour) * HOUR
  if (perHour > 0 && soon < HOUR) return soon
  const [rise] = findSustainedRises(ids.series, time, { horizons: HORIZONS, whole: 0, open: true })
  return rise && rise.perHour > 0 ? (left / rise.perHour) * HOUR : estimateTimeToIdExhaustion(ids, time)
}

// Per hour over the last minutes; 0 while less than one is known. What stood before the first look did not come within them.
function computeHourlyGain(series: Series, now: number, minutes: number): number {
  if (getValueAt(series, now - MINUTE) === undefined) return 0
  const before = getValueAt(series, now - minutes * MINUTE) ?? series.values[0]!
  return (getLatest(series)! - before) * (60 / minutes)
}

const describeEnd = ({ used, isUpperBound: isMost }: MemcgIds, left: number | undefined): string =>
  used >= MAX_MEMCG_IDS && !isMost
    ? 'none is left: no pod can start'
    : `${left === undefined ? 'when none is left' : `none left in ~${formatDuration(left)}: then`} no pod starts`

// Two leaks that look alike in the count: cgroups that nobody removes, and removed ones that the kernel keeps.
const describeUsers = ({ heldByRemoved: byRemoved }: MemcgIds, directories: number, dying: number | null): string =>
  dying === null
    ? `${formatCount(directories)} directories seen`
    : byRemoved > directories
      ? `${formatCount(byRemoved)} of them by cgroups that were removed`
      : `${formatCount(directories)} of them by cgroups that nobody removes`
