// Events on the time axis of charts: alerts, OOM kills, writes to drop_caches, marks of a recording, and the baseline.
import { type AppState, getVisibleHistory } from '../app/state.ts'
import { filterMap } from '../base/filter-map.ts'
import { type Alert, findCriticalTurn } from '../detectors/alerts.ts'
import type { Severity } from '../detectors/detector.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import type { ChartEvent } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'

const RANK = { muted: 0, accent: 1, key: 2, warning: 3, critical: 4 } as const
type EventTone = keyof typeof RANK

/** Returns the events, the most severe last, so that it is seen where several share a column. */
export function listChartEvents(state: AppState, pen: Pen): readonly ChartEvent[] {
  const history = getVisibleHistory(state)
  const now = history.time
  const raised = state.alerts
    .filter(alert => alert.kind === 'condition' && alert.raisedAt <= now)
    .flatMap(alert => listTransitions(alert, pen))
  const kills = getCorrelatedKills(history).map(({ time, kill }) =>
    toEvent(time, 'critical', kill ? `OOM kill ${kill.victim.comm}` : 'OOM kill', pen),
  )
  const { drop_pagecache: dropped } = history.vmstat.series
  const drops = dropped ? dropped.times.slice(1, dropped.length).map(time => toMark(time, 'drop_caches')) : []
  const marks = filterMap(state.player?.events ?? [], ({ kind, time, text }) =>
    kind === 'mark' && time <= now ? toMark(time, text) : undefined,
  )
  const { baseline } = state.ui
  const start = baseline === undefined ? [] : [{ time: baseline, sign: 'b', tone: 'key' as const, text: 'baseline' }]
  const events = [...raised, ...kills, ...drops, ...marks, ...start]
  return events.sort((a, b) => RANK[a.tone as EventTone] - RANK[b.tone as EventTone] || a.time - b.time)
}

// Where it began, and where it became critical. One that turned critical was a warning before.
function listTransitions(alert: Alert, pen: Pen): readonly ChartEvent[] {
  const { since, severity, title } = alert
  const turn = findCriticalTurn(alert)
  if (turn === undefined) return [toEvent(since, severity, title, pen)]
  return [toEvent(since, 'warning', title, pen), toEvent(turn, 'critical', `${title} critical`, pen)]
}

function toEvent(time: number, severity: Severity, text: string, { glyphs }: Pen): ChartEvent {
  if (severity === 'info') return { time, sign: 'i', tone: 'accent', text }
  return { time, sign: glyphs[severity], tone: severity, text }
}

const toMark = (time: number, text: string): ChartEvent => ({ time, sign: 'm', tone: 'key', text })
