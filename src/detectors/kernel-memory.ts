// Kernel memory outside slab that only rises: page tables, stacks, per-CPU, vmalloc, and what drivers took and nobody accounts for.
import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import { COUNT_CGROUPS } from './cgroup-remedies.ts'
import { condition } from './condition.ts'
import type { Detector, Finding, Remedy } from './detector.ts'
import { isCritical, timeLeft } from './exhaustion.ts'
import { lastingRises, type Rise } from './lasting.ts'
import { paceWords } from './pace.ts'
import { type Holder, holderOf } from './unaccounted.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MiB = 2 ** 20

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
type Thresholds = Readonly<typeof defaults>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.003, least: 64 * MiB }, // a load that begins moves these numbers too
]

interface Kind {
  readonly name: MeminfoSeries
  /** who may hold it, and a command that tells; absent: to be found out */
  readonly holder?: Holder
  readonly causedBy?: readonly string[]
}

const KINDS: readonly Kind[] = [
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

export const kernelMemory: Detector<Thresholds> = {
  title: 'kernel memory outside slab grows',
  after: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const total = history.meminfo.values.get('MemTotal')
    if (total === undefined) return []
    const found = KINDS.flatMap(kind => {
      const rise = riseOf(history, kind, total, thresholds, open?.has(kind.name) ?? false)
      const level = tooMuch(history, kind.name, total, thresholds, open?.get(kind.name))
      return rise || level ? [findingOf(history, kind, rise, thresholds)] : []
    })
    // Stacks are vmalloc memory since 4.9: one growth, one alert.
    const stacks = found.some(({ subject }) => subject === 'KernelStack')
    return found.filter(({ subject }) => !(stacks && subject === 'VmallocUsed'))
  },
}

function riseOf(history: History, { name }: Kind, total: number, thresholds: Thresholds, open: boolean) {
  const series = history.meminfo.series[name]
  const { bootedAt } = history.uptime
  const warming = bootedAt !== undefined && history.time - bootedAt < thresholds.warmUpMinutes * MINUTE
  if (!series || series.length < 12 || warming) return undefined
  return lastingRises(series, history.time, { horizons: HORIZONS, whole: total, open })[0]
}

// The alert of a level stands until it is clearly below.
function tooMuch(
  history: History,
  name: MeminfoSeries,
  total: number,
  thresholds: Thresholds,
  open: Finding | undefined,
): boolean {
  const ease = open?.evidence.growth === null ? 0.9 : 1
  const value = (history.meminfo.values.get(name) ?? 0) / ease
  if (name === 'unaccounted') return value > Math.max(thresholds.unaccountedLeast, thresholds.unaccounted * total)
  if (name === 'PageTables') return value > thresholds.pageTables * total
  return name === 'Percpu' && value > thresholds.percpu * total
}

function findingOf(
  history: History,
  { name, holder, causedBy }: Kind,
  rise: Rise | undefined,
  { criticalHours }: Thresholds,
): Finding {
  const level = getLatest(history.meminfo.series[name]) ?? 0
  const share = level / (history.meminfo.values.get('MemTotal') ?? level)
  const { what, confirm } = holder ?? holderOf(history, level, rise)
  const left = rise && timeLeft(history, rise)
  const critical = rise !== undefined && isCritical(history, rise, criticalHours)
  const { pace, end } = rise
    ? paceWords(history.meminfo.series[name]!, history.time, rise, left)
    : { pace: '', end: '' }
  const grew = rise
    ? `${name} ${formatSignedBytes(rise.growth)} in ${formatDuration(history.time - rise.since)}${pace}`
    : `${name} holds ${formatBytes(level)}, ${formatPercent(share)} of all RAM`
  return condition(history, {
    subject: name,
    severity: critical ? 'critical' : 'warning',
    title: 'KERNEL MEMORY',
    summary: `${grew}: ${what}${end}`,
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
