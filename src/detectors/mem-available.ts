// MemAvailable running out: what can still be taken without swapping, how long it lasts, and what takes it.

import { formatBytes, formatDuration, formatPercent } from '../base/format.ts'
import { computeLargestFall, getFirstTime, getValueAt, type Series, slicePoints } from '../base/series.ts'
import { GiB, HOUR, MINUTE } from '../base/units.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { FALL_MARGIN } from './growth/spike.ts'

const defaults = {
  /** shares of RAM that are left, of what is not set aside as huge pages; and bytes that are enough on any node */
  warningLevel: 0.05,
  criticalLevel: 0.02,
  warningMost: 32 * GiB,
  criticalMost: 8 * GiB,
  /** a fall is told when it ends within so many minutes, from this share of RAM downwards */
  minutesLeft: 30,
  fallingFrom: 0.3,
}
type MemAvailableThresholds = Readonly<typeof defaults>

export const memAvailable: Detector<MemAvailableThresholds> = {
  title: 'the memory that is left runs out',
  collectors: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const { values, series } = history.meminfo
    const total = values.get('MemTotal')
    const left = values.get('MemAvailable')
    if (total === undefined || left === undefined) return []
    const { fallingFrom, minutesLeft } = thresholds
    const usableTotal = total - (values.get('Hugetlb') ?? 0) // huge pages are nobody's else: what is left is of the rest
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

// Bytes left that are told.
const computeLevels = (
  usableTotal: number,
  { warningLevel, warningMost, criticalLevel, criticalMost }: MemAvailableThresholds,
) => ({
  warning: Math.min(warningLevel * usableTotal, warningMost),
  critical: Math.min(criticalLevel * usableTotal, criticalMost),
})

// Bytes an hour over five minutes, when it fell in each of five parts of them, and well below where it was in the hour before: a burst
// of allocations that ends is no trend, and what came back by itself may go as far again.
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
  'KernelStack',
  'Percpu',
  'VmallocUsed',
  'unaccounted',
  'Hugetlb',
  'MemTotal',
]
// Set aside on purpose, or not there at all: they are told only when they took it lately.
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
  /** what it gained in so many ms; MemTotal: what it lost */
  readonly growth: number
  readonly span: number
}

/** What took much within ten minutes, else most of what went within a day, else what holds most; undefined when none is known. */
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
    const gain = holds - (getValueAt(series, time - span) ?? series.values[0]!)
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
    ? `MemTotal is ${formatBytes(growth)} less than ${formatDuration(span)} ago: a balloon, or memory taken offline`
    : `${name} holds ${formatBytes(holds)}${growth > 0 ? `, ${formatBytes(growth)} more than ${formatDuration(span)} ago` : ''}`

function buildFinding(history: History, { left, share, perHour, time, severity }: MemoryShortage): Finding {
  const topConsumer = findTopConsumer(history)
  // A pinned cache does not say when the memory ends.
  const cause = topConsumer && !(topConsumer.name === 'Shmem' && time !== undefined) && CAUSES[topConsumer.name]
  const end = time === undefined ? '' : `, gone in ~${formatDuration(time)}`
  return buildCondition(history, {
    subject: 'MemAvailable',
    severity,
    title: 'MEMORY LOW',
    summary: `${formatBytes(left)} of memory left, ${formatPercent(share)} of RAM${end}${topConsumer ? `; ${describeConsumer(topConsumer)}` : ''}`,
    confidence: 'high: the kernel’s own estimate, or reckoned as it does where it tells none (before 3.14)',
    confirm: {
      text: 'the kernel’s estimate, what it is made of, and swap',
      command: 'grep -E "MemFree|MemAvailable|file|Swap" /proc/meminfo',
    },
    cost: 'every allocation waits for reclaim, then the kernel kills the largest process',
    ...(cause ? { causedBy: cause } : {}),
    courses: ['meminfo MemAvailable', ...(topConsumer ? [`meminfo ${topConsumer.name}`] : []), 'psi some'],
    evidence: {
      MemAvailable: left,
      share,
      perHour: perHour > 0 ? perHour : null,
      timeLeft: time ?? null,
      ...(topConsumer ? { [topConsumer.name]: topConsumer.holds } : {}),
    },
    remedy: [
      { text: 'see which cgroup holds it: view 2, sorted by memory', risk: 'none' },
      {
        text: 'move load away: cordon the node, scale the largest consumer down',
        command: 'kubectl cordon NODE',
        risk: 'low',
      },
      { text: 'restart the process that grows', risk: 'high' },
    ],
  })
}
