// Dying cgroups: removed, but kept by the kernel while a page, slab object or swap entry is charged to them.

import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import { HOUR } from '../base/units.ts'
import { getDyingMemory } from '../collectors/cgroups/dying-memory.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { Rise } from './growth/rise.ts'
import { findSustainedRises } from './growth/trend.ts'
import { COUNT_CGROUPS, COUNT_HINT, listDyingCgroupRemedies } from './remedies/cgroup-remedies.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  least: [300, 'cgroups', 'fewer dying cgroups raise no alert'],
  perDirectory: [3, 'cgroups', 'dying cgroups per live one: fewer raise no alert'],
  rise: [200, 'cgroups', 'a lasting rise that raises an alert: this many in two hours, twice as many in a day'],
} as const satisfies ThresholdTable

export const dyingCgroups: Detector<typeof THRESHOLDS> = {
  title: 'removed cgroups still held by the kernel',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['DYING CGROUPS'],
      meaning:
        'More than 300 removed cgroups (and three per live one) are still held by the kernel, or their number rises lastingly. Each costs memory.',
      lasts: 'while it holds',
      response: 'the alert shows what holds them; reclaim in the parent frees page cache',
    },
  ],
  collectors: ['cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, { least, perDirectory, rise: minRise }, open) => {
    const { dying, directories } = history.cgroups
    if (dying === null || dying < Math.min(least, minRise) / 2) return []
    const isOpen = open?.has('dying') ?? false
    const rise = findSustainedRises(history.cgroups.series.dying, history.time, {
      horizons: [
        { span: 24 * HOUR, share: 0, least: 2 * minRise },
        { span: 2 * HOUR, share: 0, least: minRise },
      ],
      whole: 0,
      open: isOpen,
    })[0]
    const many = dying > Math.max(least, perDirectory * directories) * (isOpen ? 0.8 : 1)
    return many || rise ? [buildFinding(history, dying, rise)] : []
  },
}

function buildFinding(history: History, dying: number, rise: Rise | undefined) {
  const { cgroups, directories, created, removed } = history.cgroups
  // v2 counts the dying descendants of each cgroup: where it has none, the memory is not held by dying ones
  const dyingMemory = getDyingMemory(history.cgroups).find(({ path }) => cgroups.get(path)?.dying !== 0)
  const rateText = rise ? `, +${formatCount(Math.round(rise.perHour))}/h` : ''
  const heldText = dyingMemory
    ? `; they hold ${dyingMemory.exact ? '' : 'up to '}${formatBytes(dyingMemory.bytes)} under ${dyingMemory.path}`
    : ''
  return buildCondition(history, {
    subject: 'dying',
    severity: 'warning',
    title: 'DYING CGROUPS',
    summary: `${formatCount(dying)} deleted cgroups still held by the kernel (${formatCount(directories)} live)${rateText}${heldText}`,
    confidence: 'high: the kernel’s count minus the live cgroups',
    confirm: {
      text: `compare the kernel’s count with the number of directories; ${COUNT_HINT}`,
      command: COUNT_CGROUPS,
    },
    cost: 'each keeps about 20 KiB of slab and per-CPU memory and the memory charged to it, and slows reclaim; on older kernels also a memcg ID',
    causedBy: ['kmem-leak', 'memcg-ids'],
    evidenceSeries: ['cgroups dying', 'cgroups directories', 'meminfo SUnreclaim', 'meminfo Percpu'],
    ...(rise ? { since: rise.since } : {}),
    evidence: listEvidence(
      ['dying cgroups', dying, 'count', 'dying'],
      ['live cgroups', directories, 'count', 'directories'],
      ['created since the start', created, 'count', 'made since the start'],
      ['removed since the start', removed, 'count'],
      ['rising for', rise ? formatDuration(history.time - rise.since) : null, 'text', 'rise lasts for'],
      ['held by removed cgroups', dyingMemory?.bytes, 'bytes', 'held by deleted'],
      ['SUnreclaim', getLatest(history.meminfo.series.SUnreclaim), 'bytes'],
    ),
    remedy: listDyingCgroupRemedies(history.session.kernel),
  })
}
