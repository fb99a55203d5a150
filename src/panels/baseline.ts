// The baseline that `b` sets: growth in tables is measured from it, and every table says so.
import { type AppState, getVisibleHistory, type PanelId } from '../app/state.ts'
import { formatDuration } from '../base/format.ts'
import { computeGrowthSince, type Series } from '../base/series.ts'
import { type History, isKnownSince } from '../history.ts'

/** Tables with a column of growth. */
const WITH_GROWTH: ReadonlySet<PanelId> = new Set(['memory', 'cgroups', 'slab'])

/** Returns what the title of a panel says of the baseline: on the overview only where growth is measured from it. */
export function describeBaseline(state: AppState, panel: PanelId): string {
  const { baseline, zoomed } = state.ui
  if (baseline === undefined || !(zoomed || WITH_GROWTH.has(panel))) return ''
  const age = getVisibleHistory(state).time - baseline
  return age >= 0 ? `growth since the baseline, ${formatDuration(age)} ago` : `baseline in ${formatDuration(-age)}`
}

/** Returns what a series gained since a session time, or since it began; undefined if that time was not read yet. */
export const computeSeriesGrowth = (history: History, series: Series, since: number): number | undefined =>
  isKnownSince(history, since) ? computeGrowthSince(series, since) : undefined
