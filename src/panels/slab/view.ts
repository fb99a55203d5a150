// What the Slab panel tells: the caches and what has no cache, filtered and in order. Pure.
import { getFirstTime, getLatest, getValueAt } from '../../base/series.ts'
import { LARGE_KMALLOC, computeLargeKmalloc } from '../../collectors/large-kmalloc.ts'
import { isReclaimable, listOtherNames } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import { estimateTimeLeft } from '../../detectors/exhaustion.ts'
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import { filtered, type SortValue, soonest, sorted, WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'

/** What caches can be sorted by. */
export const SLAB_COLUMNS = ['growth', 'size', 'objects', 'fill', 'pace', 'left', 'objSize', 'kind', 'name'] as const
type By = (typeof SLAB_COLUMNS)[number]

/** Session time that growth is measured from: the baseline, or 15 minutes ago. */
export const growthBegins = ({ ui }: AppState, history: History): number => ui.baseline ?? history.time - WINDOW

/** Bytes gained since then. */
export function gained({ series }: Pick<SlabCache, 'series'>, since: number): number {
  const first = getFirstTime(series)
  return first === undefined ? 0 : getLatest(series)! - getValueAt(series, Math.max(first, since))!
}

/** Share of the objects that are in use; undefined where there are none. */
export const fillOf = ({ activeObjs, numObjs }: SlabCache): number | undefined =>
  numObjs > 0 ? activeObjs / numObjs : undefined

/** Milliseconds until no memory is left at this cache's pace; for those that cannot be reclaimed and grow 1 % of RAM an hour. */
export function leftOf(history: History, cache: SlabCache, pace: number | undefined): number | undefined {
  const total = history.meminfo.values.get('MemTotal') ?? 0
  if (pace === undefined || pace < total / 100 || isReclaimable(history.slab, cache.name)) return undefined
  return estimateTimeLeft(history, { perHour: pace })
}

const LEAST_LARGE = 2 ** 20 // bytes: below this the two files' readings only differ in time

// Allocations that no cache has, as a row like the others: who looks for growth must not miss it.
function largeRow({ meminfo, slabinfo }: History): readonly SlabCache[] {
  const series = computeLargeKmalloc(meminfo, slabinfo)
  const bytes = getLatest(series)
  if (bytes === undefined || Math.max(...series.values.slice(0, series.length)) < LEAST_LARGE) return []
  const none = { activeObjs: 0, numObjs: 0, objSize: 0, objPerSlab: 0, pagesPerSlab: 0, numSlabs: 0 }
  return [{ key: LARGE_KMALLOC, name: LARGE_KMALLOC, ...none, bytes, series, objects: series }]
}

/** The caches as they are shown. */
export function slabRows(state: AppState): readonly SlabCache[] {
  const history = getVisibleHistory(state)
  const ui = state.ui.panels.slab ?? {}
  const since = growthBegins(state, history)
  const names = (cache: SlabCache): string => [cache.name, ...listOtherNames(history.slab, cache.name)].join(' ')
  const by: Record<By, (cache: SlabCache) => SortValue> = {
    growth: cache => gained(cache, since),
    size: cache => cache.bytes,
    objects: cache => cache.numObjs,
    fill: cache => fillOf(cache),
    pace: cache => perHour(cache.series, since, history.time),
    left: cache => soonest(leftOf(history, cache, perHour(cache.series, since, history.time))),
    objSize: cache => cache.objSize,
    kind: cache => (isReclaimable(history.slab, cache.name) ? 0 : 1),
    name: cache => cache.name,
  }
  const bySize = sorted([...history.slabinfo.caches, ...largeRow(history)], by.size)
  return sorted(filtered(bySize, ui.filter, names), by[(ui.column ?? 'growth') as By], ui.reverse)
}
