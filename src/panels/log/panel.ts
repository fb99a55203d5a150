// The kernel log panel: records, OOM reports folded to one line, and the number of lost records.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatAge, formatCount, formatDateTime, formatPlural, formatTimeOfDay } from '../../base/format.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import { fitText, formatLine, measureWidth } from '../../widgets/cells.ts'
import { formatDay } from '../../widgets/chart/time-axis.ts'
import { findFirstRow } from '../../widgets/table.ts'
import { drawMessage } from '../../widgets/wrap.ts'
import { describeNoMatch } from '../filter.ts'
import { describeMissingLog, describeUnread } from '../no-kernel-log.ts'
import { buildKillDetail } from '../oom/detail.ts'
import { getKillRange } from '../oom/kill-graphs.ts'
import { type Detail, filterRows, type Panel, type PanelArea } from '../panel.ts'
import { listNodeGraphs } from '../panel-graphs.ts'
import { describeAppLogRates } from './app-log-note.ts'
import { type LogRow, listLogRows } from './rows.ts'

export const logPanel: Panel = {
  id: 'log',
  title: 'Kernel log',
  key: '4',
  beside: 'page',
  name: 'Log',
  filterable: true,
  graphs: 'ram',
  detectors: listDetectorsAbout('log'),
  getNote: state => {
    const history = getVisibleHistory(state)
    const { kmsg, sources } = history
    const rates = describeAppLogRates(history)
    const ending = rates && ` · ${rates}`
    if (sources.kmsg?.okAt == null) return `not read${ending}`
    const followText = state.ui.panels.log?.selected === undefined ? 'following' : 'G follows'
    const suppressed = kmsg.suppressed > 0 ? ` · ${formatCount(kmsg.suppressed)} reports suppressed by the kernel` : ''
    const level = LEVEL_NAMES[state.ui.panels.log?.level ?? 7] ?? ''
    const what = shouldShowAll(state, state.ui.focus === 'log' && state.ui.zoomed) ? 'all' : 'memory events'
    return `${what}${level} · ${followText} · ${formatCount(kmsg.lost)} lost${suppressed}${ending}`
  },
  listKeys: state => listVisibleRows(state, state.ui.zoomed).map(({ key }) => key),
  draw: (state, area) => {
    const rows = listVisibleRows(state, area.full)
    if (rows.length === 0) return drawMessage(area.pen, getEmptyText(state), area)
    const selected = area.focused ? state.ui.panels.log?.selected : undefined
    const first = findFirstLine(rows, state, area)
    return rows.slice(first, first + area.height).map(row => drawRow(row, state, area, row.key === selected))
  },
  findRowAt: (state, area, line) => {
    const rows = listVisibleRows(state, area.full)
    return rows[findFirstLine(rows, state, area) + line]?.key
  },
  findHiddenText: (state, area, key) => {
    const row = listVisibleRows(state, area.full).find(other => other.key === key)
    const width = row
      ? measureWidth(`  ${formatRecordTime(getVisibleHistory(state), row.time, area)}   ${formatRowText(row, area)}`)
      : 0
    return row && width > area.width ? row.text.replaceAll('\n', ' ') : undefined
  },
  describeRow: (state, key) => {
    const history = getVisibleHistory(state)
    const row = listLogRows(history, false).find(other => other.key === key)
    return row && `${formatDateTime(toWallTime(history.session, row.time))} ${row.text.replaceAll('\n', ' ')}`
  },
  getDetail: buildRecordDetail,
}

// Without a selection the log follows its end.
function findFirstLine(rows: readonly LogRow[], state: AppState, { focused, height }: PanelArea): number {
  const selected = focused ? state.ui.panels.log?.selected : undefined
  return selected === undefined ? Math.max(0, rows.length - height) : findFirstRow(rows, selected, height)
}

const LEVEL_NAMES: Readonly<Record<number, string>> = { 3: ', errors', 4: ', warnings and errors' }

const shouldShowAll = (state: AppState, full: boolean): boolean => state.ui.panels.log?.everything ?? full

