// The Alerts panel: all alerts of the session with their life, open ones first; the evidence behind Enter.
import { ago, bytes, duration, timeOfDay } from '../../base/format.ts'
import { type Alert, keyOf } from '../../detectors/alerts.ts'
import { RANK } from '../../detectors/detector.ts'
import { type State, shown } from '../../session/state.ts'
import type { Tone } from '../../widgets/pen.ts'
import { type Column, type Row, table } from '../../widgets/table.ts'
import { type Detail, filtered, type Panel, sorted } from '../panel.ts'

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
function rowsOf({ alerts, ui }: State): readonly { readonly key: string; readonly alert: Alert }[] {
  const open = (alert: Alert): number => (alert.resolvedAt === undefined ? 10 + RANK[alert.severity] : 0)
  const rows = sorted(alerts, when)
  const list = sorted(rows, open).map(alert => ({
    key: alert.resolvedAt === undefined ? keyOf(alert) : `${keyOf(alert)} ${alert.raisedAt}`,
    alert,
  }))
  return filtered(list, ui.panels.alerts?.filter, ({ alert }) => `${alert.title} ${alert.summary}`)
}

const when = ({ kind, at, raisedAt }: Alert): number => (kind === 'event' ? at : raisedAt)

const newestOf = ({ alerts }: State, key: string): Alert | undefined => alerts.findLast(alert => keyOf(alert) === key)

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

function rowOf(key: string, alert: Alert, state: State): Row {
  const { session, time } = shown(state)
  const open = alert.resolvedAt === undefined
  return {
    key,
    cells: {
      state: { text: ` ${stateOf(alert)}`, tone: open ? toneOf(alert) : 'muted' },
      since: { text: timeOfDay(session.wallClock + when(alert)), tone: 'muted' },
      length: { text: alert.kind === 'event' ? '' : duration((alert.resolvedAt ?? time) - alert.since), tone: 'muted' },
      title: {
        text: `${alert.title}${(alert.count ?? 1) > 1 ? ` ×${alert.count}` : ''}`,
        tone: open ? toneOf(alert) : 'normal',
      },
      summary: { text: alert.summary },
    },
  }
}

function detailOf(alert: Alert, state: State): Detail {
  const history = shown(state)
  const course = alert.detector === 'slab-growth' ? history.meminfo.series.SUnreclaim : history.vmstat.series.oom_kill
  const times = (alert.count ?? 1) > 1 ? `, ${alert.count} times` : ''
  return {
    title: `${alert.title} · ${stateOf(alert)} · since ${ago(history.time - alert.since)}${times}`,
    tone: toneOf(alert),
    lead: [`${alert.summary}.`],
    graphs: course
      ? [
          {
            name: alert.detector === 'slab-growth' ? 'SUnreclaim' : 'oom_kill',
            series: course,
            format: alert.detector === 'slab-growth' ? bytes : String,
          },
        ]
      : [],
    facts: Object.entries(alert.evidence).map(([name, value]) => [name, evidenceText(name, value)] as const),
    remedy: alert.remedy,
  }
}

function evidenceText(name: string, value: number | string | null): string {
  if (value === null) return 'not told'
  if (typeof value === 'string') return value
  if (name === 'timeLeft') return duration(value)
  if (name === 'failcnt') return String(value)
  if (name === 'share') return `${Math.round(value * 100)} %`
  return name === 'perHour' ? `${bytes(value)} per hour` : bytes(value)
}
