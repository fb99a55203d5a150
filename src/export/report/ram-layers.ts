// All RAM over time as layers. Where the account of all RAM holds, they sum to MemTotal at every moment.
import { getValueAt, type Series } from '../../base/series.ts'
import type { RamPart } from '../../collectors/ram-groups.ts'
import type { History } from '../../history.ts'
import { type ChartData, listBucketTimes, type ReportSpan } from './chart-data.ts'

interface Layer {
  readonly name: string
  readonly part: RamPart
  /** the layer is only this line of meminfo, as far as the part goes */
  readonly only?: string
  /** the layer is what this line leaves of the part */
  readonly without?: string
}

// From the bottom: what no reclaim gives back first, free memory on top. Names are those of /proc/meminfo.
const LAYERS: readonly Layer[] = [
  { name: 'unreclaimable slab', part: 'slab', only: 'SUnreclaim' },
  { name: 'kernel (stacks, page tables, per-CPU, vmalloc)', part: 'kernel', without: 'Hugetlb' },
  { name: 'huge pages', part: 'kernel', only: 'Hugetlb' },
  { name: 'unaccounted', part: 'unaccounted' },
  { name: 'processes (AnonPages)', part: 'anon' },
  { name: 'tmpfs and shared memory', part: 'cache', only: 'Shmem' },
  { name: 'reclaimable slab', part: 'slab', without: 'SUnreclaim' },
  { name: 'page cache', part: 'cache', without: 'Shmem' },
  { name: 'free', part: 'free' },
]

/** The stacked chart; undefined where MemTotal was never read. Layers that are always 0 are left out. */
export function buildRamChart({ meminfo }: History, span: ReportSpan): ChartData | undefined {
  if (!meminfo.series.MemTotal) return undefined
  const times = listBucketTimes(span.begin, span.end)
  const series = LAYERS.map(layer => ({ name: layer.name, values: times.map(time => readLayer(meminfo, layer, time)) }))
  return {
    title: 'All RAM',
    unit: 'bytes',
    isStacked: true,
    times: times.map(time => Math.round(span.chartClock + time)),
    series: series.filter(({ values }) => values.some(value => value !== null && value > 0)),
  }
}

function readLayer({ parts, series }: History['meminfo'], { part, only, without }: Layer, time: number): number | null {
  const whole = parts[part] && getValueAt(parts[part], time)
  if (whole === undefined) return null
  const line = only ?? without
  if (line === undefined) return Math.max(0, whole)
  const points = (series as Readonly<Record<string, Series>>)[line]
  const bytes = Math.min(whole, (points && getValueAt(points, time)) ?? 0)
  return only === undefined ? whole - bytes : bytes
}
