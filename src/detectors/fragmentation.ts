// Fragmentation: memory is free, but hardly any of it in blocks of eight pages or more.

import { formatBytes, formatCount } from '../base/format.ts'
import { getValueAt, slicePoints } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import { countFreePages, LARGE_ORDER } from '../collectors/buddyinfo.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'

const defaults = {
  /** free blocks of 8 pages below which the alert is raised, and at which it ends */
  blocks: 64,
  over: 256,
  /** share of RAM that must be free: with less it is a shortage, not fragmentation */
  free: 0.01,
}

export const fragmentation: Detector<typeof defaults> = {
  title: 'free memory is fragmented',
  collectors: ['buddyinfo'],
  defaults,
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
