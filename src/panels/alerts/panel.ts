// The Alerts panel: all alerts of the session with their life, open ones first; the evidence behind Enter.
import { formatAge, formatBytes, formatCount, formatDuration, formatTimeOfDay } from '../../base/format.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/name.ts'
import { type Alert, getAlertKey } from '../../detectors/alerts.ts'
import { findEvidenceSeries } from '../../detectors/courses.ts'
import { SEVERITY_RANK } from '../../detectors/detector.ts'
import { formatEvidence } from '../../detectors/evidence.ts'
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import type { Tone } from '../../widgets/pen.ts'
import { type Column, type Row, table } from '../../widgets/table.ts'
import { type Detail, filtered, type Panel, sorted, spanOf } from '../panel.ts'

export const alertsPanel: Panel = {
  id: 'alerts',
  title: 'Alerts',
  note: ({ alerts }) => `${alerts.filter(({ resolvedAt }) => resolvedAt === undefined).length} open`,
  keys: state => rowsOf(state).map(({ key }) => key),
  draw: (state, { pen, width, height }) => {
    const rows = rowsOf(state).map(({ key, alert }) => rowOf(key, alert, state))
    return table(
      pen,
      { columns: COLUMNS, rows, selected: state.ui.panels.alerts?.selected, empty: ' none in this session' },
      width,
      height,
    )
  },
  detail: (state, key) => {
    const found = rowsOf(state).find(row => row.key === key)?.alert ?? newestOf(state, key)
    return found && detailOf(found, state)
  },
}

// An alert that came back is another alert under the same key: the list keeps them apart by when they were raised.
function rowsOf({ alerts, ui }: AppState): readonly { readonly key: string; readonly alert: Alert }[] {
  const open = (alert: Alert): number => (alert.resolvedAt === undefined ? 10 + SEVERITY_RANK[alert.severity] : 0)
  const rows = sorted(alerts, when)
  const list = sorted(rows, open).map(alert => ({
    key: alert.resolvedAt === undefined ? getAlertKey(alert) : `${getAlertKey(alert)} ${alert.raisedAt}`,
    alert,
  }))
  return filtered(list, ui.panels.alerts?.filter, ({ alert }) => `${alert.title} ${alert.summary}`)
}

const when = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

const newestOf = ({ alerts }: AppState, key: string): Alert | undefined => alerts.findLast(alert => getAlertKey(alert) === key)

const COLUMNS: readonly Column[] = [
  { id: 'state', title: ' STATE', width: 13, rank: 1 },
  { id: 'since', title: 'WHEN', width: 9, rank: 2 },
  { id: 'length', title: 'LASTED', width: 11, align: 'right', rank: 3 },
  { id: 'title', title: 'ALERT', width: 16 },
  { id: 'summary', title: 'WHAT' },
]

export const toneOf = ({ severity }: { readonly severity: Alert['severity'] }): Tone =>
  severity === 'critical' ? 'critical' : severity === 'warning' ? 'warning' : 'normal'

const stateOf = ({ resolvedAt, acknowledgedAt, severity }: Alert): string =>
  resolvedAt !== undefined ? 'resolved' : acknowledgedAt !== undefined ? 'acknowledged' : severity

function rowOf(key: string, alert: Alert, state: AppState): Row {
  const { session, time } = getVisibleHistory(state)
  const open = alert.resolvedAt === undefined
  return {
    key,
    cells: {
      state: { text: ` ${stateOf(alert)}`, tone: open ? toneOf(alert) : 'muted' },
      since: { text: formatTimeOfDay(session.wallClock + when(alert)), tone: 'muted' },
      length: { text: alert.kind === 'event' ? '' : formatDuration((alert.resolvedAt ?? time) - alert.since), tone: 'muted' },
      title: {
        text: `${alert.title}${(alert.count ?? 1) > 1 ? ` ×${alert.count}` : ''}`,
        tone: open ? toneOf(alert) : 'normal',
      },
      summary: { text: alert.summary },
    },
  }
}

function detailOf(alert: Alert, state: AppState): Detail {
  const history = getVisibleHistory(state)
  const times = (alert.count ?? 1) > 1 ? `, ${alert.count} times` : ''
  return {
    title: `${alert.title} · ${stateOf(alert)} · since ${formatAge(history.time - alert.since)}${times}`,
    tone: toneOf(alert),
    lead: [`${alert.summary}.`],
    graphs: (alert.courses ?? []).flatMap(name => graphOf(history, name) ?? []),
    span: Math.max(spanOf(history), 1.25 * Math.min(history.time, history.time - alert.since)),
    facts: [
      ...reasons(alert),
      ...Object.entries(alert.evidence).map(([name, value]) => [name, formatEvidence(name, value)] as const),
    ],
    remedy: alert.remedy,
  }
}

// Why to believe it, what would settle it, and what it costs.
const reasons = ({ confidence, confirm, cost }: Alert): readonly (readonly [string, string])[] =>
  [
    ['confidence', confidence],
    ['what it costs', cost],
    ['to confirm', confirm && (confirm.command === undefined ? confirm.text : `${confirm.text}: $ ${confirm.command}`)],
  ].flatMap(([name, text]) => (text === undefined ? [] : [[name!, text] as const]))

const FORMATS = { bytes: formatBytes, count: formatCount, percent: (value: number): string => `${value} %` } as const

function graphOf(history: History, name: string): Detail['graphs'][number] | undefined {
  const course = findEvidenceSeries(history, name)
  return (
    course && {
      name: course.name.startsWith('/') ? shortenCgroupPath(course.name) : course.name,
      series: course.series,
      format: FORMATS[course.unit],
    }
  )
}
