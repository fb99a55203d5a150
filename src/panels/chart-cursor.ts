// The cursor of the charts: the time whose values the legends show.
import { type AppState, getVisibleHistory } from '../app/state.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { ChartOptions } from '../widgets/chart/chart-options.ts'
import { formatShortTime } from '../widgets/chart/time-axis.ts'
import type { TimeRange } from './panel.ts'

const STEPS = 60 // from one end of a chart to the other

/** Returns the cursor of a chart of this range; nothing where it is outside, or not set. */
export function buildCursor(state: AppState, { begin, end }: TimeRange): Pick<ChartOptions, 'cursor' | 'formatCursor'> {
  const { session } = getVisibleHistory(state)
  const { cursor } = state.ui
  if (cursor === undefined || cursor < begin || cursor > end) return {}
  const formatCursor = (time: number): string =>
    formatShortTime(toWallTime(session, time), toWallTime(session, begin), toWallTime(session, end))
  return { cursor, formatCursor }
}

/** Returns where the cursor is after a step; undefined once it leaves the end, where the newest values are shown. */
export function moveCursor({ ui }: AppState, { begin, end, newest = end }: TimeRange, by: 1 | -1): number | undefined {
  const step = (end - begin) / STEPS
  const time = Math.max(begin, Math.min(ui.cursor ?? newest, newest) + by * step)
  return time > newest - step / 2 ? undefined : time
}
