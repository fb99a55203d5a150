// The memory panel: a bar of all RAM, and a row for each part that matters.

import { getVisibleHistory } from '../../app/state.ts'
import {
  formatBytes,
  formatDuration,
  formatShortBytes,
  formatShortDuration,
  formatSignedBytes,
} from '../../base/format.ts'
import type { History } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import { drawTable, type TableColumn, type TableRow } from '../../widgets/table.ts'
import { getSparklineSpan, type Panel, type PanelArea } from '../panel.ts'
import { buildMemoryDetail } from './detail.ts'
import { buildMemoryView, type MemoryRow, type MemoryShare } from './rows.ts'

const SHARE_TONES: readonly Tone[] = ['accent', 'good', 'warning', 'critical', 'muted', 'muted']

export const memoryPanel: Panel = {
  id: 'memory',
  title: 'Memory',
  key: '7',
  name: 'Memory',
  detectors: ['kernel-memory', 'mem-available', 'pinned-cache', 'own-cost'],
  getNote: state => formatTotal(getVisibleHistory(state)),
  listKeys: state =>
    buildMemoryView(getVisibleHistory(state), state.alerts, Number.POSITIVE_INFINITY).rows.map(({ name }) => name),
  getDetail: buildMemoryDetail,
  draw: (state, area) => {
    const { pen, width, height } = area
    const bar = height >= 8 ? 2 : height >= 5 ? 1 : 0
    const view = buildMemoryView(getVisibleHistory(state), state.alerts, height - bar - 1)
    if (view.rows.length === 0) {
      const { error, hint } = getVisibleHistory(state).sources.meminfo ?? {}
      const text = ` ${error ?? 'waiting for /proc/meminfo'}${hint ? `: ${hint}` : ''}`
      return [formatLine(pen, [{ text, tone: 'muted' }], width)]
    }
    const sparkWidth = Math.max(8, Math.min(area.full ? 60 : 40, width - 56))
    const rows = view.rows.map(row => toTableRow(pen, row, getVisibleHistory(state), sparkWidth))
    const body = drawTable(
      pen,
      {
        columns: buildColumns(getSparklineSpan(getVisibleHistory(state)), sparkWidth),
        rows,
        empty: '',
        selected: area.focused ? state.ui.panels.memory?.selected : undefined,
      },
      width,
      height - bar,
    )
    return [...drawBar(pen, view.shares, view.total, area).slice(0, bar), ...body]
  },
}

function formatTotal({ meminfo: { values, origin } }: History): string {
  const total = formatBytes(values.get('MemTotal'))
  if (origin === 'kernel') return total
  return origin === 'lxcfs' ? `${total}, container view by lxcfs` : `${total}, WSL 1`
}

const buildColumns = (span: number, sparkWidth: number): readonly TableColumn[] => [
  { id: 'name', title: ' ', width: 14 },
  { id: 'now', title: 'now', width: 9, align: 'right' },
  { id: 'course', title: formatDuration(span), width: sparkWidth, rank: 1 },
  { id: 'sign', title: ' ', width: 1 },
  { id: 'pace', title: 'per hour', width: 10, align: 'right' },
  { id: 'left', title: 'left', width: 9, align: 'right', rank: 3 },
  { id: 'note', title: '', rank: 4 },
]

function toTableRow(pen: Pen, row: MemoryRow, history: History, sparkWidth: number): TableRow {
  const { name, value, series, tone } = row
  const isAlerted = tone === 'critical' || tone === 'warning'
  const minChange = Math.max(2 ** 20, value * 0.02)
  return {
    key: name,
    cells: {
      name: { text: ` ${name}`, tone: isAlerted ? tone : 'normal' },
      now: { text: formatBytes(value), tone: isAlerted ? tone : 'normal' },
      course: {
        text: drawSeriesSparkline(series, history.time, getSparklineSpan(history), sparkWidth, pen.glyphs, minChange),
        tone: isAlerted ? tone : 'accent',
      },
      sign: { text: isAlerted ? pen.glyphs.rise : '', tone },
      pace: { text: row.perHour === undefined ? '' : formatSignedBytes(row.perHour), tone: isAlerted ? tone : 'muted' },
      left: {
        text: row.timeLeft === undefined ? '' : `~${formatShortDuration(row.timeLeft)}`,
        tone: isAlerted ? tone : 'warning',
      },
      note: { text: row.note, tone: 'muted' },
    },
  }
}

const LEGEND_ORDER = [0, 1, 2, 5, 3, 4] // what a narrow screen cuts comes last

// ████████▓▓▓▓▓▓▒▒░??······ with a legend below
function drawBar(pen: Pen, shares: readonly MemoryShare[], total: number, { width }: PanelArea): readonly string[] {
  const room = width - 2
  const lengths = apportion(
    shares.map(share => share.bytes),
    total,
    room,
  )
  const bar: readonly StyledText[] = shares.map((_, i) => ({
    text: pen.glyphs.bar[i]!.repeat(lengths[i]!),
    tone: SHARE_TONES[i]!,
  }))
  const legend: readonly StyledText[] = LEGEND_ORDER.flatMap(i => [
    { text: ` ${pen.glyphs.bar[i]}`, tone: SHARE_TONES[i]! },
    { text: `${shares[i]!.name} ${formatShortBytes(shares[i]!.bytes)}` },
  ])
  return [formatLine(pen, [{ text: ' ' }, ...bar], width), formatLine(pen, legend, width)]
}

/** Splits `room` cells by share. Rounds running sums, so that the cells always add up to `room`. */
export function apportion(shares: readonly number[], total: number, room: number): readonly number[] {
  let sum = 0
  let used = 0
  return shares.map((share, i) => {
    sum += share
    const end = i === shares.length - 1 ? room : Math.min(room, Math.round((sum / Math.max(1, total)) * room))
    const cells = Math.max(0, end - used)
    used += cells
    return cells
  })
}
