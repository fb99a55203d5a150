// Memory cgroup IDs: there are 65,535. When all are used no cgroup can be created, so no pod starts, even with free memory.

import { formatCount, formatDuration, formatPercent } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import { HOUR, SECOND } from '../base/units.ts'
import { MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import { computeMemcgIds, listExhaustionErrors, type MemcgIds } from '../collectors/cgroups/memcg-ids.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { estimateIdExhaustion } from './memcg-id-forecast.ts'
import { COUNT_CGROUPS, COUNT_HINT, listIdRemedies } from './remedies/cgroup-remedies.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  warningLevel: [0.5, 'share of the 65,535 IDs', 'used IDs: warning'],
  criticalLevel: [0.9, 'share of the 65,535 IDs', 'used IDs: critical'],
  criticalHours: [24, 'hours', 'critical if the IDs run out within this time …'],
  forecastFrom: [0.1, 'share of the 65,535 IDs', '… and at least this share is used'],
  urgentHours: [1, 'hours', 'critical if the IDs run out within this time …'],
  urgentFrom: [0.02, 'share of the 65,535 IDs', '… and at least this share is used'],
} as const satisfies ThresholdTable

export const memcgIds: Detector<typeof THRESHOLDS> = {
  title: 'memory cgroup IDs run out',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['MEMCG IDS'],
      meaning:
        'Half of the 65,535 memory cgroup IDs are used, or they run out within a day. Without an ID no pod starts.',
      lasts: 'while it holds',
      response:
        'before Linux 4.8 removed cgroups keep their ID, later only those with pages in swap: find what creates and removes cgroups',
    },
  ],
  collectors: ['cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, { warningLevel, criticalLevel, criticalHours, forecastFrom, urgentHours, urgentFrom }) => {
    const { numCgroups, dying } = history.cgroups
    const ids = computeMemcgIds(history)
    if (!ids) return []
    const { used } = ids
    // the kernel's two counts are from the same time; directories are counted by walking, later on a large tree
    const directories = dying === null ? history.cgroups.directories : numCgroups! - dying
    const share = used / MAX_MEMCG_IDS
    if (share < Math.min(warningLevel, forecastFrom, urgentFrom)) return []
    const left = estimateIdExhaustion(history)
    const getHours = (least: number, hours: number): number => (share >= least ? hours : 0)
    const horizonHours = Math.max(getHours(forecastFrom, criticalHours), getHours(urgentFrom, urgentHours))
    const soon = left !== undefined && left < horizonHours * HOUR
    if (share < warningLevel && !soon) return []
    const critical = (share >= criticalLevel || soon) && !ids.isUpperBound // an upper bound may consist of dying cgroups alone, which keep no ID
    return [
      buildCondition(history, {
        subject: 'memcg IDs',
        severity: critical ? 'critical' : 'warning',
        title: 'MEMCG IDS',
        summary: `${ids.isUpperBound ? 'up to ' : ''}${formatCount(used)} of ${formatCount(MAX_MEMCG_IDS)} memory cgroup IDs used, ${describeUsers(ids, directories, dying)}; ${describeEnd(ids, left)} (mkdir fails with ${listExhaustionErrors(history.session.kernel).join(' or ')})`,
        short: `${formatPercent(share)} of memcg IDs used${left === undefined ? '' : `, ${describeWhen(left)}`}; ${describeUsers(ids, directories, dying)}`,
        confidence: 'high: counted by the kernel',
        confirm: { text: COUNT_HINT, command: COUNT_CGROUPS },
        cost: 'when all are used no container can start on this node until some are freed or it reboots',
        causedBy: ['kmem-leak'],
        evidenceSeries: ['cgroups numCgroups', 'cgroups directories', 'meminfo SUnreclaim'],
        forecast: left === undefined ? undefined : { timeLeft: left },
        peak: {
          magnitude: used,
          summary: `${formatCount(used)} of ${formatCount(MAX_MEMCG_IDS)} memory cgroup IDs used at the peak, ${describeUsers(ids, directories, dying)}`,
        },
        evidence: listEvidence(
          ['IDs used', used, 'count', 'used'],
          ['share of all IDs', share, 'share', 'share'],
          ['kernel memcgs', numCgroups, 'count', 'numCgroups'],
          ['live cgroups', directories, 'count', 'directories'],
          ['dying cgroups', dying, 'count', 'dying'],
          ['time left', left, 'ms', 'timeLeft'],
          ['SUnreclaim', getLatest(history.meminfo.series.SUnreclaim), 'bytes'],
        ),
        remedy: listIdRemedies(history.session.kernel),
      }),
    ]
  },
}

const describeEnd = ({ used, isUpperBound: isMost }: MemcgIds, left: number | undefined): string =>
  used >= MAX_MEMCG_IDS && !isMost
    ? 'none left: no pod can start'
    : `${left === undefined ? 'when none is left' : `${describeWhen(left)}, then`} no pod starts`

const describeWhen = (left: number): string =>
  left < SECOND ? 'almost none left' : `none left in ~${formatDuration(left)}`

// Two leaks with the same count: cgroups that are never removed, and removed ones that the kernel keeps.
function describeUsers({ heldByRemoved: byRemoved }: MemcgIds, directories: number, dying: number | null): string {
  if (dying === null) return `${formatCount(directories)} directories found`
  return byRemoved > directories
    ? `${formatCount(byRemoved)} of them by removed cgroups`
    : `${formatCount(directories)} of them by cgroups that still exist`
}
