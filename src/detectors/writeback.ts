// Writeback stalls: so much written data waits for the disk that the kernel makes writers wait (mm/page-writeback.c).

import { formatBytes, formatPercent } from '../base/format.ts'
import { GiB, MINUTE } from '../base/units.ts'
import { buildCondition, findRecentMinimum } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { scaleToNode } from './small-nodes.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  share: [0.18, 'share of available memory', 'dirty or under writeback for a whole minute; vm.dirty_ratio is 20 %'],
  least: [256 * 2 ** 20, 'bytes', 'less raises no alert; smaller on nodes under 2.5 GiB'],
} as const satisfies ThresholdTable

export const writeback: Detector<typeof THRESHOLDS> = {
  title: 'written data waits for the disk',
  topic: 'pressure',
  alerts: [
    {
      titles: ['WRITEBACK'],
      meaning: 'Written data waited for the disk for a whole minute.',
      lasts: 'while it holds',
      response: 'find the slow device: `iostat -x 1 3`; start writeback earlier: `vm.dirty_background_bytes`',
    },
  ],
  collectors: ['meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, { share, least }, open) => {
    const { values, series } = history.meminfo
    const dirty = findRecentMinimum(series.Dirty, history.time, MINUTE)
    const writing = findRecentMinimum(series.Writeback, history.time, MINUTE)
    const available = values.get('MemAvailable')
    if (dirty === undefined || writing === undefined || available === undefined) return []
    const waiting = dirty + writing
    const floor = scaleToNode(least, values.get('MemTotal') ?? Number.POSITIVE_INFINITY, 2.5 * GiB)
    if (waiting < floor || waiting < share * (open?.size ? 0.8 : 1) * available) return []
    return [
      buildCondition(history, {
        subject: 'Dirty',
        severity: 'warning',
        title: 'WRITEBACK',
        summary: `${formatBytes(waiting)} of written data waited for the disk for a minute (${formatPercent(waiting / available)} of available memory): writers are throttled`,
        confidence: 'medium: the kernel throttles writers at vm.dirty_ratio, by default 20 %',
        confirm: {
          text: 'both numbers fall when the disk catches up',
          command: 'grep -E "Dirty|Writeback:" /proc/meminfo; sysctl vm.dirty_ratio',
        },
        cost: 'every process that writes waits, and dirty pages cannot be reclaimed at once',
        evidenceSeries: ['meminfo Dirty', 'meminfo Writeback'],
        evidence: listEvidence(
          ['Dirty', values.get('Dirty'), 'bytes'],
          ['Writeback', values.get('Writeback'), 'bytes'],
          ['share of available memory', waiting / available, 'share', 'share'],
        ),
        remedy: [
          { text: 'find the slow device', command: 'iostat -x 1 3', risk: 'none' },
          {
            text: 'start writeback earlier: lower vm.dirty_background_bytes',
            command: 'sysctl vm.dirty_background_ratio',
            risk: 'low',
          },
        ],
      }),
    ]
  },
}
