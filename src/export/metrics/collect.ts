// What the table of metrics collects from a state: the input, and the samples that take more than a line.
import { getLatest } from '../../base/series.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import { type Alert, isOngoing } from '../../detectors/alerts.ts'
import { SEVERITY_RANK } from '../../detectors/detector.ts'
import { detectorIds } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import type { RecorderStatus } from '../../recording/recorder.ts'
import type { KillTotal } from './kill-counter.ts'
import type { Sample } from './sample.ts'

/** What the metrics are computed from. */
export interface MetricsInput {
  readonly history: History
  readonly alerts: readonly Alert[]
  /** kills by namespace and pod; they do not end with the container */
  readonly kills: readonly KillTotal[]
  /** of kmemtop itself; null: not measured */
  readonly own: { readonly cpuSeconds: number; readonly rss: number } | null
  readonly version: string
  /** absent: nothing is recorded */
  readonly recorder?: RecorderStatus
  /** so many of the largest cgroups have series; absent: only those that an alert is about */
  readonly cgroupSeries?: number
  /** absent: without the series that few dashboards need, about 60 per node */
  readonly isComplete?: boolean
}

/** A sample of this value; none if it is unknown. */
export const listSample = (value: number | null | undefined, labels: Sample['labels'] = {}): readonly Sample[] =>
  value === null || value === undefined || !Number.isFinite(value) ? [] : [{ labels, value }]

/** Seconds of microseconds. */
export const convertMicroseconds = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value / 1e6

const TOP_CACHES = 10

/** The largest slab caches, and those that an alert names. */
export function collectCaches({ history: { slabinfo, slab }, alerts }: MetricsInput): readonly Sample[] {
  const named = new Set(alerts.filter(isOngoing).flatMap(({ caches = [] }) => caches))
  const bytesByName = new Map<string, number>()
  for (const { name, series } of slabinfo.caches)
    bytesByName.set(name, (bytesByName.get(name) ?? 0) + (getLatest(series) ?? 0))
  const ranked = [...bytesByName].sort((a, b) => b[1] - a[1])
  return ranked
    .filter(([name], i) => i < TOP_CACHES || named.has(name))
    .map(([cache, value]) => ({ labels: { cache, reclaimable: String(isReclaimable(slab, cache)) }, value }))
}

// Fields of /proc/meminfo that a leak shows in, and what a dashboard needs to stack all RAM.
const MEMINFO = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'AnonPages',
  'Shmem',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'Percpu',
  'VmallocUsed',
  'SecPageTables',
  'Hugetlb',
  'GPUActive',
  'GPUReclaim',
  'SwapTotal',
  'SwapUsed',
  'unaccounted',
]
const MORE_MEMINFO = ['Mlocked', 'Dirty', 'Writeback', 'Mapped', 'Committed_AS']

/** Fields of /proc/meminfo, by name. */
export const collectMeminfo = ({ history: { meminfo }, isComplete }: MetricsInput): readonly Sample[] =>
  [...MEMINFO, ...(isComplete ? MORE_MEMINFO : [])].flatMap(name => listSample(meminfo.values.get(name), { name }))

/** How many alerts are ongoing, by severity. */
export function collectAlertCounts({ alerts }: MetricsInput): readonly Sample[] {
  const ongoing = alerts.filter(isOngoing)
  return Object.keys(SEVERITY_RANK).map(severity => ({
    labels: { severity },
    value: ongoing.filter(alert => alert.severity === severity).length,
  }))
}

/** The severity of each detector that has had an alert: 0 once it is over, so that rules resolve at once. */
export function collectSeverities({ alerts, isComplete }: MetricsInput): readonly Sample[] {
  const ongoing = alerts.filter(isOngoing)
  const known = new Set(alerts.map(({ detector }) => detector))
  const listed = detectorIds.filter(detector => isComplete || known.has(detector))
  return listed.map(detector => {
    const ranks = ongoing
      .filter(alert => alert.detector === detector)
      .map(({ severity }) => SEVERITY_RANK[severity] + 1)
    return { labels: { detector }, value: Math.max(0, ...ranks) }
  })
}
