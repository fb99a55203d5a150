// Kernel memory outside slab that only rises: page tables, stacks, per-CPU, vmalloc, and what drivers took and nobody accounts for.

import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import { HOUR, MINUTE, MiB } from '../base/units.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding, Remedy } from './detector.ts'
import { estimateTimeLeft, isCritical } from './growth/forecast.ts'
import { formatRateForecast } from './growth/forecast-text.ts'
import { findSustainedRises, type Rise } from './growth/trend.ts'
import { COUNT_CGROUPS } from './remedies/cgroup-remedies.ts'
import { findLikelyHolder, type LikelyHolder } from './unaccounted-memory.ts'

const defaults = {
  /** hours left below which a rise is red */
  criticalHours: 24,
  warmUpMinutes: 30,
  /** share of RAM (and bytes) that may be unaccounted for, and that page tables may hold */
  unaccounted: 0.05,
  unaccountedLeast: 2048 * MiB,
  pageTables: 0.05,
  percpu: 0.03,
}
type KernelMemoryThresholds = Readonly<typeof defaults>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.003, least: 64 * MiB }, // a load that begins moves these numbers too
]

interface KernelMemoryCounter {
  readonly name: MeminfoSeries
  /** who may hold it, and a command that tells; absent: to be found out */
  readonly holder?: LikelyHolder
  readonly causedBy?: readonly string[]
}

const COUNTERS: readonly KernelMemoryCounter[] = [
  {
    name: 'PageTables',
    holder: {
      what: 'page tables: many processes map much memory without huge pages',
      confirm: 'grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail',
    },
  },
  {
    name: 'KernelStack',
    holder: {
      what: 'kernel stacks: one for each thread there is',
      confirm: 'ps -eo nlwp,pid,comm --sort=-nlwp | head',
    },
  },
  {
    name: 'Percpu',
    holder: {
      what: 'per-CPU memory: cgroups, network devices, BPF maps',
      confirm: `${COUNT_CGROUPS}; ip -o link | wc -l`,
    },
    causedBy: ['memcg-ids', 'kmem-leak', 'dying-cgroups'],
  },
  {
    name: 'VmallocUsed',
    holder: {
      what: 'vmalloc: BPF maps and programs, modules, stacks',
      confirm: 'sort -k2 -n -r /proc/vmallocinfo | head; bpftool map | head',
    },
  },
  { name: 'unaccounted' },
]

export const kernelMemory: Detector<KernelMemoryThresholds> = {
  title: 'kernel memory outside slab grows',
  collectors: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const total = history.meminfo.values.get('MemTotal')
    if (total === undefined) return []
    const found = COUNTERS.flatMap(counter => {
      const rise = findRise(history, counter, total, thresholds, open?.has(counter.name) ?? false)
      const level = isAboveLevel(history, counter.name, total, thresholds, open?.get(counter.name))
      return rise || level ? [buildFinding(history, counter, rise, thresholds)] : []
    })
    // Stacks are vmalloc memory since 4.9: one growth, one alert.
    const hasStackRise = found.some(({ subject }) => subject === 'KernelStack')
    return found.filter(({ subject }) => !(hasStackRise && subject === 'VmallocUsed'))
  },
}

function findRise(
  history: History,
  { name }: KernelMemoryCounter,
  total: number,
  thresholds: KernelMemoryThresholds,
  open: boolean,
) {
  const series = history.meminfo.series[name]
  const { bootedAt } = history.uptime
  const isWarmingUp = bootedAt !== undefined && history.time - bootedAt < thresholds.warmUpMinutes * MINUTE
  if (!series || series.length < 12 || isWarmingUp) return undefined
  return findSustainedRises(series, history.time, { horizons: HORIZONS, whole: total, open })[0]
}

// The alert of a level stands until it is clearly below.
function isAboveLevel(
  history: History,
  name: MeminfoSeries,
  total: number,
  thresholds: KernelMemoryThresholds,
  open: Finding | undefined,
): boolean {
  const hysteresis = open?.evidence.growth === null ? 0.9 : 1
  const value = (history.meminfo.values.get(name) ?? 0) / hysteresis
  if (name === 'unaccounted') return value > Math.max(thresholds.unaccountedLeast, thresholds.unaccounted * total)
  if (name === 'PageTables') return value > thresholds.pageTables * total
  return name === 'Percpu' && value > thresholds.percpu * total
}

function buildFinding(
  history: History,
  { name, holder, causedBy }: KernelMemoryCounter,
  rise: Rise | undefined,
  { criticalHours }: KernelMemoryThresholds,
): Finding {
  const level = getLatest(history.meminfo.series[name]) ?? 0
  const share = level / (history.meminfo.values.get('MemTotal') ?? level)
  const { what, confirm } = holder ?? findLikelyHolder(history, level, rise)
  const left = rise && estimateTimeLeft(history, rise)
  const critical = rise !== undefined && isCritical(history, rise, criticalHours)
  const { pace, end } = rise
    ? formatRateForecast(history.meminfo.series[name]!, history.time, rise, left)
    : { pace: '', end: '' }
  const growthText = rise
    ? `${name} ${formatSignedBytes(rise.growth)} in ${formatDuration(history.time - rise.since)}${pace}`
    : `${name} holds ${formatBytes(level)}, ${formatPercent(share)} of all RAM`
  return buildCondition(history, {
    subject: name,
    severity: critical ? 'critical' : 'warning',
    title: 'KERNEL MEMORY',
    summary: `${growthText}: ${what}${end}`,
    confidence: rise ? 'high: it rises in each part of the window' : 'medium: a level, not a rise',
    confirm: { text: 'who holds it', command: confirm },
    cost: `${holder ? 'no reclaim can free it' : 'nobody knows whether it comes back'}; what is left for processes shrinks by as much`,
    ...(causedBy ? { causedBy } : {}),
    courses: [`meminfo ${name}`, 'meminfo MemAvailable'],
    ...(rise ? { since: rise.since } : {}),
    evidence: {
      [name]: level,
      share,
      growth: rise?.growth ?? null,
      perHour: rise?.perHour ?? null,
      timeLeft: left ?? null,
    },
    remedy: REMEDY,
  })
}

const REMEDY: readonly Remedy[] = [
  { text: 'find what began when it began: the log, deploys, the cgroups that came', risk: 'none' },
  { text: 'restart the process or pod, or unload the module, and see whether it falls', risk: 'low' },
  { text: 'when nothing lets go of it: drain the node and reboot before the memory is gone', risk: 'high' },
]
