// Rows of the slab panel: the caches and the large allocations without a cache, filtered and sorted. Pure.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { getLatest, type Series } from '../../base/series.ts'
import { MiB } from '../../base/units.ts'
import { computeLargeKmalloc, LARGE_KMALLOC } from '../../collectors/large-kmalloc.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { Forecast } from '../../detectors/growth/growth-rate.ts'
import type { History } from '../../history.ts'
import { computeSeriesGrowth } from '../baseline.ts'
import type { FilterSubject } from '../filter.ts'
import { computeMemoryForecast } from '../hourly-rate.ts'
import { filterRows, GROWTH_WINDOW, type SortValue, sortRows, toSoonestFirst } from '../panel.ts'
import { getTimeWindow } from '../time-window.ts'

/** Columns that caches can be sorted by. */
export const SLAB_COLUMNS = ['growth', 'size', 'objects', 'fill', 'pace', 'left', 'objSize', 'kind', 'name'] as const
type SlabColumn = (typeof SLAB_COLUMNS)[number]

/** Returns the session time in ms that growth is measured from: the baseline, or the begin of the time window. */
export const getGrowthStart = (state: AppState, history: History): number =>
  state.ui.baseline ?? history.time - getTimeWindow(state)

/** Returns the session time in ms that rates are measured from: the baseline, or 15 minutes ago. */
export const getRateStart = ({ ui }: AppState, history: History): number => ui.baseline ?? history.time - GROWTH_WINDOW

/** Returns the share of objects in use, or undefined for a cache without objects. */
export const computeFill = ({ activeObjs, numObjs }: SlabCache): number | undefined =>
  numObjs > 0 ? activeObjs / numObjs : undefined

/**
 * Returns the forecast of a cache: its own rate, and the ms until memory runs out. A cache named in an open slab alert has the time
 * left of that alert; a reclaimable one has none.
 */
export function forecastCache(state: AppState, cache: SlabCache): Partial<Forecast> | undefined {
  const history = getVisibleHistory(state)
  const forecast = computeMemoryForecast(history, cache.series, getRateStart(state, history))
  if (isReclaimable(history.slab, cache.name)) return forecast && { ...forecast, timeLeft: undefined }
  const alert = findAlertOf(state, cache.name)
  return alert ? { ...forecast, timeLeft: alert.forecast?.timeLeft } : forecast
}

/** Returns the open slab alert that names a cache as growing. */
export const findAlertOf = ({ alerts }: AppState, name: string): Alert | undefined =>
  alerts.find(
    ({ detector, resolvedAt, caches }) =>
      detector === 'slab-growth' && resolvedAt === undefined && caches?.includes(name),
  )

const MIN_LARGE_KMALLOC = MiB // bytes: below this the difference only shows that the two files were read at different times

// Allocations without a cache get a row like the others, so that their growth is not overlooked.
function buildLargeKmallocRows(series: Series): readonly SlabCache[] {
  const bytes = getLatest(series)
  if (bytes === undefined || Math.max(...series.values.slice(0, series.length)) < MIN_LARGE_KMALLOC) return []
  const noObjects = { activeObjs: 0, numObjs: 0, objSize: 0, objPerSlab: 0, pagesPerSlab: 0, numSlabs: 0 }
  return [{ key: LARGE_KMALLOC, name: LARGE_KMALLOC, ...noObjects, bytes, series, objects: series }]
}

let sortedBySize:
  | { readonly caches: readonly SlabCache[]; readonly large: Series; readonly rows: readonly SlabCache[] }
  | undefined

// The order of rows that are otherwise equal. It changes only when slabinfo is read.
function sortBySize({ meminfo, slabinfo: slabs }: History): readonly SlabCache[] {
  const large = computeLargeKmalloc(meminfo, slabs)
  if (sortedBySize?.caches !== slabs.caches || sortedBySize.large !== large) {
    const rows = sortRows([...slabs.caches, ...buildLargeKmallocRows(large)], ({ bytes }) => bytes)
    sortedBySize = { caches: slabs.caches, large, rows }
  }
  return sortedBySize.rows
}

let cachedRows: { readonly state: AppState; readonly rows: readonly SlabCache[] } | undefined

/** Returns the caches in the order of the screen. The last answer is cached: the panel, its note and the selection ask for the same rows. */
export function listSlabRows(state: AppState): readonly SlabCache[] {
  if (cachedRows?.state !== state) cachedRows = { state, rows: sortSlabRows(state) }
  return cachedRows.rows
}

function sortSlabRows(state: AppState): readonly SlabCache[] {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.slab ?? {}
  const since = getGrowthStart(state, history)
  const getSearchText = (cache: SlabCache): string =>
    [cache.name, ...listOtherNames(history.slab, cache.name)].join(' ')
  const getFilterValues = (cache: SlabCache): NonNullable<FilterSubject['values']> => ({
    size: cache.bytes,
    objects: cache.numObjs,
    fill: computeFill(cache),
    growth: ui.filter?.includes('/h')
      ? forecastCache(state, cache)?.perHour
      : computeSeriesGrowth(history, cache.series, since),
  })
  const sortValues: Record<SlabColumn, (cache: SlabCache) => SortValue> = {
    growth: cache => computeSeriesGrowth(history, cache.series, since),
    size: cache => cache.bytes,
    objects: cache => cache.numObjs,
    fill: cache => computeFill(cache),
    pace: cache => forecastCache(state, cache)?.perHour,
    left: cache => toSoonestFirst(forecastCache(state, cache)?.timeLeft),
    objSize: cache => cache.objSize,
    kind: cache => (isReclaimable(history.slab, cache.name) ? 0 : 1),
    name: cache => cache.name,
  }
  return sortRows(
    filterRows(sortBySize(history), ui.filter, cache => ({
      text: getSearchText(cache),
      values: getFilterValues(cache),
    })),
    sortValues[(ui.column ?? 'growth') as SlabColumn],
    ui.reverse,
  )
}
