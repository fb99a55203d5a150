// Fragmentation before it hurts: memory is free, but hardly any of it in blocks of eight pages and more.

import { formatBytes, formatCount } from '../base/format.ts'
import { getValueAt, slicePoints } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import { countFreePages, LARGE_ORDER } from '../collectors/buddyinfo.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'

const defaults = {
  /** free blocks of 8 pages below which it is told, and at which it is over */
  blocks: 64,
  over: 256,
  /** share of RAM that must be free: with less it is shortage, not fragmentation */
  free: 0.01,
}

export const fragmentation: Detector<typeof defaults> = {
  title: 'free memory is in small pieces',
  collectors: ['buddyinfo'],
  defaults,
  detect: (history, { blocks, over, free }, open) => {
    const { large } = history.buddyinfo
    const { pageSize } = history.session
    const total = history.meminfo.values.get('MemTotal')
    const most = Math.max(...slicePoints(large, history.time - MINUTE, history.time).values) // a moment without is none
    const pages = countFreePages(history.buddyinfo)
    if (total === undefined || most >= (open?.size ? over : blocks)) return []
    if (getValueAt(large, history.time - MINUTE) === undefined || pages * pageSize < free * total) return []
    return [
      buildCondition(history, {
        subject: 'buddyinfo',
        severity: 'warning',
        title: 'FRAGMENTED',
        summary: `${formatBytes(pages * pageSize)} are free, but only ${formatCount(most)} blocks of ${formatBytes(pageSize * 2 ** LARGE_ORDER)}: allocations of order ${LARGE_ORDER} will fail or wait for compaction`,
        confidence: 'high: counted by the kernel; that it hurts depends on who asks for large blocks',
        confirm: { text: 'columns are orders from 0 on', command: 'cat /proc/buddyinfo' },
        cost: 'network drivers, new processes and huge pages wait for compaction or fail',
        courses: ['buddyinfo large', 'meminfo MemFree'],
        evidence: { 'free blocks of order 3': most, 'free in all': pages * pageSize },
        remedy: [
          {
            text: 'compact by hand; it costs some seconds of CPU',
            command: 'echo 1 > /proc/sys/vm/compact_memory',
            risk: 'low',
          },
          { text: 'keep more free: raise vm.min_free_kbytes', command: 'sysctl vm.min_free_kbytes', risk: 'low' },
        ],
      }),
    ]
  },
}
