// The time window of the screen: what every chart and sparkline covers.
import { type AppState, getVisibleHistory } from '../app/state.ts'
import { formatDuration, formatShortDuration } from '../base/format.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../base/units.ts'
import { isOngoing, listActiveBySeverity } from '../detectors/alerts.ts'
import type { PanelArea, TimeRange } from './panel.ts'

/** Windows that can be chosen, in ms. */
export const TIME_WINDOWS: readonly number[] = [
  ...[1, 2, 5, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 18, 24, 36].map(hours => hours * HOUR),
  ...[2, 3, 4, 7, 14, 30].map(days => days * DAY),
]
const LIVE_WINDOW = 15 * MINUTE
const FIRST_SAMPLES = 10 // a chart has room for as many
const LEAD = 1.25 // a chart of an alert begins a quarter before it, so that its start is seen

/** Returns the smallest window that holds `span` ms. */
export const roundUpWindow = (span: number): number =>
  TIME_WINDOWS.find(window => span <= window) ?? TIME_WINDOWS.at(-1)!

/**
 * Returns the window of the screen in ms: the chosen one, else one that fits. A recording is shown from its beginning;
 * a live session shows 15 minutes or ten samples, or as much more as the oldest active alert needs.
 */
export function getTimeWindow(state: AppState): number {
  if (state.ui.window !== undefined) return state.ui.window
  const { time, session } = getVisibleHistory(state)
  const age = getShownAge(state)
  if (state.player && !state.player.rewound) return roundUpWindow(age)
  const begins = listActiveBySeverity(state.alerts).flatMap(alert =>
    alert.kind === 'condition' && isOngoing(alert) ? [alert.since] : [],
  )
  const needed = Math.max(LIVE_WINDOW, FIRST_SAMPLES * session.interval, ...begins.map(since => (time - since) * LEAD))
  return roundUpWindow(Math.min(age, needed))
}

// The axis of a young session grows by steps of about a sixth; where a step takes a minute, of a sixteenth.
const FIRST_SPANS: readonly number[] = [10, 12, 15, 20, 25, 30, 40, 50, 60].map(seconds => seconds * SECOND)
const STEPS: readonly number[] = [
  ...[15, 30].map(seconds => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map(hours => hours * HOUR),
]

function roundUpAge(age: number): number {
  const first = FIRST_SPANS.find(span => age <= span)
  if (first !== undefined) return first
  const wanted = age / (age < 15 * MINUTE ? 6 : 16)
  const step = STEPS.find(length => wanted <= length) ?? STEPS.at(-1)!
  return Math.ceil(age / step) * step
}

/**
 * Returns the range of charts: the window up to the newest sample. In a younger session the axis begins with it and
 * grows in steps, so that a sample changes one column and not the whole picture, and no chart is mostly blank.
 * @param span ms to show, if not the window of the screen
 */
export function getChartRange(state: AppState, span = getTimeWindow(state)): TimeRange {
  const { time } = getVisibleHistory(state)
  if (state.ui.window !== undefined || time >= span) return { begin: time - span, end: time, newest: time }
  return { begin: 0, end: Math.min(span, roundUpAge(getShownAge(state))), newest: time }
}

// The age of the session, and at first the time of ten samples: an axis shorter than the interval would show one value.
function getShownAge(state: AppState): number {
  const { time, session } = getVisibleHistory(state)
  const first = Math.min(FIRST_SAMPLES * session.interval, state.player?.end ?? Number.POSITIVE_INFINITY)
  return Math.max(1, time, first)
}

/** Returns what sparklines cover: the range of the charts. */
export function getSparklineSpan(state: AppState): Pick<PanelArea, 'span' | 'ahead'> {
  const { begin, end, newest = end } = getChartRange(state)
  return { span: end - begin, ahead: end - newest }
}

/** Returns the window that follows the present one: larger for 1, smaller for -1. */
export function getNextWindow(state: AppState, by: 1 | -1): number {
  const window = getTimeWindow(state)
  const larger = TIME_WINDOWS.find(other => other > window) ?? window
  const smaller = TIME_WINDOWS.findLast(other => other < window) ?? window
  return by > 0 ? larger : smaller
}

/** Formats a window, or the axis of a young session, for a heading: `15 min`, `36 h`, `90 s`. */
export function formatWindow(span: number): string {
  if (span <= 3 * MINUTE && span % MINUTE !== 0) return `${Math.round(span / SECOND)} s`
  return TIME_WINDOWS.includes(span) ? formatDuration(span) : formatShortDuration(span)
}
