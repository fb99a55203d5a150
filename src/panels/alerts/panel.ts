// The alerts panel: all alerts of the session with their state and duration, active ones first; Enter opens the evidence.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatDuration } from '../../base/format.ts'
import { HOUR } from '../../base/units.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import {
  type Alert,
  findCriticalTurn,
  formatOccurrences,
  getAlertKey,
  getEndTime,
  isOngoing,
} from '../../detectors/alerts.ts'
import { SEVERITY_RANK } from '../../detectors/detector.ts'
import type { TableOptions, TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { describeNoMatch } from '../filter.ts'
import { filterRows, type Panel, type PanelArea, type PlacedTable, type SortValue, sortRows } from '../panel.ts'
import { drawPlacedTable } from '../placed-table.ts'
import { buildAlertDetail } from './detail.ts'
import { formatWhen, getAlertTone, getStateLabel } from './format.ts'

export const alertsPanel: Panel = {
  id: 'alerts',
  title: 'Alerts',
  key: '6',
  beside: 'page',
  name: 'Alerts',
  filterable: true,
  filterNames: ['count', 'lasted'],
  graphs: 'ram',
  detectors: [],
  overviewFocus: 'cgroups',
  getNote: ({ alerts, player }) =>
    player?.alertsKnown === false ? 'not known yet' : `${alerts.filter(isOngoing).length} active`,
  listKeys: state => listKeyedAlerts(state).map(({ key }) => key),
  sortColumns: ['urgency', 'state', 'since', 'critical', 'length', 'title'],
  sortLetters: { state: 'T', since: 'W', critical: 'C', length: 'D', title: 'R' },
  placeTable: (state, area) => placeAlertTable(state, area),
  draw: (state, area) => drawPlacedTable(area.pen, placeAlertTable(state, area)),
  describeRow: (state, key) => {
    const alert = listKeyedAlerts(state).find(row => row.key === key)?.alert
    return alert && `${getStateLabel(alert)}  ${alert.title}  ${alert.summary}`
  },
  getDetail: (state, key) => {
    const alert = listKeyedAlerts(state).find(row => row.key === key)?.alert ?? findNewestAlert(state, key)
    return alert && buildAlertDetail(alert, state)
  },
}

function placeAlertTable(state: AppState, { width, height, focused }: PanelArea): PlacedTable {
  const ui = state.ui.panels.alerts
  const rows = listKeyedAlerts(state).map(({ key, alert }) => toAlertRow(key, alert, state))
  const options: TableOptions = {
    columns: COLUMNS.filter(({ id }) => !isBlankColumn(id, rows)),
    rows,
    selected: ui?.selected,
    sortedBy: ui?.column,
    reverse: ui?.reverse,
    sortLetters: focused ? alertsPanel.sortLetters : undefined,
    empty: getEmptyText(state),
  }
  return { options, top: 0, left: 0, width, height }
}

// An event that was critical from the beginning has no other time than its own: a column of nothing else gives its place.
const isBlankColumn = (id: string, rows: readonly TableRow[]): boolean =>
  (id === 'critical' || id === 'length') && rows.length > 0 && rows.every(({ cells }) => cells[id]?.text === '')

function getEmptyText({ player, ui }: AppState): string {
  if (player?.alertsKnown === false) return ' alerts not known yet: the recording is being read'
  const filter = ui.panels.alerts?.filter
  return filter ? ` ${describeNoMatch('alert', filter, alertsPanel.filterNames)}` : ' no alerts in this session'
}

// An alert that was raised again has the same key, so the list distinguishes them by the time they were raised.
function listKeyedAlerts({ alerts, ui }: AppState): readonly { readonly key: string; readonly alert: Alert }[] {
  const { column = 'urgency', reverse, filter } = ui.panels.alerts ?? {}
  const sorted = sortRows(sortRows(alerts, getAlertTime), rankOpen)
  const getValue = SORT_VALUES[column]
  const list = (getValue ? sortRows(sorted, getValue, reverse) : turnIf(reverse, sorted)).map(alert => ({
    key: alert.resolvedAt === undefined ? getAlertKey(alert) : `${getAlertKey(alert)} ${alert.raisedAt}`,
    alert,
  }))
  return filterRows(list, filter, ({ alert }) => ({
    text: `${alert.title} ${alert.summary} ${getStateLabel(alert)}`,
    values: { count: alert.count ?? 1, lasted: ((getEndTime(alert) ?? alert.seenAt) - alert.since) / HOUR },
  }))
}

const rankOpen = (alert: Alert): number => (isOngoing(alert) ? 10 + SEVERITY_RANK[alert.severity] : 0)

const turnIf = (isReverse: boolean | undefined, alerts: readonly Alert[]): readonly Alert[] =>
  isReverse ? alerts.toReversed() : alerts

const SORT_VALUES: Readonly<Record<string, (alert: Alert) => SortValue>> = {
  state: alert => getStateLabel(alert),
  since: alert => getAlertTime(alert),
  critical: findCriticalTurn,
  length: alert => (alert.kind === 'event' ? undefined : (getEndTime(alert) ?? alert.seenAt) - alert.since),
  title: ({ title }) => title,
}

const getAlertTime = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

const findNewestAlert = ({ alerts }: AppState, key: string): Alert | undefined =>
  alerts.findLast(alert => getAlertKey(alert) === key)

const COLUMNS: readonly TableColumn[] = [
  { id: 'state', title: ' STATE', width: 13, rank: 0.5, isAscending: true },
  { id: 'since', title: 'WHEN', width: 13, rank: 2 },
  { id: 'critical', title: 'CRITICAL', width: 13, rank: 4 },
  { id: 'length', title: 'LASTED', width: 11, align: 'right', rank: 3 },
  { id: 'title', title: 'ALERT', width: 16, isAscending: true },
  { id: 'summary', title: 'WHAT', minWidth: 30, isSentence: true },
]

function toAlertRow(key: string, alert: Alert, state: AppState): TableRow {
  const { session, time } = getVisibleHistory(state)
  const isOpen = isOngoing(alert)
  const turnedAt = findCriticalTurn(alert)
  const formatAt = (at: number): string => formatWhen(toWallTime(session, at), toWallTime(session, time))
  return {
    key,
    cells: {
      state: { text: ` ${getStateLabel(alert)}`, tone: isOpen ? getAlertTone(alert) : 'muted' },
      since: { text: formatAt(getAlertTime(alert)), tone: 'muted' },
      critical: { text: turnedAt === undefined ? '' : formatAt(turnedAt), tone: 'muted' },
      length: {
        text: alert.kind === 'event' ? '' : formatDuration((getEndTime(alert) ?? time) - alert.since),
        tone: 'muted',
      },
      title: {
        text: `${alert.title}${formatOccurrences(alert)}`,
        tone: isOpen ? getAlertTone(alert) : 'normal',
      },
      summary: { text: alert.summary },
    },
  }
}
