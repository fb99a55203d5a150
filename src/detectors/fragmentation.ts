// Fragmentation: memory is free, but hardly any of it in blocks of eight pages or more.

import { formatBytes, formatCount } from '../base/format.ts'
import { getValueAt, slicePoints } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import { countFreePages, LARGE_ORDER } from '../collectors/buddyinfo.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  blocks: [64, 'free blocks of 8 pages', 'fewer raise the alert'],
  over: [256, 'free blocks of 8 pages', 'as many end it'],
  free: [0.01, 'share of RAM', 'with less free memory it is a shortage, not fragmentation'],
} as const satisfies ThresholdTable

export const fragmentation: Detector<typeof THRESHOLDS> = {
  title: 'free memory is fragmented',
  topic: 'pressure',
  alerts: [
    {
      titles: ['FRAGMENTED'],
      meaning: 'There is free memory, but few blocks of 8 pages. Large allocations fail.',
      lasts: 'while it holds',
      response: 'compact memory (takes a few seconds of CPU), or keep more free: `vm.min_free_kbytes`',
    },
  ],
  collectors: ['buddyinfo'],
  thresholds: THRESHOLDS,
  detect: (history, { blocks, over, free }, open) => {
    const { large } = history.buddyinfo
    const { pageSize } = history.session
    const total = history.meminfo.values.get('MemTotal')
    const most = Math.max(...slicePoints(large, history.time - MINUTE, history.time).values) // one sample without blocks is no problem
    const pages = countFreePages(history.buddyinfo)
    if (total === undefined || most >= (open?.size ? over : blocks)) return []
    if (getValueAt(large, history.time - MINUTE) === undefined || pages * pageSize < free * total) return []
    return [
      buildCondition(history, {
        subject: 'buddyinfo',
        severity: 'warning',
        title: 'FRAGMENTED',
        summary: `${formatBytes(pages * pageSize)} free, but only ${formatCount(most)} free blocks of ${formatBytes(pageSize * 2 ** LARGE_ORDER)}: allocations of order ${LARGE_ORDER} fail or wait for compaction`,
        confidence: 'high: counted by the kernel; whether it hurts depends on who needs large blocks',
        confirm: { text: 'columns are free blocks by order, from order 0', command: 'cat /proc/buddyinfo' },
        cost: 'network drivers, new processes and huge pages wait for compaction, or their allocations fail',
        evidenceSeries: ['buddyinfo large', 'meminfo MemFree'],
        evidence: listEvidence(
          ['free blocks of order 3', most, 'count'],
          ['free memory', pages * pageSize, 'bytes', 'free in all'],
        ),
        remedy: [
          {
            text: 'compact memory now; takes a few seconds of CPU',
            command: 'echo 1 > /proc/sys/vm/compact_memory',
            risk: 'low',
          },
          {
            text: 'keep more memory free: raise vm.min_free_kbytes',
            command: 'sysctl vm.min_free_kbytes',
            risk: 'low',
          },
        ],
      }),
    ]
  },
}
