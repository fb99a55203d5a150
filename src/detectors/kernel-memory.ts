// Kernel memory outside slab that keeps growing: page tables, stacks, per-CPU memory, vmalloc, and memory no counter accounts for.

import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import { GiB, HOUR, MINUTE, MiB } from '../base/units.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding, Remedy } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { isCritical } from './growth/forecast.ts'
import { formatForecast, formatShortForecast, listForecastEvidence } from './growth/forecast-text.ts'
import { type Forecast, forecastRise, measureTotalGrowth } from './growth/growth-rate.ts'
import type { Rise } from './growth/rise.ts'
import { findSustainedRises } from './growth/trend.ts'
import { COUNT_CGROUPS } from './remedies/cgroup-remedies.ts'
import { scaleToNode } from './small-nodes.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'
import { findLikelyHolder, isBoundedBySockets, type LikelyHolder } from './unaccounted-memory.ts'

const THRESHOLDS = {
  criticalHours: [24, 'hours', 'critical if memory runs out within this time'],
  warmUpMinutes: [30, 'minutes', 'time after boot in which growth is expected'],
  unaccounted: [0.05, 'share of RAM', 'memory in no counter of the kernel'],
  unaccountedLeast: [2048 * MiB, 'bytes', 'less unaccounted memory raises no alert; less on nodes under 10 GiB'],
  pageTables: [0.05, 'share of RAM', 'page tables'],
  percpu: [0.03, 'share of RAM', 'per-CPU memory'],
} as const satisfies ThresholdTable
type KernelMemoryThresholds = ThresholdValues<typeof THRESHOLDS>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB, smallShare: 0.03 },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB, smallShare: 0.02 },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB, smallShare: 0.012 },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB, smallShare: 0.006 },
  { span: 15 * MINUTE, share: 0.003, least: 64 * MiB, smallShare: 0.01 }, // a load that starts moves these counters too
]

/** What uses a part of kernel memory, and a command that shows by whom. For parts that are missing here nothing is known. */
export const KERNEL_PART_HOLDERS = {
  PageTables: {
    what: 'many processes map much memory without huge pages',
    confirm: 'grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail',
  },
  SecPageTables: {
    what: 'memory of virtual machines (KVM), or of devices behind an IOMMU',
    confirm: 'pgrep -a qemu; grep -s . /sys/kernel/debug/kvm/pages_*; ls /sys/kernel/iommu_groups | wc -l',
  },
  KernelStack: {
    what: 'one kernel stack for each thread',
    confirm: 'ps -eo nlwp,pid,comm --sort=-nlwp | head',
  },
  Percpu: {
    what: 'cgroups, network devices or BPF maps',
    confirm: `${COUNT_CGROUPS}; ip -o link | wc -l`,
  },
  VmallocUsed: {
    what: 'BPF maps and programs, modules or kernel stacks',
    confirm: 'sort -k2 -n -r /proc/vmallocinfo | head; bpftool map | head',
  },
} as const satisfies Partial<Record<MeminfoSeries, LikelyHolder>>

interface KernelMemoryCounter {
  readonly name: MeminfoSeries
  /** what uses it, and a command that shows by whom; absent: to be found out */
  readonly holder?: LikelyHolder
  readonly causedBy?: readonly string[]
}

const COUNTERS: readonly KernelMemoryCounter[] = [
  { name: 'PageTables', holder: KERNEL_PART_HOLDERS.PageTables },
  { name: 'SecPageTables', holder: KERNEL_PART_HOLDERS.SecPageTables },
  { name: 'KernelStack', holder: KERNEL_PART_HOLDERS.KernelStack },
  {
    name: 'Percpu',
    holder: KERNEL_PART_HOLDERS.Percpu,
    causedBy: ['memcg-ids', 'kmem-leak', 'dying-cgroups'],
  },
  { name: 'VmallocUsed', holder: KERNEL_PART_HOLDERS.VmallocUsed },
  { name: 'unaccounted' },
]

export const kernelMemory: Detector<typeof THRESHOLDS> = {
  title: 'kernel memory outside slab grows',
  topic: 'memory',
  alerts: [
    {
      titles: ['KERNEL MEMORY'],
      meaning:
        'Page tables, kernel stacks, per-CPU, vmalloc or unaccounted memory rise lastingly or are too large. Socket buffers well below `tcp_mem` do not count.',
      lasts: 'while it holds',
      response: 'the alert names the part and its largest allocators, if the kernel lists them',
    },
  ],
  collectors: ['meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) => {
    const total = history.meminfo.values.get('MemTotal')
    if (total === undefined) return []
    const found = COUNTERS.flatMap(counter => {
      const input = { history, total, thresholds, open: open?.get(counter.name) }
      const rise = findRise(input, counter)
      return rise || isAboveLevel(input, counter.name) ? [buildFinding(input, counter, rise)] : []
    })
    // Kernel stacks are vmalloc memory since 4.9: one growth, one alert.
    const hasStackRise = found.some(({ subject }) => subject === 'KernelStack')
    return found.filter(({ subject }) => !(hasStackRise && subject === 'VmallocUsed'))
  },
}

