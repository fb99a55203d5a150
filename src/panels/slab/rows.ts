// What the Slab panel tells: the caches and what has no cache, filtered and in order. Pure.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { getFirstTime, getLatest, getValueAt } from '../../base/series.ts'
import { MiB } from '../../base/units.ts'
import { computeLargeKmalloc, LARGE_KMALLOC } from '../../collectors/large-kmalloc.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import { estimateTimeLeft } from '../../detectors/growth/forecast.ts'
import type { History } from '../../history.ts'
import { computeHourlyRate } from '../hourly-rate.ts'
import { filterRows, GROWTH_WINDOW, type SortValue, sortRows, toSoonestFirst } from '../panel.ts'

/** What caches can be sorted by. */
export const SLAB_COLUMNS = ['growth', 'size', 'objects', 'fill', 'pace', 'left', 'objSize', 'kind', 'name'] as const
type SlabColumn = (typeof SLAB_COLUMNS)[number]

/** Session time that growth is measured from: the baseline, or 15 minutes ago. */
export const getGrowthStart = ({ ui }: AppState, history: History): number =>
  ui.baseline ?? history.time - GROWTH_WINDOW

/** Bytes gained since then. */
export function computeGrowth({ series }: Pick<SlabCache, 'series'>, since: number): number {
  const first = getFirstTime(series)
  return first === undefined ? 0 : getLatest(series)! - getValueAt(series, Math.max(first, since))!
}

/** Share of the objects that are in use; undefined where there are none. */
export const computeFill = ({ activeObjs, numObjs }: SlabCache): number | undefined =>
  numObjs > 0 ? activeObjs / numObjs : undefined

/** Milliseconds until no memory is left at this cache's pace; for those that cannot be reclaimed and grow 1 % of RAM an hour. */
export function estimateCacheTimeLeft(
  history: History,
  cache: SlabCache,
  hourlyRate: number | undefined,
): number | undefined {
  const total = history.meminfo.values.get('MemTotal') ?? 0
  if (hourlyRate === undefined || hourlyRate < total / 100 || isReclaimable(history.slab, cache.name)) return undefined
  return estimateTimeLeft(history, { perHour: hourlyRate })
}

const MIN_LARGE_KMALLOC = MiB // bytes: below this the two files' readings only differ in time

// Allocations that no cache has, as a row like the others: who looks for growth must not miss it.
function buildLargeKmallocRows({ meminfo, slabinfo }: History): readonly SlabCache[] {
  const series = computeLargeKmalloc(meminfo, slabinfo)
  const bytes = getLatest(series)
  if (bytes === undefined || Math.max(...series.values.slice(0, series.length)) < MIN_LARGE_KMALLOC) return []
  const noObjects = { activeObjs: 0, numObjs: 0, objSize: 0, objPerSlab: 0, pagesPerSlab: 0, numSlabs: 0 }
  return [{ key: LARGE_KMALLOC, name: LARGE_KMALLOC, ...noObjects, bytes, series, objects: series }]
}

/** The caches as they are shown. */
export function listSlabRows(state: AppState): readonly SlabCache[] {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.slab ?? {}
  const since = getGrowthStart(state, history)
  const getSearchText = (cache: SlabCache): string =>
    [cache.name, ...listOtherNames(history.slab, cache.name)].join(' ')
  const sortValues: Record<SlabColumn, (cache: SlabCache) => SortValue> = {
    growth: cache => computeGrowth(cache, since),
    size: cache => cache.bytes,
    objects: cache => cache.numObjs,
    fill: cache => computeFill(cache),
    pace: cache => computeHourlyRate(cache.series, since, history.time),
    left: cache =>
      toSoonestFirst(estimateCacheTimeLeft(history, cache, computeHourlyRate(cache.series, since, history.time))),
    objSize: cache => cache.objSize,
    kind: cache => (isReclaimable(history.slab, cache.name) ? 0 : 1),
    name: cache => cache.name,
  }
  const bySize = sortRows([...history.slabinfo.caches, ...buildLargeKmallocRows(history)], sortValues.size)
  return sortRows(
    filterRows(bySize, ui.filter, getSearchText),
    sortValues[(ui.column ?? 'growth') as SlabColumn],
    ui.reverse,
  )
}
