// The metric families of OpenMetrics, and the samples of a state that belong to them.
import type { JsonObject } from '../base/json.ts'

/** A metric family. */
export interface MetricFamily {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly unit?: 'bytes' | 'ratio' | 'seconds'
  readonly help: string
}

/** One number of a state, with its family and labels. */
export interface MetricSample {
  readonly family: MetricFamily
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** its path in the state, as --fields takes it */
  readonly field: string
}

const createFamily = (
  name: string,
  type: MetricFamily['type'],
  help: string,
  unit?: MetricFamily['unit'],
): MetricFamily => ({
  name: `kmemtop_${name}${unit === undefined ? '' : `_${unit}`}`,
  type,
  help,
  ...(unit === undefined ? {} : { unit }),
})

const MEMINFO = createFamily('meminfo', 'gauge', 'Memory of the node by the names of /proc/meminfo.', 'bytes')
const HUGE = createFamily('meminfo_huge_pages', 'gauge', 'Counts of huge pages by the names of /proc/meminfo.')
const VMSTAT = createFamily('vmstat_events', 'counter', 'Counters of /proc/vmstat.')
const STALL = createFamily('pressure_stall', 'gauge', 'Share of time that tasks waited for memory.', 'ratio')
const STALLED = createFamily('pressure_stalled', 'counter', 'Time that tasks waited for memory.', 'seconds')
const COUNTS = {
  directories: createFamily('cgroup_directories', 'gauge', 'Memory cgroups that have a directory.'),
  numCgroups: createFamily('cgroups', 'gauge', 'Memory cgroups that the kernel counts, deleted ones included.'),
  dying: createFamily('cgroups_dying', 'gauge', 'Memory cgroups that were deleted and are not yet freed.'),
} as const
const SLAB = {
  bytes: createFamily('slab_cache', 'gauge', 'Memory that a slab cache occupies.', 'bytes'),
  numObjs: createFamily('slab_cache_objects', 'gauge', 'Objects of a slab cache.'),
  activeObjs: createFamily('slab_cache_active_objects', 'gauge', 'Objects of a slab cache that are in use.'),
} as const
const CGROUP = createFamily('cgroup_memory', 'gauge', 'Memory of a cgroup by kind; max is its limit.', 'bytes')
const CGROUP_SLAB = createFamily('cgroup_slab', 'gauge', 'Slab that is charged to a cgroup.', 'bytes')
const CGROUP_EVENTS = {
  oomKill: createFamily(
    'cgroup_oom_kills',
    'counter',
    'Processes of a cgroup that were killed because memory ran out.',
  ),
  failcnt: createFamily('cgroup_limit_hits', 'counter', 'Times that a cgroup hit its limit.'),
} as const
const LOG = {
  read: createFamily('kernel_log_records', 'counter', 'Kernel-log records that were read.'),
  lost: createFamily(
    'kernel_log_records_lost',
    'counter',
    'Kernel-log records that were overwritten before they were read.',
  ),
} as const

// No limit is the string `max` in a state.
function toNumber(value: unknown): number | undefined {
  if (value === 'max') return Number.POSITIVE_INFINITY
  return typeof value === 'number' ? value : undefined
}

/** Yields the samples of a state, without unknown values. */
export function* collectSamples(state: JsonObject): Generator<MetricSample> {
  const { memory, vmstat, pressure, cgroup, slab, cgroups, kernelLog } = state as Readonly<Record<string, JsonObject>>
  for (const [name, value] of listValues(memory))
    yield { family: /^HugePages_/.test(name) ? HUGE : MEMINFO, labels: { name }, value, field: `memory.${name}` }
  for (const [name, value] of listValues(vmstat))
    yield { family: VMSTAT, labels: { name }, value, field: `vmstat.${name}` }
  yield* collectPressure(pressure)
  yield* collectNamed(COUNTS, cgroup, {}, 'cgroup')
  yield* collectSlab((slab?.caches ?? []) as readonly JsonObject[])
  for (const one of (cgroups ?? []) as unknown as readonly JsonObject[]) yield* collectCgroup(one)
  yield* collectNamed(LOG, kernelLog, {}, 'kernelLog')
}

const listValues = (json: JsonObject | undefined): readonly (readonly [string, number])[] =>
  Object.entries(json ?? {}).flatMap(([name, one]) => {
    const value = toNumber(one)
    return value === undefined ? [] : [[name, value] as const]
  })

function* collectNamed(
  families: Readonly<Record<string, MetricFamily>>,
  json: JsonObject | undefined,
  labels: MetricSample['labels'],
  field: string,
): Generator<MetricSample> {
  for (const [name, value] of listValues(json))
    if (Object.hasOwn(families, name)) yield { family: families[name]!, labels, value, field: `${field}.${name}` }
}

// some avg10=0.00 avg60=0.00 avg300=0.00 total=0: percent, and microseconds
function* collectPressure(pressure: JsonObject | undefined): Generator<MetricSample> {
  for (const kind of ['some', 'full'])
    for (const [name, value] of listValues(pressure?.[kind] as JsonObject | undefined)) {
      const field = `pressure.${kind}.${name}`
      if (name === 'total') yield { family: STALLED, labels: { kind }, value: value / 1e6, field }
      else yield { family: STALL, labels: { kind, window: `${name.slice(3)}s` }, value: value / 100, field }
    }
}

// Some kernels have two caches of one name. A metric may occur only once, so they are summed.
function* collectSlab(caches: readonly JsonObject[]): Generator<MetricSample> {
  const sums = new Map<string, Record<string, number>>()
  for (const cache of caches) {
    const sum = sums.get(String(cache.name)) ?? {}
    sums.set(String(cache.name), sum)
    for (const name of Object.keys(SLAB)) sum[name] = (sum[name] ?? 0) + Number(cache[name])
  }
  for (const [cache, sum] of sums) yield* collectNamed(SLAB, sum, { cache }, `slab.caches[${cache}]`)
}

function* collectCgroup({ path, memory, slab, events }: JsonObject): Generator<MetricSample> {
  const cgroup = String(path)
  const field = `cgroups[${cgroup}]`
  for (const [kind, value] of listValues(memory as JsonObject))
    yield { family: CGROUP, labels: { cgroup, kind }, value, field: `${field}.memory.${kind}` }
  for (const [kind, value] of listValues(slab as JsonObject))
    yield { family: CGROUP_SLAB, labels: { cgroup, kind }, value, field: `${field}.slab.${kind}` }
  yield* collectNamed(CGROUP_EVENTS, events as JsonObject, { cgroup }, `${field}.events`)
}
