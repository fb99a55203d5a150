// The Memory panel: a bar of where all RAM is, and a row for each part that matters.
import { formatBytes, formatDuration, formatShortBytes, formatShortDuration, formatSignedBytes } from '../../base/format.ts'
import type { History } from '../../history.ts'
import { getVisibleHistory } from '../../session/state.ts'
import { lineOf, type Part } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { sparkOf } from '../../widgets/sparkline.ts'
import { type Column, type Row, table } from '../../widgets/table.ts'
import { type Panel, type Place, spanOf } from '../panel.ts'
import { memoryDetail } from './detail.ts'
import { type MemoryRow, memoryView, type Share } from './view.ts'

const TONES: readonly Tone[] = ['accent', 'good', 'warning', 'critical', 'muted', 'muted']

export const memory: Panel = {
  id: 'memory',
  title: 'Memory',
  note: state => formatBytes(getVisibleHistory(state).meminfo.values.get('MemTotal')),
  keys: state => memoryView(getVisibleHistory(state), state.alerts, Number.POSITIVE_INFINITY).rows.map(({ name }) => name),
  detail: memoryDetail,
  draw: (state, place) => {
    const { pen, width, height } = place
    const bar = height >= 8 ? 2 : height >= 5 ? 1 : 0
    const view = memoryView(getVisibleHistory(state), state.alerts, height - bar - 1)
    if (view.rows.length === 0) {
      const { error, hint } = getVisibleHistory(state).sources.meminfo ?? {}
      const text = ` ${error ?? 'waiting for /proc/meminfo'}${hint ? `: ${hint}` : ''}`
      return [lineOf(pen, [{ text, tone: 'muted' }], width)]
    }
    const sparkWidth = Math.max(8, Math.min(place.full ? 60 : 40, width - 56))
    const rows = view.rows.map(row => rowOf(pen, row, getVisibleHistory(state), sparkWidth))
    const body = table(
      pen,
      {
        columns: columns(spanOf(getVisibleHistory(state)), sparkWidth),
        rows,
        empty: '',
        selected: place.focused ? state.ui.panels.memory?.selected : undefined,
      },
      width,
      height - bar,
    )
    return [...barLines(pen, view.shares, view.total, place).slice(0, bar), ...body]
  },
}

const columns = (span: number, sparkWidth: number): readonly Column[] => [
  { id: 'name', title: ' ', width: 14 },
  { id: 'now', title: 'now', width: 9, align: 'right' },
  { id: 'course', title: formatDuration(span), width: sparkWidth, rank: 1 },
  { id: 'sign', title: ' ', width: 1 },
  { id: 'pace', title: 'per hour', width: 10, align: 'right' },
  { id: 'left', title: 'left', width: 9, align: 'right', rank: 3 },
  { id: 'note', title: '', rank: 4 },
]

function rowOf(pen: Pen, row: MemoryRow, history: History, sparkWidth: number): Row {
  const { name, value, series, tone } = row
  const loud = tone === 'critical' || tone === 'warning'
  const quiet = Math.max(2 ** 20, value * 0.02)
  return {
    key: name,
    cells: {
      name: { text: ` ${name}`, tone: loud ? tone : 'normal' },
      now: { text: formatBytes(value), tone: loud ? tone : 'normal' },
      course: {
        text: sparkOf(series, history.time, spanOf(history), sparkWidth, pen.glyphs, quiet),
        tone: loud ? tone : 'accent',
      },
      sign: { text: loud ? pen.glyphs.rise : '', tone },
      pace: { text: row.perHour === undefined ? '' : formatSignedBytes(row.perHour), tone: loud ? tone : 'muted' },
      left: { text: row.left === undefined ? '' : `~${formatShortDuration(row.left)}`, tone: loud ? tone : 'warning' },
      note: { text: row.note, tone: 'muted' },
    },
  }
}

const LEGEND = [0, 1, 2, 5, 3, 4] // what is cut on a narrow screen stands last

// ████████▓▓▓▓▓▓▒▒░??······ and below it what is what
function barLines(pen: Pen, shares: readonly Share[], total: number, { width }: Place): readonly string[] {
  const room = width - 2
  const lengths = apportion(
    shares.map(share => share.bytes),
    total,
    room,
  )
  const bar: readonly Part[] = shares.map((_, i) => ({ text: pen.glyphs.bar[i]!.repeat(lengths[i]!), tone: TONES[i]! }))
  const legend: readonly Part[] = LEGEND.flatMap(i => [
    { text: ` ${pen.glyphs.bar[i]}`, tone: TONES[i]! },
    { text: `${shares[i]!.name} ${formatShortBytes(shares[i]!.bytes)}` },
  ])
  return [lineOf(pen, [{ text: ' ' }, ...bar], width), lineOf(pen, legend, width)]
}

/** Cells for each share, `room` in all: rounded sums, so that neither rounding nor small shares lose a cell. */
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
