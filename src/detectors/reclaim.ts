// Memory pressure: tasks wait for memory (PSI), or, where the kernel has no PSI, enter direct reclaim by themselves.

import { formatPercent } from '../base/format.ts'
import { computeRate, getValueAt } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'

const defaults = {
  /** percent of the last minute that all tasks waited for memory */
  warningFull: 5,
  criticalFull: 25,
  /** share of RAM left from which on it is no shortage of the node */
  roomy: 0.2,
  /** without PSI: direct reclaims a second over a minute */
  stalls: 50,
}

export const reclaim: Detector<typeof defaults> = {
  title: 'tasks wait for memory',
  collectors: ['pressure', 'vmstat'],
  defaults,
  detect: (history, { warningFull, criticalFull, roomy, stalls }, open) => {
    const { some, full } = history.pressure
    const direct = computeRate(history.vmstat.series.allocstall, history.time, MINUTE)
    const hysteresis = open?.size ? 0.5 : 1
    const { values } = history.meminfo
    const room = (values.get('MemAvailable') ?? Number.NaN) / (values.get('MemTotal') ?? Number.NaN)
    if (full && some)
      return full.avg60 < warningFull * hysteresis
        ? []
        : [
            buildFinding(
              history,
              full.avg60 >= criticalFull && !(room > roomy),
              `all tasks of this node waited for memory ${formatPercent(full.avg60 / 100)} of the last minute, some ${formatPercent(some.avg60 / 100)}${room > roomy ? `, though ${formatPercent(room)} of RAM is left: at the limits of cgroups` : ''}`,
            ),
          ]
    const known = getValueAt(history.vmstat.series.allocstall ?? EMPTY, history.time - MINUTE) !== undefined
    if (!known || direct === undefined || direct < stalls * hysteresis) return []
    return [
      buildFinding(
        history,
        false,
        `tasks reclaim memory themselves ${Math.round(direct)} times a second: kswapd does not keep up`,
      ),
    ]
  },
}

const EMPTY = { times: [], values: [], length: 0, capacity: 1 }

function buildFinding(history: History, critical: boolean, description: string): Finding {
  const { some, full } = history.pressure
  const formatRate = (name: 'allocstall' | 'pgscan_direct'): string | null => {
    const value = computeRate(history.vmstat.series[name], history.time, MINUTE)
    return value === undefined ? null : `${Math.round(value)} a second`
  }
  return buildCondition(history, {
    subject: 'reclaim',
    severity: critical ? 'critical' : 'warning',
    title: 'MEMORY PRESSURE',
    summary: `${description}; everything on it is slow`,
    confidence: full ? 'high: measured by the kernel (PSI)' : 'medium: counted, not timed: this kernel has no PSI',
    confirm: full
      ? { text: 'the averages fall when it is over', command: 'cat /proc/pressure/memory' }
      : {
          text: 'the counters stand still when it is over',
          command: 'grep -E "allocstall|pgscan_direct" /proc/vmstat',
        },
    cost: 'work stands still while pages are looked for; probes fail, then OOM kills follow',
    causedBy: ['mem-available', 'throttled-cgroup', 'frozen-cgroup'],
    courses: ['psi full', 'psi some', 'meminfo MemAvailable'],
    evidence: {
      'full avg60': full ? `${full.avg60} %` : null,
      'some avg60': some ? `${some.avg60} %` : null,
      'direct reclaim': formatRate('allocstall'),
      'pages scanned directly': formatRate('pgscan_direct'),
    },
    remedy: [
      full
        ? { text: 'see which cgroup waits: its memory.pressure, view 2', risk: 'none' }
        : { text: 'see which cgroup grows or is at its limit: view 2', risk: 'none' },
      { text: 'raise memory.high or the limit of the cgroup that waits, or give it less to do', risk: 'low' },
      { text: 'move load to another node', command: 'kubectl cordon NODE', risk: 'low' },
    ],
  })
}
