// The table of metrics of `kmemtop serve`: name, type, unit, help, and the samples of a state. Names follow the Prometheus conventions.

import { computeMemcgIds } from '../../collectors/cgroups/memcg-ids.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import { isOngoing } from '../../detectors/alerts.ts'
import { collectCgroups } from './cgroup-samples.ts'
import {
  collectAlertCounts,
  collectCaches,
  collectMeminfo,
  collectSeverities,
  convertMicroseconds,
  listSample,
  type MetricsInput,
} from './collect.ts'
import type { Sample } from './sample.ts'
import { collectSourceCosts, collectSourceStates } from './source-samples.ts'

/** One metric: what it is called, and the samples of a state. */
export interface Family {
  /** with its unit, without `_total` */
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'info'
  readonly unit?: 'bytes' | 'seconds' | 'ratio'
  readonly help: string
  /** of a counter: when it was 0, at the boot of the node or at the start of kmemtop */
  readonly since?: 'boot' | 'start'
  readonly collect: (input: MetricsInput) => readonly Sample[]
}

const VMSTAT = ['oom_kill', 'pgscan_direct', 'pgsteal_direct', 'allocstall', 'pswpin', 'pswpout'] as const

/** Every family, in the order of the output. */
export const FAMILIES: readonly Family[] = [
  {
    name: 'kmemtop_build',
    type: 'info',
    help: 'Version of kmemtop, of the kernel it watches, and of its memory cgroups: 1, 2, or none.',
    collect: ({ version, history: { session, cgroups } }) =>
      listSample(1, { version, kernel: session.kernel, cgroups: String(cgroups.mounts.memory?.version ?? 'none') }),
  },
  {
    name: 'kmemtop_meminfo_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the node by the names of /proc/meminfo; unaccounted is what no counter of the kernel knows.',
    collect: collectMeminfo,
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
    name: 'kmemtop_cgroup_memory_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the cgroups that an alert is about, and of the largest if serve was asked for them. No limit: no sample.',
    collect: collectCgroups,
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
    since: 'boot',
    unit: 'seconds',
    help: 'Time that some or all tasks stalled on memory (PSI).',
    collect: ({ history: { pressure } }) =>
      (['some', 'full'] as const).flatMap(kind => listSample(convertMicroseconds(pressure[kind]?.total), { kind })),
  },
  {
    name: 'kmemtop_vmstat_events',
    type: 'counter',
    since: 'boot',
    help: 'Counters of /proc/vmstat since boot.',
    collect: ({ history: { vmstat } }) => VMSTAT.flatMap(name => listSample(vmstat.counters[name], { name })),
  },
  {
    name: 'kmemtop_oom_kills',
    type: 'counter',
    since: 'start',
    help: 'OOM kills since kmemtop started, by namespace and pod. They do not end with the container.',
    collect: ({ kills }) =>
      kills.map(({ namespace, pod, count, last }) => ({ labels: { namespace, pod }, value: count, exemplar: last })),
  },
  {
    name: 'kmemtop_alerts',
    type: 'gauge',
    help: 'Ongoing alerts by severity.',
    collect: collectAlertCounts,
  },
  {
    name: 'kmemtop_alert_severity',
    type: 'gauge',
    help: 'Severity of the worst ongoing alert of each detector that has had one: 0 none, 1 info, 2 warning, 3 critical.',
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
    since: 'start',
    help: 'Kernel-log records that were overwritten before they were read.',
    collect: ({ history: { kmsg } }) => listSample(kmsg.lost),
  },
  {
    name: 'kmemtop_source_up',
    type: 'gauge',
    help: '1 if the source could be read, 0 if not. Of the lesser sources only those that could not.',
    collect: collectSourceStates,
  },
  {
    name: 'kmemtop_source_cost_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'Time that the last sample of a source took. Of the cheap sources only those that took over 50 ms.',
    collect: collectSourceCosts,
  },
  {
    name: 'kmemtop_process_cpu_seconds',
    type: 'counter',
    since: 'start',
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
