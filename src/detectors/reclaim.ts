// Memory pressure: tasks stall on memory (PSI) or, where the kernel has no PSI, run direct reclaim.

import { formatDuration, formatPercent } from '../base/format.ts'
import { computeRate, getValueAt } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  warningFull: [5, 'percent of a minute', 'all tasks stalled on memory: warning'],
  criticalFull: [25, 'percent of a minute', 'all tasks stalled on memory: critical'],
  roomy: [0.2, 'share of RAM', 'with more available memory the pressure is not a shortage of the whole node'],
  stalls: [50, 'per second', 'direct reclaims over a minute, on kernels without PSI'],
} as const satisfies ThresholdTable

export const reclaim: Detector<typeof THRESHOLDS> = {
  title: 'tasks stall on memory',
  topic: 'pressure',
  alerts: [
    {
      titles: ['MEMORY PRESSURE'],
      meaning:
        'All tasks stalled on memory for a part of the last minute (PSI full), or direct reclaim is frequent on kernels without PSI.',
      lasts: 'while it holds',
      response: 'find the cgroup that stalls or grows (Cgroups view of kmemtop); raise its limit or give it less work',
    },
  ],
  collectors: ['pressure', 'vmstat'],
  thresholds: THRESHOLDS,
  detect: (history, { warningFull, criticalFull, roomy, stalls }, open) => {
    const { some, full } = history.pressure
    const direct = computeRate(history.vmstat.series.allocstall, history.time, MINUTE)
    const hysteresis = open?.size ? 0.5 : 1
    const { values } = history.meminfo
    const room = (values.get('MemAvailable') ?? Number.NaN) / (values.get('MemTotal') ?? Number.NaN)
    if (full && some) {
      if (full.avg60 < warningFull * hysteresis) return []
      const stalled = formatDuration((full.avg60 / 100) * MINUTE)
      const where = room > roomy ? `; ${formatPercent(room)} of RAM is available: cgroups are at their limits` : ''
      const summary = `PSI full ${formatPercent(full.avg60 / 100)}, some ${formatPercent(some.avg60 / 100)}: all tasks stalled on memory for ${stalled} of the last minute${where}`
      return [buildFinding(history, full.avg60 >= criticalFull && !(room > roomy), summary)]
    }
    const known = getValueAt(history.vmstat.series.allocstall ?? EMPTY, history.time - MINUTE) !== undefined
    if (!known || direct === undefined || direct < stalls * hysteresis) return []
    const summary = `${Math.round(direct)} direct reclaims per second: kswapd cannot keep up, so tasks reclaim memory themselves`
    return [buildFinding(history, false, summary)]
  },
}

const EMPTY = { times: [], values: [], length: 0, capacity: 1 }

function buildFinding(history: History, critical: boolean, summary: string): Finding {
  const { some, full } = history.pressure
  const getRate = (name: 'allocstall' | 'pgscan_direct'): number | undefined =>
    computeRate(history.vmstat.series[name], history.time, MINUTE)
  return buildCondition(history, {
    subject: 'reclaim',
    severity: critical ? 'critical' : 'warning',
    title: 'MEMORY PRESSURE',
    summary,
    confidence: full ? 'high: measured by the kernel (PSI)' : 'medium: counted, not timed: this kernel has no PSI',
    confirm: full
      ? { text: 'the averages fall when it is over', command: 'cat /proc/pressure/memory' }
      : {
          text: 'the counters stop rising when it is over',
          command: 'grep -E "allocstall|pgscan_direct" /proc/vmstat',
        },
    cost: 'everything on the node is slow; health checks fail, then OOM kills follow',
    causedBy: ['mem-available', 'throttled-cgroup', 'frozen-cgroup'],
    evidenceSeries: ['psi full', 'psi some', 'meminfo MemAvailable'],
    evidence: listEvidence(
      ['PSI full avg60', full?.avg60, 'percent', 'full avg60'],
      ['PSI some avg60', some?.avg60, 'percent', 'some avg60'],
      ['direct reclaims', getRate('allocstall'), 'perSecond', 'direct reclaim'],
      ['pages scanned by direct reclaim', getRate('pgscan_direct'), 'perSecond', 'pages scanned directly'],
    ),
    remedy: [
      full
        ? { text: 'find the cgroup that stalls: its memory.pressure, the Cgroups view of kmemtop', risk: 'none' }
        : { text: 'find the cgroup that grows or is at its limit: the Cgroups view of kmemtop', risk: 'none' },
      { text: 'raise memory.high or the limit of that cgroup, or give it less work', risk: 'low' },
      { text: 'move load to another node', command: 'kubectl cordon NODE', risk: 'low' },
    ],
  })
}
