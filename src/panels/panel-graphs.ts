// Charts below the lists: the counters of the node that the rows are about.
import { filterMap } from '../base/filter-map.ts'
import type { Series } from '../base/series.ts'
import type { MeminfoSeries } from '../collectors/meminfo.ts'
import type { History } from '../history.ts'
import type { ValueFormat } from '../widgets/chart/value-scale.ts'
import type { Graph } from './panel.ts'
import { BYTES, COUNTS, PERCENTS } from './value-formats.ts'

const buildGraph = (name: string, series: Series | undefined, format: ValueFormat, top?: number): Graph | undefined =>
  series && series.length > 0 ? { name, series, format, ...(top === undefined ? {} : { top }) } : undefined

function listCounters({ meminfo }: History, ...names: readonly MeminfoSeries[]): readonly Graph[] {
  const total = meminfo.values.get('MemTotal')
  return filterMap(names, name =>
    buildGraph(name, meminfo.series[name], BYTES, name === 'MemAvailable' ? total : undefined),
  )
}

/** Returns the charts of the slab view: what only its owners can free, and what the kernel can. */
export const listSlabGraphs = (history: History): readonly Graph[] =>
  listCounters(history, 'SUnreclaim', 'SReclaimable', 'MemAvailable')

/** Returns the charts of the node on the pages of counters and log records: what is left, and what may have taken it. */
export const listNodeGraphs = (history: History): readonly Graph[] =>
  listCounters(history, 'MemAvailable', 'AnonPages', 'Cached', 'SUnreclaim')

/** Returns the charts of the cgroups view: how many there are, and how many are dying. */
export function listCgroupGraphs({ cgroups: { series } }: History): readonly Graph[] {
  return filterMap(
    [
      buildGraph('dying cgroups', series.dying, COUNTS),
      buildGraph('kernel memcgs', series.numCgroups, COUNTS),
      buildGraph('live cgroups', series.directories, COUNTS),
    ],
    graph => graph,
  )
}

/** Returns the charts of the pressure view: stalls, and the memory that was left. */
export function listPressureGraphs(history: History): readonly Graph[] {
  const { some, full } = history.pressure.series
  const stalls = buildGraph('PSI some, last 10 s', some, PERCENTS)
  const both = stalls && full && full.length > 0 ? { ...stalls, lines: [{ name: 'full', series: full }] } : stalls
  return [...(both ? [both] : []), ...listCounters(history, 'MemAvailable', 'MemFree')]
}
