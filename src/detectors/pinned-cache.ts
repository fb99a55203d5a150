// Pinned cache: shmem, tmpfs and mlocked pages. The kernel counts them in `Cached`, but cannot drop them.

import { filterMap } from '../base/filter-map.ts'
import { formatBytes, formatPercent } from '../base/format.ts'
import { MINUTE } from '../base/units.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { isNodeRoot } from '../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../collectors/container-names.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding, Remedy } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { formatForecast, listForecastEvidence } from './growth/forecast-text.ts'
import { type Forecast, forecastMemory } from './growth/growth-rate.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  share: [0.25, 'share of RAM', 'cache that cannot be freed, if it is most of the cache'],
  room: [0.15, 'share of RAM', 'a warning if less than this is available'],
} as const satisfies ThresholdTable

export const pinnedCache: Detector<typeof THRESHOLDS> = {
  title: 'cache that cannot be freed',
  topic: 'memory',
  alerts: [
    {
      titles: ['PINNED CACHE'],
      meaning: 'A quarter of RAM is cache that cannot be freed: shmem or mlocked pages.',
      lasts: 'while it holds',
      response: 'find tmpfs mounts and shared memory: `df -t tmpfs`, `ipcs -m`',
    },
  ],
  collectors: ['meminfo'],
  thresholds: THRESHOLDS,
  detect: (history, { share: minShare, room }, open) => {
    const { values } = history.meminfo
    const getValue = (name: string): number => values.get(name) ?? 0
    const [total, cached, shmem] = [getValue('MemTotal'), getValue('Cached'), getValue('Shmem')]
    const locked = computeLockedCache(values)
    const pinned = shmem + locked
    const hysteresis = open?.size ? 0.9 : 1
    if (total === 0 || pinned < minShare * hysteresis * total || pinned < 0.5 * hysteresis * cached) return []
    const left = (values.get('MemAvailable') ?? total) / total
    return [buildFinding(history, { pinned, cached, shmem, locked, total }, left < room ? 'warning' : 'info')]
  },
}

// Mlocked counts anonymous pages too. Its share of the cache is at most the file pages that are on no LRU list.
function computeLockedCache(values: ReadonlyMap<string, number>): number {
  const getValue = (name: string): number => values.get(name) ?? 0
  const files =
    getValue('Cached') + getValue('Buffers') - getValue('Shmem') - getValue('Active(file)') - getValue('Inactive(file)')
  return Math.max(0, Math.min(getValue('Mlocked'), getValue('Cached') - getValue('Shmem'), files))
}

/** What to do about it, safest first. */
export const PINNED_CACHE_REMEDY: readonly Remedy[] = [
  {
    text: 'find the files: tmpfs mounts, /dev/shm, emptyDir volumes of medium Memory',
    command: 'df -t tmpfs -h',
    risk: 'none',
  },
  {
    text: 'find deleted files that are still open: they hold memory too',
    command: 'lsof +L1 | grep -E "shm|memfd|tmpfs"',
    risk: 'none',
  },
  { text: 'delete files that are not needed, and set a sizeLimit on emptyDir volumes', risk: 'low' },
]

interface PinnedMemory {
  readonly pinned: number
  readonly cached: number
  readonly shmem: number
  readonly locked: number
  readonly total: number
}

const RATE_SPAN = 15 * MINUTE

// Of tmpfs files and shared memory: locked pages have no series. A drift below a hundredth per hour is no growth.
// Where they can be swapped out, RAM does not end with them.
function forecastPinned(history: History, { shmem, locked }: PinnedMemory): Forecast | undefined {
  if (shmem < locked) return undefined
  const { series, values } = history.meminfo
  const forecast = forecastMemory(history, series.Shmem, history.time - RATE_SPAN)
  if (!forecast || forecast.perHour < 0.01 * shmem) return undefined
  return (values.get('SwapFree') ?? 0) > 0 ? { ...forecast, timeLeft: undefined } : forecast
}

function buildFinding(history: History, memory: PinnedMemory, severity: Finding['severity']): Finding {
  const { pinned, cached, shmem, locked, total } = memory
  const forecast = forecastPinned(history, memory)
  const growth = forecast ? formatForecast(forecast) : { rate: '', end: '' }
  const { cgroups } = history
  const isLargeHolder = (one: Cgroup): boolean => !isNodeRoot(cgroups, one.path) && (one.shmem ?? 0) > 0.1 * shmem
  const [topHolder] = filterMap(cgroups.cgroups, one => (isLargeHolder(one) ? one : undefined)).sort(
    (a, b) => b.shmem! - a.shmem! || b.path.length - a.path.length,
  )
  const { values } = history.meminfo
  const reclaimText =
    shmem >= locked && (values.get('SwapFree') ?? 0) > 0 ? 'can only be swapped out' : 'cannot be freed'
  const where = topHolder ? `; mostly charged to ${formatCgroupName(history, topHolder.path)}` : ''
  return buildCondition(history, {
    subject: 'Cached',
    severity,
    title: 'PINNED CACHE',
    summary: `${formatBytes(pinned)} of ${formatBytes(cached)} cache (${formatPercent(pinned / total)} of RAM) ${reclaimText}: ${shmem >= locked ? 'shared memory and tmpfs files' : 'pages locked in memory'}${growth.rate}${growth.end}${where}`,
    confidence: 'high: Shmem and Mlocked are counted by the kernel',
    confirm: { text: 'tmpfs mounts and shared memory segments', command: 'df -t tmpfs -h; ipcs -m' },
    cost: 'it counts as used memory: neither drop_caches nor, without swap, reclaim frees it',
    evidenceSeries: ['meminfo Shmem', 'meminfo Cached', 'meminfo MemAvailable'],
    evidence: listEvidence(
      ['Cached', cached, 'bytes'],
      ['Shmem', shmem, 'bytes'],
      ['Mlocked', values.get('Mlocked') ?? 0, 'bytes'],
      ['share of RAM', pinned / total, 'share', 'share'],
      ...(forecast ? listForecastEvidence(forecast) : []),
      ['largest holder', topHolder?.path, 'text', 'most of it in'],
    ),
    remedy: PINNED_CACHE_REMEDY,
  })
}
