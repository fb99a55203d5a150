// The time window of the screen: what every chart and sparkline covers.
import { type AppState, getVisibleHistory } from '../app/state.ts'
import { formatDuration, formatShortDuration } from '../base/format.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../base/units.ts'
import { listActiveBySeverity } from '../detectors/alerts.ts'
import type { TimeRange } from './panel.ts'

/** Windows that can be chosen, in ms. */
export const TIME_WINDOWS: readonly number[] = [
  ...[1, 2, 5, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 18, 24, 36].map(hours => hours * HOUR),
  ...[2, 3, 4, 7, 14, 30].map(days => days * DAY),
]
const LIVE_WINDOW = 15 * MINUTE
const LEAD = 1.25 // a chart of an alert begins a quarter before it, so that its start is seen

/** Returns the smallest window that holds `span` ms. */
export const roundUpWindow = (span: number): number =>
  TIME_WINDOWS.find(window => span <= window) ?? TIME_WINDOWS.at(-1)!

/**
 * Returns the window of the screen in ms: the chosen one, else one that fits. A recording is shown from its beginning;
 * a live session shows 15 minutes, or as much more as the oldest active alert needs.
 */
export function getTimeWindow(state: AppState): number {
  if (state.ui.window !== undefined) return state.ui.window
  const { time } = getVisibleHistory(state)
  const age = Math.max(1, time)
  if (state.player && !state.player.rewound) return roundUpWindow(age)
  const begins = listActiveBySeverity(state.alerts).flatMap(alert =>
    alert.kind === 'condition' && alert.overAt === undefined ? [alert.since] : [],
  )
  const needed = Math.max(LIVE_WINDOW, ...begins.map(since => (time - since) * LEAD))
  return roundUpWindow(Math.min(age, needed))
}

const FIRST_SPAN = 10 * SECOND
const SPAN_STEP = 1.15 // a chart of a young session is compressed in steps: it must not change with every sample

/**
 * Returns the range of charts: the window, or less in a session that is younger, so that a chart is not mostly blank.
 * @param span ms to show, if not the window of the screen
 */
export function getChartRange(state: AppState, span = getTimeWindow(state)): TimeRange {
  const { time } = getVisibleHistory(state)
  if (state.ui.window !== undefined || time >= span) return { begin: time - span, end: time }
  let known = FIRST_SPAN
  while (known < time) known *= SPAN_STEP
  return { begin: time - Math.min(span, known), end: time }
}

/** Returns the window that follows the present one: larger for 1, smaller for -1. */
export function getNextWindow(state: AppState, by: 1 | -1): number {
  const window = getTimeWindow(state)
  const larger = TIME_WINDOWS.find(other => other > window) ?? window
  const smaller = TIME_WINDOWS.findLast(other => other < window) ?? window
  return by > 0 ? larger : smaller
}

/** Formats a window, or the part of it that a young session fills, for a heading: `15 min`, `36 h`, `46 s`. */
export const formatWindow = (span: number): string =>
  TIME_WINDOWS.includes(span) ? formatDuration(span) : formatShortDuration(span)
