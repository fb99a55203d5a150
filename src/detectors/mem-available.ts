// MemAvailable runs out: how much is left, for how long, and what takes it.

import { formatBytes, formatDuration, formatPercent } from '../base/format.ts'
import {
  computeLargestFall,
  getFirstTime,
  getValueAt,
  getValueOrFirst,
  type Series,
  slicePoints,
} from '../base/series.ts'
import { GiB, HOUR, MINUTE } from '../base/units.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { FALL_MARGIN } from './growth/spike.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

const THRESHOLDS = {
  warningLevel: [0.05, 'share of RAM', 'available memory (without reserved huge pages): warning if less'],
  criticalLevel: [0.02, 'share of RAM', 'available memory: critical if less'],
  warningMost: [32 * GiB, 'bytes', 'available memory that raises no warning on any node'],
  criticalMost: [8 * GiB, 'bytes', 'available memory that is never critical'],
  minutesLeft: [30, 'minutes', 'a fall is reported if memory runs out within this time …'],
  fallingFrom: [0.3, 'share of RAM', '… and less than this is available'],
} as const satisfies ThresholdTable
type MemAvailableThresholds = ThresholdValues<typeof THRESHOLDS>

export const memAvailable: Detector<typeof THRESHOLDS> = {
  title: 'available memory runs out',
  topic: 'memory',
  alerts: [
    {
      titles: ['MEMORY LOW'],
      meaning: 'Less than 5 % of RAM is available, or none will be within half an hour.',
      lasts: 'while it holds',
      response:
        'find the cgroup that uses it (Cgroups view of kmemtop); move load to other nodes before the kernel kills',
    },
  ],
  collectors: ['meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) => {
    const { values, series } = history.meminfo
    const total = values.get('MemTotal')
    const left = values.get('MemAvailable')
    if (total === undefined || left === undefined) return []
    const { fallingFrom, minutesLeft } = thresholds
    const usableTotal = total - (values.get('Hugetlb') ?? 0) // nothing else can use reserved huge pages
    const { warning, critical } = computeLevels(usableTotal, thresholds)
    if (left > Math.max(fallingFrom * usableTotal, warning)) return []
    const isOpen = (open?.size ?? 0) > 0
    const perHour = left < fallingFrom * usableTotal ? computeFallRate(series.MemAvailable, history.time, isOpen) : 0
    const time = perHour > 0 ? (left / perHour) * HOUR : undefined
    const soon = time !== undefined && time < minutesLeft * MINUTE * (isOpen ? 2 : 1)
    if (left >= warning * (isOpen ? 1.5 : 1) && !soon) return []
    const severity = left < critical || (soon && time < 5 * MINUTE) ? 'critical' : 'warning'
    return [buildFinding(history, { left, share: left / total, perHour, time: soon ? time : undefined, severity })]
  },
}

// Bytes available below which an alert is raised.
const computeLevels = (
  usableTotal: number,
  { warningLevel, warningMost, criticalLevel, criticalMost }: MemAvailableThresholds,
) => ({
  warning: Math.min(warningLevel * usableTotal, warningMost),
  critical: Math.min(criticalLevel * usableTotal, criticalMost),
})

// Returns bytes per hour over five minutes, if it fell in each of the five and is well below its minimum of the hour before. A burst of
// allocations that ends is no trend, and memory that came back by itself may fall as far again.
function computeFallRate(series: Series | undefined, now: number, open: boolean): number {
  if (!series) return 0
  const values = [5, 4, 3, 2, 1, 0].map(minutes => getValueAt(series, now - minutes * MINUTE))
  if (values.some(value => value === undefined)) return 0
  const perHour = Math.max(0, ((values[0]! - values[5]!) * HOUR) / (5 * MINUTE))
  if (open) return perHour
  const falls = values.slice(1).map((value, i) => values[i]! - value!)
  const before = slicePoints(series, now - HOUR, now - 5 * MINUTE).values
  const least = Math.min(...before) - FALL_MARGIN * computeLargestFall(before.map(value => -value))
  return falls.every(fall => fall > 0) && values[5]! < least ? perHour : 0
}

const CONSUMERS: readonly MeminfoSeries[] = [
  'AnonPages',
  'Shmem',
  'SUnreclaim',
  'PageTables',
  'SecPageTables',
  'KernelStack',
  'Percpu',
  'VmallocUsed',
  'GPUActive',
  'unaccounted',
  'Hugetlb',
  'MemTotal',
]
// Reserved on purpose, or not there at all: they are named only if they changed recently.
const ONLY_IF_RECENT: ReadonlySet<MeminfoSeries> = new Set(['Hugetlb', 'MemTotal'])
const CAUSES: Partial<Record<MeminfoSeries, readonly string[]>> = {
  SUnreclaim: ['kmem-leak', 'slab-growth'],
  Shmem: ['pinned-cache'],
  PageTables: ['kernel-memory'],
  KernelStack: ['kernel-memory'],
  Percpu: ['kernel-memory'],
  VmallocUsed: ['kernel-memory'],
  unaccounted: ['kernel-memory'],
}