function listVisibleRows(state: AppState, full: boolean): readonly LogRow[] {
  const { filter, level } = state.ui.panels.log ?? {}
  const rows = listLogRows(getVisibleHistory(state), !shouldShowAll(state, full))
  const severe = level === undefined ? rows : rows.filter(row => row.level <= level || row.kill !== undefined)
  return filterRows(severe, filter, ({ text }) => text)
}

function getEmptyText(state: AppState): string {
  const history = getVisibleHistory(state)
  const missing = describeMissingLog(history)
  if (missing !== undefined) return missing
  const filter = state.ui.panels.log?.filter
  const isPart = !shouldShowAll(state, state.ui.zoomed) || state.ui.panels.log?.level !== undefined
  if (filter) return `${describeNoMatch('line', filter)}${isPart ? ' (o: all lines, l: all levels)' : ''}`
  const unread = describeUnread(history)
  if (unread !== undefined) return `no memory events yet: ${unread}`
  const { read, records } = history.kmsg
  if (read === 0) return 'no log records'
  const older = read > records.length ? `the last ${formatCount(records.length)} of ` : ''
  return `no memory events in ${older}${formatPlural(read, 'log record')}`
}

// The count comes first: the end of a line may be cut.
const formatRowText = ({ text, count }: LogRow, { pen }: PanelArea): string =>
  `${count === undefined ? '' : `${pen.glyphs.times}${formatCount(count)} `}${text.replaceAll('\n', ' ')}`

function drawRow(row: LogRow, state: AppState, area: PanelArea, selected: boolean): string {
  const { pen, width } = area
  const { time, tone } = row
  const sign = tone === 'critical' || tone === 'warning' ? pen.glyphs[tone] : ' '
  const timeText = formatRecordTime(getVisibleHistory(state), time, area)
  const oneLine = formatRowText(row, area)
  if (selected) return pen.paint('selected', fitText(`${pen.glyphs.cursor}${timeText} ${sign} ${oneLine}`, width))
  return formatLine(
    pen,
    [
      { text: ` ${timeText} `, tone: 'muted' },
      { text: `${sign} `, tone },
      { text: oneLine, tone: tone === 'warning' ? 'normal' : tone },
    ],
    width,
  )
}

const MIN_DATE_WIDTH = 100 // cells from which the log view has room for whole dates

// The time of day; with the weekday if that is another day, with the date where there is room.
function formatRecordTime(history: History, time: number, { full, width }: PanelArea): string {
  const wall = toWallTime(history.session, time)
  const isOtherDay = formatDay(wall) !== formatDay(toWallTime(history.session, history.time))
  if (full && width >= MIN_DATE_WIDTH) return formatDateTime(wall)
  return isOtherDay ? `${formatDay(wall).split(' ')[0]} ${formatTimeOfDay(wall)}` : formatTimeOfDay(wall)
}

function buildRecordDetail(state: AppState, key: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const row = listLogRows(history, false).find(other => other.key === key)
  if (!row) return undefined
  if (row.kill !== undefined) return buildKillDetail(history, row.kill, state.alerts)
  return {
    title: `record ${key}`,
    tone: row.tone,
    introduction: row.text.split('\n'),
    graphs: listNodeGraphs(history),
    range: getKillRange(history, row.time),
    facts: [
      ['time', `${formatDateTime(toWallTime(history.session, row.time))}, ${formatAge(history.time - row.time)}`],
    ],
    remedies: [],
    listing: listNeighbours(state, key),
  }
}

const BEFORE = 8
const AFTER = 10

// The records around it, those of programs and other subsystems included.
function listNeighbours(state: AppState, key: string): NonNullable<Detail['listing']> {
  const history = getVisibleHistory(state)
  const rows = listLogRows(history, false)
  const at = rows.findIndex(row => row.key === key)
  const near = rows.slice(Math.max(0, at - BEFORE), at + AFTER + 1)
  const lines = near.map(({ key: other, time, text, tone }) => [
    { text: other === key ? ' > ' : '   ', tone: 'accent' as const },
    { text: `${formatTimeOfDay(toWallTime(history.session, time))} `, tone: 'muted' as const },
    { text: text.replaceAll('\n', ' '), tone: tone === 'warning' ? ('normal' as const) : tone },
  ])
  return { title: 'Records around it', lines }
}
