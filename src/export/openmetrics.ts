// OpenMetrics: the families, and the samples of a state. Names, units and escaping as in the OpenMetrics 1.0 text format.
import { escapeControls } from '../base/text.ts'

/** A metric family. */
export interface Family {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly unit?: 'bytes' | 'ratio' | 'seconds'
  readonly help: string
}

/** A value of a state that is a number over time. */
export interface Sample {
  readonly family: Family
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** the field of the state that it is */
  readonly field: string
}

const family = (name: string, type: Family['type'], help: string, unit?: Family['unit']): Family => ({
  name: `kmemtop_${name}${unit === undefined ? '' : `_${unit}`}`,
  type,
  help,
  ...(unit === undefined ? {} : { unit }),
})

const MEMINFO = family('meminfo', 'gauge', 'Memory of the node by the names of /proc/meminfo.', 'bytes')
const HUGE = family('meminfo_huge_pages', 'gauge', 'Counts of huge pages by the names of /proc/meminfo.')
const VMSTAT = family('vmstat_events', 'counter', 'Counters of /proc/vmstat.')
const STALL = family('pressure_stall', 'gauge', 'Share of time that tasks waited for memory.', 'ratio')
const STALLED = family('pressure_stalled', 'counter', 'Time that tasks waited for memory.', 'seconds')
const COUNTS = {
  directories: family('cgroup_directories', 'gauge', 'Memory cgroups that have a directory.'),
  numCgroups: family('cgroups', 'gauge', 'Memory cgroups that the kernel carries, dead ones included.'),
  dying: family('cgroups_dying', 'gauge', 'Memory cgroups that were removed and are not yet freed.'),
} as const
const SLAB = {
  bytes: family('slab_cache', 'gauge', 'Memory that a slab cache occupies.', 'bytes'),
  numObjs: family('slab_cache_objects', 'gauge', 'Objects of a slab cache.'),
  activeObjs: family('slab_cache_active_objects', 'gauge', 'Objects of a slab cache that are in use.'),
} as const
const CGROUP = family('cgroup_memory', 'gauge', 'Memory of a cgroup by kind; max is its limit.', 'bytes')
const CGROUP_SLAB = family('cgroup_slab', 'gauge', 'Slab that is charged to a cgroup.', 'bytes')
const CGROUP_EVENTS = {
  oomKill: family('cgroup_oom_kills', 'counter', 'Processes of a cgroup that were killed because memory ran out.'),
  failcnt: family('cgroup_limit_hits', 'counter', 'Times that a cgroup hit its limit.'),
} as const
const LOG = {
  read: family('kernel_log_records', 'counter', 'Kernel-log records that were read.'),
  lost: family('kernel_log_records_lost', 'counter', 'Kernel-log records that were overwritten before they were read.'),
} as const

type Json = Readonly<Record<string, unknown>>

// No limit is the string `max` in a state.
const numberOf = (value: unknown): number | undefined =>
  value === 'max' ? Number.POSITIVE_INFINITY : typeof value === 'number' ? value : undefined

/** The samples of a state; unknown values are left out. */
export function* samplesOf(state: Json): Generator<Sample> {
  const { memory, vmstat, pressure, cgroup, slab, cgroups, kernelLog } = state as Readonly<Record<string, Json>>
  for (const [name, value] of valuesOf(memory))
    yield { family: /^HugePages_/.test(name) ? HUGE : MEMINFO, labels: { name }, value, field: `memory.${name}` }
  for (const [name, value] of valuesOf(vmstat))
    yield { family: VMSTAT, labels: { name }, value, field: `vmstat.${name}` }
  yield* pressureSamples(pressure)
  yield* named(COUNTS, cgroup, {}, 'cgroup')
  yield* slabSamples((slab?.caches ?? []) as readonly Json[])
  for (const one of (cgroups ?? []) as unknown as readonly Json[]) yield* cgroupSamples(one)
  yield* named(LOG, kernelLog, {}, 'kernelLog')
}

const valuesOf = (json: Json | undefined): readonly (readonly [string, number])[] =>
  Object.entries(json ?? {}).flatMap(([name, one]) => {
    const value = numberOf(one)
    return value === undefined ? [] : [[name, value] as const]
  })

function* named(
  families: Readonly<Record<string, Family>>,
  json: Json | undefined,
  labels: Sample['labels'],
  field: string,
): Generator<Sample> {
  for (const [name, value] of valuesOf(json))
    if (Object.hasOwn(families, name)) yield { family: families[name]!, labels, value, field: `${field}.${name}` }
}

// some avg10=0.00 avg60=0.00 avg300=0.00 total=0: percent, and microseconds
function* pressureSamples(pressure: Json | undefined): Generator<Sample> {
  for (const kind of ['some', 'full'])
    for (const [name, value] of valuesOf(pressure?.[kind] as Json | undefined)) {
      const field = `pressure.${kind}.${name}`
      if (name === 'total') yield { family: STALLED, labels: { kind }, value: value / 1e6, field }
      else yield { family: STALL, labels: { kind, window: `${name.slice(3)}s` }, value: value / 100, field }
    }
}

// Some kernels have two caches of one name: a metric may stand once, so they are one.
function* slabSamples(caches: readonly Json[]): Generator<Sample> {
  const sums = new Map<string, Record<string, number>>()
  for (const cache of caches) {
    const sum = sums.get(String(cache.name)) ?? {}
    sums.set(String(cache.name), sum)
    for (const name of Object.keys(SLAB)) sum[name] = (sum[name] ?? 0) + Number(cache[name])
  }
  for (const [cache, sum] of sums) yield* named(SLAB, sum, { cache }, `slab.caches[${cache}]`)
}

function* cgroupSamples({ path, memory, slab, events }: Json): Generator<Sample> {
  const cgroup = String(path)
  const field = `cgroups[${cgroup}]`
  for (const [kind, value] of valuesOf(memory as Json))
    yield { family: CGROUP, labels: { cgroup, kind }, value, field: `${field}.memory.${kind}` }
  for (const [kind, value] of valuesOf(slab as Json))
    yield { family: CGROUP_SLAB, labels: { cgroup, kind }, value, field: `${field}.slab.${kind}` }
  yield* named(CGROUP_EVENTS, events as Json, { cgroup }, `${field}.events`)
}

/** What stands before the samples of a family. */
export const headOf = ({ name, type, unit, help }: Family): string =>
  `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}`

/** A sample's name and labels: what makes it one metric. */
export function metricOf({ family: { name, type }, labels }: Sample, instance: string): string {
  const pairs = Object.entries({ instance, ...labels }).map(([label, value]) => `${label}="${escaped(value)}"`)
  return `${name}${type === 'counter' ? '_total' : ''}{${pairs.join(',')}}`
}

/** A sample without its metric: value and seconds since 1970. */
export const pointOf = (value: number, wall: number): string =>
  `${value === Number.POSITIVE_INFINITY ? '+Inf' : value} ${(Math.round(wall) / 1000).toFixed(3)}\n`

// Control characters would reach a terminal: they are written out first.
const escaped = (text: string): string => escapeControls(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')

export const END = '# EOF\n'
