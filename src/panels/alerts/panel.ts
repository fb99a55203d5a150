// The alerts panel: all alerts of the session with their state and duration, active ones first; Enter opens the evidence.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatAge, formatDuration, formatTimeOfDay } from '../../base/format.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import { type Alert, getAlertKey } from '../../detectors/alerts.ts'
import { SEVERITY_RANK } from '../../detectors/detector.ts'
import { formatEvidence, listKnownEvidence } from '../../detectors/evidence.ts'
import { findEvidenceSeries } from '../../detectors/evidence-series.ts'
import { formatHolder } from '../../detectors/holders/format-holder.ts'
import type { History } from '../../history.ts'
import { formatDay } from '../../widgets/chart/time-axis.ts'
import type { Tone } from '../../widgets/pen.ts'
import { drawTable, type TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { getSeverityTone } from '../alert-tones.ts'
import { listAlertLinks } from '../links.ts'
import { type Detail, filterRows, type Graph, type Panel, sortRows, type TimeRange } from '../panel.ts'
import { getChartRange, getTimeWindow, roundUpWindow } from '../time-window.ts'
import { BYTES, COUNTS, PERCENTS } from '../value-formats.ts'

export const alertsPanel: Panel = {
  id: 'alerts',
  title: 'Alerts',
  key: '6',
  beside: 'page',
  name: 'Alerts',
  filterable: true,
  graphs: 'ram',
  detectors: [],
  overviewFocus: 'cgroups',
  getNote: ({ alerts, player }) =>
    player?.alertsKnown === false
      ? 'not known yet'
      : `${alerts.filter(({ resolvedAt }) => resolvedAt === undefined).length} active`,
  listKeys: state => listKeyedAlerts(state).map(({ key }) => key),
  draw: (state, { pen, width, height }) => {
    const rows = listKeyedAlerts(state).map(({ key, alert }) => toAlertRow(key, alert, state))
    return drawTable(
      pen,
      { columns: COLUMNS, rows, selected: state.ui.panels.alerts?.selected, empty: getEmptyText(state) },
      width,
      height,
    )
  },
  getDetail: (state, key) => {
    const alert = listKeyedAlerts(state).find(row => row.key === key)?.alert ?? findNewestAlert(state, key)
    return alert && buildAlertDetail(alert, state)
  },
}

const getEmptyText = ({ player }: AppState): string =>
  player?.alertsKnown === false ? ' alerts not known yet: the recording is being read' : ' no alerts in this session'

// An alert that was raised again has the same key, so the list distinguishes them by the time they were raised.
function listKeyedAlerts({ alerts, ui }: AppState): readonly { readonly key: string; readonly alert: Alert }[] {
  const rankOpen = (alert: Alert): number => (alert.resolvedAt === undefined ? 10 + SEVERITY_RANK[alert.severity] : 0)
  const rows = sortRows(alerts, getAlertTime)
  const list = sortRows(rows, rankOpen).map(alert => ({
    key: alert.resolvedAt === undefined ? getAlertKey(alert) : `${getAlertKey(alert)} ${alert.raisedAt}`,
    alert,
  }))
  return filterRows(list, ui.panels.alerts?.filter, ({ alert }) => `${alert.title} ${alert.summary}`)
}

const getAlertTime = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

const findNewestAlert = ({ alerts }: AppState, key: string): Alert | undefined =>
  alerts.findLast(alert => getAlertKey(alert) === key)

const COLUMNS: readonly TableColumn[] = [
  { id: 'state', title: ' STATE', width: 13, rank: 1 },
  { id: 'since', title: 'WHEN', width: 13, rank: 2 },
  { id: 'critical', title: 'CRITICAL', width: 13, rank: 4 },
  { id: 'length', title: 'LASTED', width: 11, align: 'right', rank: 3 },
  { id: 'title', title: 'ALERT', width: 16 },
  { id: 'summary', title: 'WHAT', minWidth: 30 },
]

// The weekday is added to a time of another day.
function formatWhen(time: number, now: number): string {
  const clock = formatTimeOfDay(time)
  const day = formatDay(time)
  return day === formatDay(now) ? clock : `${day.split(' ')[0]} ${clock}`
}

export const getAlertTone = ({ severity }: { readonly severity: Alert['severity'] }): Tone => getSeverityTone(severity)

function getStateLabel({ resolvedAt, acknowledgedAt, severity }: Alert): string {
  if (resolvedAt !== undefined) return 'resolved'
  return acknowledgedAt === undefined ? severity : 'acknowledged'
}

function toAlertRow(key: string, alert: Alert, state: AppState): TableRow {
  const { session, time } = getVisibleHistory(state)
  const isOpen = alert.resolvedAt === undefined
  const formatAt = (at: number): string => formatWhen(toWallTime(session, at), toWallTime(session, time))
  return {
    key,
    cells: {
      state: { text: ` ${getStateLabel(alert)}`, tone: isOpen ? getAlertTone(alert) : 'muted' },
      since: { text: formatAt(getAlertTime(alert)), tone: 'muted' },
      critical: { text: alert.criticalAt === undefined ? '' : formatAt(alert.criticalAt), tone: 'muted' },
      length: {
        text: alert.kind === 'event' ? '' : formatDuration((alert.resolvedAt ?? time) - alert.since),
        tone: 'muted',
      },
      title: {
        text: `${alert.title}${(alert.count ?? 1) > 1 ? ` ×${alert.count}` : ''}`,
        tone: isOpen ? getAlertTone(alert) : 'normal',
      },
      summary: { text: alert.summary },
    },
  }
}

function buildAlertDetail(alert: Alert, state: AppState): Detail {
  const history = getVisibleHistory(state)
  const times = (alert.count ?? 1) > 1 ? `, ${alert.count} times` : ''
  return {
    title: `${alert.title} · ${getStateLabel(alert)} · since ${formatAge(history.time - alert.since)}${times}`,
    tone: getAlertTone(alert),
    introduction: [`${alert.summary}.`],
    graphs: listGraphs(history, alert),
    range: getAlertRange(alert, state),
    links: listAlertLinks(history, alert),
    facts: [
      ...listReasons(alert),
      ...listTurns(alert, history),
      ...listHolders(history, alert),
      ...listKnownEvidence(alert.evidence).map(fact => [fact.name, formatEvidence(fact)] as const),
    ],
    remedies: alert.remedy,
  }
}

// Why to believe the alert, how to verify it, and its impact.
const listReasons = ({ confidence, confirm, cost }: Alert): readonly (readonly [string, string])[] =>
  [
    ['confidence', confidence],
    ['impact', cost],
    ['verify', confirm && (confirm.command === undefined ? confirm.text : `${confirm.text}: $ ${confirm.command}`)],
  ].flatMap(([name, text]) => (text === undefined ? [] : [[name!, text] as const]))

// When it was raised, became critical, was acknowledged and ended.
function listTurns(alert: Alert, { session, time }: History): readonly (readonly [string, string])[] {
  const turns: readonly (readonly [string, number | undefined])[] = [
    ['raised', alert.raisedAt],
    ['critical', alert.criticalAt],
    ['acknowledged', alert.acknowledgedAt],
    ['resolved', alert.resolvedAt],
  ]
  return turns.flatMap(([name, at]) =>
    at === undefined ? [] : [[name, formatWhen(toWallTime(session, at), toWallTime(session, time))] as const],
  )
}

// Who holds the memory, with how sure that is.
function listHolders(history: History, { holders }: Alert): readonly (readonly [string, string])[] {
  if (holders === undefined) return []
  if (holders.length === 0) return [['held by', 'not found: no process, cgroup or tmpfs mount has a good part of it']]
  return holders.map((holder, i) => [i === 0 ? 'held by' : '', formatHolder(history, holder)])
}

// The window of the screen, or as much more as shows the beginning of the alert; up to its end where it is over.
function getAlertRange({ since, resolvedAt }: Alert, state: AppState): TimeRange {
  const { time } = getVisibleHistory(state)
  const end = Math.min(time, resolvedAt === undefined ? time : resolvedAt + (resolvedAt - since) / 4)
  const span = roundUpWindow(Math.min(Math.max(time, 1), 1.25 * (end - since)))
  const { begin } = getChartRange(state, state.ui.window ?? Math.max(getTimeWindow(state), span))
  return { begin: end - (time - begin), end }
}

// A counter of kills only repeats the signs on the axis.
function listGraphs(history: History, { evidenceSeries = [] }: Alert): readonly Graph[] {
  const graphs = evidenceSeries.flatMap(name => buildGraph(history, name) ?? [])
  return graphs.map(graph => (graph.name === 'oom_kill' ? { ...graph, isMinor: true } : graph))
}

const FORMATS = { bytes: BYTES, count: COUNTS, percent: PERCENTS } as const

function buildGraph(history: History, name: string): Detail['graphs'][number] | undefined {
  const evidenceSeries = findEvidenceSeries(history, name)
  return (
    evidenceSeries && {
      name: evidenceSeries.name.startsWith('/') ? shortenCgroupPath(evidenceSeries.name) : evidenceSeries.name,
      series: evidenceSeries.series,
      format: FORMATS[evidenceSeries.unit],
    }
  )
}
