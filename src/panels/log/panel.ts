// The Kernel-log panel: what the kernel said, OOM reports folded to one line, and how much was lost.
import { formatAge, formatCount, formatDateTime, formatTimeOfDay } from '../../base/format.ts'
import type { History } from '../../history.ts'
import { type AppState, getVisibleHistory } from '../../session/state.ts'
import { fitTo, lineOf } from '../../widgets/cells.ts'
import { firstRow } from '../../widgets/table.ts'
import { killDetail } from '../oom/detail.ts'
import { type Detail, filtered, type Panel, type Place } from '../panel.ts'
import { type LogRow, logRows } from './view.ts'

export const logPanel: Panel = {
  id: 'log',
  title: 'Kernel log',
  note: state => {
    const { kmsg, sources } = getVisibleHistory(state)
    if (sources.kmsg?.okAt == null) return 'not read'
    const follow = state.ui.panels.log?.selected === undefined ? 'follow' : 'at a line, G follows'
    const suppressed = kmsg.suppressed > 0 ? ` · ${formatCount(kmsg.suppressed)} reports suppressed by the kernel` : ''
    const level = LEVEL_NAMES[state.ui.panels.log?.level ?? 7] ?? ''
    const what = isAll(state, state.ui.focus === 'log' && state.ui.zoomed) ? 'all' : 'memory only'
    return `${what}${level} · ${follow} · ${formatCount(kmsg.lost)} lost${suppressed}`
  },
  keys: state => rowsOf(state, state.ui.zoomed).map(({ key }) => key),
  draw: (state, place) => {
    const rows = rowsOf(state, place.full)
    if (rows.length === 0) return [lineOf(place.pen, [{ text: emptyText(state), tone: 'muted' }], place.width)]
    const selected = place.focused ? state.ui.panels.log?.selected : undefined
    const first =
      selected === undefined ? Math.max(0, rows.length - place.height) : firstRow(rows, selected, place.height)
    return rows.slice(first, first + place.height).map(row => drawRow(row, state, place, row.key === selected))
  },
  detail,
}

const LEVEL_NAMES: Readonly<Record<number, string>> = { 3: ', errors', 4: ', warnings and errors' }

const isAll = (state: AppState, full: boolean): boolean => state.ui.panels.log?.everything ?? full

function rowsOf(state: AppState, full: boolean): readonly LogRow[] {
  const { filter, level } = state.ui.panels.log ?? {}
  const rows = logRows(getVisibleHistory(state), !isAll(state, full))
  const loud = level === undefined ? rows : rows.filter(row => row.level <= level || row.kill !== undefined)
  return filtered(loud, filter, ({ text }) => text)
}

function emptyText(state: AppState): string {
  const history = getVisibleHistory(state)
  const source = history.sources.kmsg
  if (source?.error) return ` ${source.error}${source.hint ? `: ${source.hint}` : ''}`
  if (!source) return ' the kernel log is not read (--kmsg off)'
  const filter = state.ui.panels.log?.filter
  const isPart = !isAll(state, state.ui.zoomed) || state.ui.panels.log?.level !== undefined
  if (filter) return ` no line matches “${filter}”${isPart ? ' (o: all lines, l: all levels)' : ''}`
  return ` nothing about memory in ${formatCount(history.kmsg.read)} records`
}

function drawRow({ time, text, tone }: LogRow, state: AppState, { pen, width, full }: Place, selected: boolean): string {
  const sign = tone === 'critical' ? pen.glyphs.critical : tone === 'warning' ? pen.glyphs.warning : ' '
  const stamp = when(getVisibleHistory(state), time, full)
  const oneLine = text.replaceAll('\n', ' ')
  if (selected) return pen.paint('selected', fitTo(`${pen.glyphs.cursor}${stamp} ${sign} ${oneLine}`, width))
  return lineOf(
    pen,
    [
      { text: ` ${stamp} `, tone: 'muted' },
      { text: `${sign} `, tone },
      { text: oneLine, tone: tone === 'critical' ? tone : tone === 'muted' ? tone : 'normal' },
    ],
    width,
  )
}

const DAY = 86_400_000

// The time of day; the date too, once it is another day.
function when(history: History, time: number, full: boolean): string {
  const wall = history.session.wallClock + time
  return full || history.time - time > DAY / 2 ? formatDateTime(wall) : formatTimeOfDay(wall)
}

function detail(state: AppState, key: string): Detail | undefined {
  const history = getVisibleHistory(state)
  const row = logRows(history, false).find(other => other.key === key)
  if (!row) return undefined
  if (row.kill !== undefined) return killDetail(history, row.kill)
  return {
    title: `record ${key}`,
    tone: row.tone,
    lead: row.text.split('\n'),
    graphs: [],
    facts: [['time', `${formatDateTime(history.session.wallClock + row.time)}, ${formatAge(history.time - row.time)}`]],
    remedy: [],
  }
}
