// All RAM over time as layers that sum to MemTotal at every moment.
import { getValueAt, type Series } from '../../base/series.ts'
import type { History } from '../../history.ts'
import { type ChartData, listBucketTimes, type ReportSpan } from './chart-data.ts'

// From the bottom: what no reclaim gives back first, free memory on top. Names are those of /proc/meminfo.
const LAYERS: readonly {
  readonly name: string
  readonly add: readonly string[]
  readonly subtract?: readonly string[]
}[] = [
  { name: 'unreclaimable slab', add: ['SUnreclaim'] },
  { name: 'kernel (stacks, page tables, per-CPU)', add: ['KernelStack', 'PageTables', 'Percpu'] },
  { name: 'huge pages', add: ['Hugetlb'] },
  { name: 'processes (AnonPages)', add: ['AnonPages'] },
  { name: 'tmpfs and shared memory', add: ['Shmem'] },
  { name: 'reclaimable slab', add: ['SReclaimable'] },
  { name: 'page cache', add: ['Cached', 'Buffers'], subtract: ['Shmem'] },
  { name: 'free', add: ['MemFree'] },
]
const REST = 'other and unaccounted'

/** The stacked chart; undefined where MemTotal was never read. Layers that are always 0 are left out. */
export function buildRamChart({ meminfo }: History, span: ReportSpan): ChartData | undefined {
  const { series } = meminfo
  const total = series.MemTotal
  if (!total) return undefined
  const times = listBucketTimes(span.begin, span.end)
  const getValue = (name: string, time: number): number =>
    getValueAt((series as Readonly<Record<string, Series>>)[name] ?? EMPTY, time) ?? 0
  const layers = LAYERS.map(({ name, add, subtract = [] }) => ({
    name,
    values: times.map(time => Math.max(0, sumNames(add, time, getValue) - sumNames(subtract, time, getValue))),
  }))
  const totals = times.map(time => getValueAt(total, time) ?? null)
  const rest = totals.map((value, i) =>
    value === null ? null : Math.max(0, value - layers.reduce((sum, { values }) => sum + values[i]!, 0)),
  )
  const known = layers.map(({ name, values }) => ({
    name,
    values: values.map((value, i) => (totals[i] === null ? null : value)),
  }))
  const [free, ...others] = known.toReversed()
  const all = [...others.toReversed(), { name: REST, values: rest }, free!]
  return {
    title: 'All RAM',
    unit: 'bytes',
    isStacked: true,
    times: times.map(time => Math.round(span.chartClock + time)),
    series: all.filter(({ values }) => values.some(value => value !== null && value > 0)),
  }
}

const EMPTY: Series = { times: [], values: [], length: 0, capacity: 1 }

const sumNames = (names: readonly string[], time: number, getValue: (name: string, time: number) => number): number =>
  names.reduce((sum, name) => sum + getValue(name, time), 0)
