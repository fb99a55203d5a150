// The table of metrics of `kmemtop serve`: name, type, unit, help, and the samples of a state. Names follow the Prometheus conventions.

import { getLatest } from '../../base/series.ts'
import { computeMemcgIds } from '../../collectors/cgroups/memcg-ids.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { Alert } from '../../detectors/alerts.ts'
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
}

export interface Family {
  /** with its unit, without `_total` */
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'info'
  readonly unit?: 'bytes' | 'seconds' | 'ratio'
  readonly help: string
  readonly collect: (input: MetricsInput) => readonly Sample[]
}

const listSample = (value: number | null | undefined, labels: Sample['labels'] = {}): readonly Sample[] =>
  value === null || value === undefined || !Number.isFinite(value) ? [] : [{ labels, value }]

// Fields of /proc/meminfo that a leak shows in, and what a dashboard needs to stack all RAM.
const MEMINFO = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'AnonPages',
  'Shmem',
  'Mlocked',
  'Dirty',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'Percpu',
  'VmallocUsed',
  'Hugetlb',
  'SwapTotal',
  'SwapUsed',
  'unaccounted',
]
const TOP_CACHES = 10
const VMSTAT = ['oom_kill', 'pgscan_direct', 'pgsteal_direct', 'allocstall', 'pswpin', 'pswpout'] as const

/** Every family, in the order of the output. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'kmemtop_build',
    type: 'info',
    help: 'Version of kmemtop and of the kernel it watches.',
    collect: ({ version, history: { session } }) => listSample(1, { version, kernel: session.kernel }),
  },
  {
    name: 'kmemtop_meminfo_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the node by the names of /proc/meminfo; unaccounted is what no counter of the kernel knows.',
    collect: ({ history: { meminfo } }) => MEMINFO.flatMap(name => listSample(meminfo.values.get(name), { name })),
  },
  {
    name: 'kmemtop_slab_cache_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the largest slab caches, and of those that an alert names.',
    collect: collectCaches,
  },
  {
    name: 'kmemtop_cgroups',
    type: 'gauge',
    help: 'Memory cgroups: live ones have a directory, dying ones were removed and are still held by the kernel.',
    collect: ({ history: { cgroups } }) => [
      ...listSample(cgroups.time === null ? null : cgroups.directories, { state: 'live' }),
      ...listSample(cgroups.dying, { state: 'dying' }),
      ...listSample(cgroups.numCgroups, { state: 'kernel' }),
    ],
  },
  {
    name: 'kmemtop_memcg_ids_used',
    type: 'gauge',
    help: 'Memory cgroup IDs in use, of 65535. When they are exhausted no pod can start.',
    collect: ({ history }) => listSample(computeMemcgIds(history)?.used),
  },
  {
    name: 'kmemtop_pressure_stalled_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'Time that some or all tasks stalled on memory (PSI).',
    collect: ({ history: { pressure } }) =>
      (['some', 'full'] as const).flatMap(kind => listSample(convertMicroseconds(pressure[kind]?.total), { kind })),
  },
  {
    name: 'kmemtop_vmstat_events',
    type: 'counter',
    help: 'Counters of /proc/vmstat since boot.',
    collect: ({ history: { vmstat } }) => VMSTAT.flatMap(name => listSample(vmstat.counters[name], { name })),
  },
  {
    name: 'kmemtop_oom_kills',
    type: 'counter',
    help: 'OOM kills since kmemtop started, by namespace and pod. They do not end with the container.',
    collect: ({ kills }) =>
      kills.map(({ namespace, pod, count, last }) => ({ labels: { namespace, pod }, value: count, exemplar: last })),
  },
  {
    name: 'kmemtop_alert_severity',
    type: 'gauge',
    help: 'Severity of the worst ongoing alert of a detector: 0 none, 1 info, 2 warning, 3 critical.',
    collect: collectSeverities,
  },
  {
    name: 'kmemtop_alert_time_left_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time until what an alert is about runs out, at the current rate.',
    collect: ({ alerts }) =>
      alerts
        .filter(isOngoing)
        .flatMap(({ detector, subject, forecast }) =>
          listSample(forecast?.timeLeft === undefined ? null : forecast.timeLeft / 1000, { detector, subject }),
        ),
  },
  {
    name: 'kmemtop_kernel_log_lost_records',
    type: 'counter',
    help: 'Kernel-log records that were overwritten before they were read.',
    collect: ({ history: { kmsg } }) => listSample(kmsg.lost),
  },
  {
    name: 'kmemtop_source_up',
    type: 'gauge',
    help: '1 if the source could be read, 0 if not.',
    collect: ({ history }) =>
      listSources(history).map(([source, { error }]) => ({ labels: { source }, value: error === undefined ? 1 : 0 })),
  },
  {
    name: 'kmemtop_source_cost_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time that the last sample of a source took.',
    collect: ({ history }) =>
      listSources(history).flatMap(([source, { cost }]) => listSample(cost === null ? null : cost / 1000, { source })),
  },
  {
    name: 'kmemtop_process_cpu_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'CPU time of kmemtop itself.',
    collect: ({ own }) => listSample(own?.cpuSeconds),
  },
  {
    name: 'kmemtop_process_resident_memory_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Resident memory of kmemtop itself.',
    collect: ({ own }) => listSample(own?.rss),
  },
  {
    name: 'kmemtop_recording_up',
    type: 'gauge',
    help: '1 while a recording is written, 0 while it cannot be.',
    collect: ({ recorder }) =>
      recorder?.file || recorder?.problem !== undefined ? listSample(recorder.file ? 1 : 0) : [],
  },
  {
    name: 'kmemtop_last_sample_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the node was last sampled, in seconds since 1970.',
    collect: ({ history: { session, time } }) => listSample(toWallTime(session, time) / 1000),
  },
]

const convertMicroseconds = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value / 1e6

const isOngoing = ({ overAt, resolvedAt }: Alert): boolean => overAt === undefined && resolvedAt === undefined

const listSources = (history: History) =>
  Object.entries(history.sources).filter(([, source]) => source !== undefined && source.absent !== true)

function collectCaches({ history: { slabinfo, slab }, alerts }: MetricsInput): readonly Sample[] {
  const named = new Set(alerts.filter(isOngoing).flatMap(({ caches = [] }) => caches))
  const bytesByName = new Map<string, number>()
  for (const { name, series } of slabinfo.caches)
    bytesByName.set(name, (bytesByName.get(name) ?? 0) + (getLatest(series) ?? 0))
  const ranked = [...bytesByName].sort((a, b) => b[1] - a[1])
  return ranked
    .filter(([name], i) => i < TOP_CACHES || named.has(name))
    .map(([cache, value]) => ({ labels: { cache, reclaimable: String(isReclaimable(slab, cache)) }, value }))
}

function collectSeverities({ alerts }: MetricsInput): readonly Sample[] {
  const ongoing = alerts.filter(isOngoing)
  return detectorIds.map(detector => {
    const ranks = ongoing
      .filter(alert => alert.detector === detector)
      .map(({ severity }) => SEVERITY_RANK[severity] + 1)
    return { labels: { detector }, value: Math.max(0, ...ranks) }
  })
}