interface CounterInput {
  readonly history: History
  /** MemTotal, bytes */
  readonly total: number
  readonly thresholds: KernelMemoryThresholds
  /** the open alert about the counter */
  readonly open: Finding | undefined
}

function findRise({ history, total, thresholds, open }: CounterInput, { name }: KernelMemoryCounter): Rise | undefined {
  const series = history.meminfo.series[name]
  const { bootedAt } = history.uptime
  const isWarmingUp = bootedAt !== undefined && history.time - bootedAt < thresholds.warmUpMinutes * MINUTE
  if (!series || series.length < 12 || isWarmingUp) return undefined
  const [rise] = findSustainedRises(series, history.time, {
    horizons: HORIZONS,
    whole: total,
    open: open !== undefined,
  })
  return rise && name === 'unaccounted' && isBoundedBySockets(history, rise.growth, rise) ? undefined : rise
}

// An alert found by its level lasts until the level is clearly below.
function isAboveLevel({ history, total, thresholds, open }: CounterInput, name: MeminfoSeries): boolean {
  const hysteresis = open?.foundBy?.includes('level') ? 0.9 : 1
  const value = (history.meminfo.values.get(name) ?? 0) / hysteresis
  if (name === 'unaccounted') {
    const least = scaleToNode(thresholds.unaccountedLeast, total, 10 * GiB)
    return value > Math.max(least, thresholds.unaccounted * total) && !isBoundedBySockets(history, value)
  }
  if (name === 'PageTables') return value > thresholds.pageTables * total
  return name === 'Percpu' && value > thresholds.percpu * total
}

function buildFinding(
  { history, thresholds, open }: CounterInput,
  { name, holder, causedBy }: KernelMemoryCounter,
  rise: Rise | undefined,
): Finding {
  const level = getLatest(history.meminfo.series[name]) ?? 0
  const share = level / (history.meminfo.values.get('MemTotal') ?? level)
  const { what, confirm } = holder ?? findLikelyHolder(history, level, rise)
  const texts = rise
    ? describeRise(history, name, rise, open)
    : { ...NO_RISE, text: `${name} holds ${formatBytes(level)} (${formatPercent(share)} of RAM)`, magnitude: share }
  const { text, end, peakText = text, magnitude, forecast, pace } = texts
  return buildCondition(history, {
    subject: name,
    severity: rise !== undefined && isCritical(history, rise, thresholds.criticalHours) ? 'critical' : 'warning',
    title: 'KERNEL MEMORY',
    summary: `${text}: ${what}${end}`,
    ...(pace ? { short: `${name} ${pace}: ${what}` } : {}),
    peak: { magnitude, summary: `${peakText}: ${what}` },
    confidence: rise ? 'high: it rises in each part of the window' : 'medium: from the level alone, it does not rise',
    confirm: { text: 'find what holds it', command: confirm },
    cost: `${holder ? 'reclaim cannot free it' : 'it is unknown whether it can be freed'}; processes have that much less memory`,
    ...(causedBy ? { causedBy } : {}),
    evidenceSeries: [`meminfo ${name}`, 'meminfo MemAvailable'],
    ...(rise ? { since: rise.since } : {}),
    foundBy: [rise ? 'trend' : 'level'],
    forecast,
    evidence: listEvidence(
      [name, level, 'bytes'],
      ['share of RAM', share, 'share', 'share'],
      ['growth', rise?.growth, 'bytes'],
      ...listForecastEvidence(forecast),
    ),
    remedy: REMEDY,
  })
}

interface RiseTexts {
  readonly text: string
  readonly end: string
  readonly peakText?: string
  readonly magnitude: number
  readonly forecast: Forecast | undefined
  /** rate and time left, for a narrow banner */
  readonly pace?: string | undefined
}

const NO_RISE = { end: '', forecast: undefined, pace: undefined } as const

function describeRise(history: History, name: MeminfoSeries, rise: Rise, open: Finding | undefined): RiseTexts {
  const series = history.meminfo.series[name]!
  const forecast = forecastRise(history, series, rise)
  const total = measureTotalGrowth(series, rise, open)
  const { rate, end } = formatForecast(forecast)
  const formatGrowth = (growth: number, since: number): string =>
    `${name} ${formatSignedBytes(growth)} in ${formatDuration(history.time - since)}`
  return {
    text: `${formatGrowth(rise.growth, rise.since)}${rate}`,
    end,
    peakText: formatGrowth(total.growth, total.since),
    magnitude: total.growth,
    forecast,
    pace: formatShortForecast(forecast),
  }
}

const REMEDY: readonly Remedy[] = [
  { text: 'find what started at the same time: kernel log, deployments, new cgroups', risk: 'none' },
  { text: 'restart that process or pod, or unload the module, and check whether it falls', risk: 'low' },
  { text: 'if it never shrinks: drain the node and reboot before memory runs out', risk: 'high' },
]
