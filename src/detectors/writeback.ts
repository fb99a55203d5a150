// Dirty and writeback stalls: so much written and not on disk that writers are made to wait (mm/page-writeback.c).

import { formatBytes, formatPercent } from '../base/format.ts'
import { MINUTE, MiB } from '../base/units.ts'
import { buildCondition, findRecentMinimum } from './condition-finding.ts'
import type { Detector } from './detector.ts'

const defaults = {
  /** share of what is available, dirty and under writeback, that has stood for a minute: vm.dirty_ratio is 20 % */
  share: 0.18,
  /** bytes below which it is nothing */
  least: 256 * MiB,
}

export const writeback: Detector<typeof defaults> = {
  title: 'written data waits for the disk',
  collectors: ['meminfo'],
  defaults,
  detect: (history, { share, least }, open) => {
    const { values, series } = history.meminfo
    const dirty = findRecentMinimum(series.Dirty, history.time, MINUTE)
    const writing = findRecentMinimum(series.Writeback, history.time, MINUTE)
    const available = values.get('MemAvailable')
    if (dirty === undefined || writing === undefined || available === undefined) return []
    const waiting = dirty + writing
    if (waiting < least || waiting < share * (open?.size ? 0.8 : 1) * available) return []
    return [
      buildCondition(history, {
        subject: 'Dirty',
        severity: 'warning',
        title: 'WRITEBACK',
        summary: `${formatBytes(waiting)} of written data waited for the disk for a minute, ${formatPercent(waiting / available)} of what is available: writers are made to wait`,
        confidence: 'medium: the kernel throttles at vm.dirty_ratio, 20 % unless it was set',
        confirm: {
          text: 'writing falls when the disk keeps up',
          command: 'grep -E "Dirty|Writeback:" /proc/meminfo; sysctl vm.dirty_ratio',
        },
        cost: 'every process that writes stands still; dirty pages cannot be reclaimed at once',
        courses: ['meminfo Dirty', 'meminfo Writeback'],
        evidence: {
          Dirty: values.get('Dirty') ?? null,
          Writeback: values.get('Writeback') ?? null,
          share: waiting / available,
        },
        remedy: [
          { text: 'see which device is slow', command: 'iostat -x 1 3', risk: 'none' },
          {
            text: 'begin earlier: lower vm.dirty_background_bytes',
            command: 'sysctl vm.dirty_background_ratio',
            risk: 'low',
          },
        ],
      }),
    ]
  },
}