interface Consumer {
  readonly name: MeminfoSeries
  readonly holds: number
  /** bytes gained within `span` ms; for MemTotal the bytes lost */
  readonly growth: number
  readonly span: number
}

/** Finds the counter that grew most within ten minutes, else within a day, else the largest one; undefined where none is known. */
function findTopConsumer(history: History): Consumer | undefined {
  const total = history.meminfo.values.get('MemTotal') ?? 0
  const [fast, slow] = [10 * MINUTE, 24 * HOUR].map(
    span => listConsumers(history, span).sort((a, b) => b.growth - a.growth)[0],
  )
  if (fast && fast.growth > 0.05 * total) return fast
  if (slow && slow.growth > 0.01 * total) return slow
  const candidates = listConsumers(history, 10 * MINUTE).filter(({ name }) => !ONLY_IF_RECENT.has(name))
  return candidates.sort((a, b) => b.holds - a.holds)[0]
}

function listConsumers({ meminfo, time }: History, most: number): Consumer[] {
  return CONSUMERS.flatMap(name => {
    const series = meminfo.series[name]
    const holds = meminfo.values.get(name)
    if (!series || holds === undefined) return []
    const span = Math.min(most, time - getFirstTime(series)!)
    const gain = holds - getValueOrFirst(series, time - span)!
    return [{ name, holds, growth: name === 'MemTotal' ? -gain : gain, span }]
  })
}

interface MemoryShortage {
  readonly left: number
  readonly share: number
  readonly perHour: number
  readonly time: number | undefined
  readonly severity: Finding['severity']
}

const describeConsumer = ({ name, holds, growth, span }: Consumer): string =>
  name === 'MemTotal'
    ? `MemTotal fell by ${formatBytes(growth)} within ${formatDuration(span)}: a balloon, or memory taken offline`
    : `${name} holds ${formatBytes(holds)}${growth > 0 ? `, +${formatBytes(growth)} in ${formatDuration(span)}` : ''}`

// MemAvailable does not count the ARC of ZFS, which shrinks under pressure down to c_min.
const computeShrinkableArc = ({ zfs: { arc } }: History): number => (arc ? Math.max(0, arc.size - arc.least) : 0)

function buildFinding(history: History, { left, share, perHour, time, severity }: MemoryShortage): Finding {
  const topConsumer = findTopConsumer(history)
  // The alert of a pinned cache has no time left, so it does not replace this one.
  const cause = topConsumer && !(topConsumer.name === 'Shmem' && time !== undefined) && CAUSES[topConsumer.name]
  const arc = computeShrinkableArc(history)
  const isArcLarge = arc > Math.max(left, 0.1 * (history.meminfo.values.get('MemTotal') ?? 0))
  const arcText = isArcLarge ? `; the ZFS ARC can give back ${formatBytes(arc)}` : ''
  const consumerText = (topConsumer ? `; ${describeConsumer(topConsumer)}` : '') + arcText
  const end = time === undefined ? '' : `, none left in ~${formatDuration(time)}`
  return buildCondition(history, {
    subject: 'MemAvailable',
    severity: isArcLarge && severity === 'critical' ? 'warning' : severity,
    title: 'MEMORY LOW',
    summary: `${formatBytes(left)} of memory available (${formatPercent(share)} of RAM)${end}${consumerText}`,
    confidence: 'high: MemAvailable from the kernel (computed the same way before 3.14)',
    confirm: {
      text: 'MemAvailable, what it consists of, and swap',
      command: 'grep -E "MemFree|MemAvailable|file|Swap" /proc/meminfo',
    },
    cost: 'allocations wait for reclaim, then the kernel kills the largest process',
    ...(cause ? { causedBy: cause } : {}),
    evidenceSeries: ['meminfo MemAvailable', ...(topConsumer ? [`meminfo ${topConsumer.name}`] : []), 'psi some'],
    ...(perHour > 0 ? { forecast: { perHour: -perHour, span: 5 * MINUTE, timeLeft: time } } : {}),
    peak: {
      magnitude: -left,
      summary: `${formatBytes(left)} of memory available at the lowest (${formatPercent(share)} of RAM)${consumerText}`,
    },
    evidence: listEvidence(
      ['MemAvailable', left, 'bytes'],
      ['share of RAM', share, 'share', 'share'],
      ['falling by', perHour > 0 ? perHour : null, 'bytesPerHour', 'perHour'],
      ['time left', time, 'ms', 'timeLeft'],
      ...(topConsumer ? ([[topConsumer.name, topConsumer.holds, 'bytes']] as const) : []),
      ...(isArcLarge ? ([['ZFS ARC above its minimum', arc, 'bytes']] as const) : []),
    ),
    remedy: [
      { text: 'find the cgroup that uses it: the Cgroups view of kmemtop, sorted by memory', risk: 'none' },
      {
        text: 'move load to other nodes: cordon this one, scale the largest consumer down',
        command: 'kubectl cordon NODE',
        risk: 'low',
      },
      { text: 'restart the process that grows', risk: 'high' },
    ],
  })
}
