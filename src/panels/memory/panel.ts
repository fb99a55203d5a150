// The memory panel: a bar of all RAM, and a row for each part that matters.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatBytes, formatShortBytes, formatShortDuration, formatSignedBytes } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'
import { drawTable, type TableOptions, type TableRow } from '../../widgets/table.ts'
import type { TableColumn } from '../../widgets/table-column.ts'
import { drawMessage } from '../../widgets/wrap.ts'
import { computeSeriesGrowth } from '../baseline.ts'
import type { Panel, PanelArea, PlacedTable } from '../panel.ts'
import { formatWindow } from '../time-window.ts'
import { buildMemoryDetail } from './detail.ts'
import { drawRamBar } from './ram-bar.ts'
import { drawRamChart } from './ram-chart.ts'
import { buildMemoryView, type MemoryRow } from './rows.ts'

export const memoryPanel: Panel = {
  id: 'memory',
  title: 'Memory',
  key: '7',
  name: 'Memory',
  detectors: listDetectorsAbout('memory'),
  getNote: state => formatTotal(getVisibleHistory(state)),
  listKeys: state =>
    buildMemoryView(getVisibleHistory(state), state.alerts, Number.POSITIVE_INFINITY).rows.map(({ name }) => name),
  getDetail: buildMemoryDetail,
  draw: (state, area) => {
    const history = getVisibleHistory(state)
    const { pen } = area
    if (history.meminfo.values.size === 0) {
      const { error, hint } = history.sources.meminfo ?? {}
      return drawMessage(pen, `${error ?? 'waiting for /proc/meminfo'}${hint ? `: ${hint}` : ''}`, area)
    }
    if (isBelowChart(area)) return drawBelowChart(state, area)
    if (isBesideChart(area)) return drawBesideChart(state, area)
    return drawBelowBar(state, area)
  },
  placeTable: (state, area) => {
    const rows = placeRows(state, area)
    return { ...rows, options: buildTable(state, { ...area, ...rows }) }
  },
  describeRow: (state, key) => {
    const row = buildMemoryView(getVisibleHistory(state), state.alerts, Number.POSITIVE_INFINITY).rows.find(
      ({ name }) => name === key,
    )
    return row && `${row.name}  ${formatBytes(row.value)}  ${row.note}`.trimEnd()
  },
}

const isBelowChart = ({ full, height }: PanelArea): boolean => full && height >= MIN_CHART_HEIGHT + MIN_ROWS
const isBesideChart = ({ width, height }: PanelArea): boolean => width >= MIN_WIDE && height >= MIN_CHART_HEIGHT

// Where the rows are: below the chart, beside it, or below a bar.
function placeRows(state: AppState, area: PanelArea): Omit<PlacedTable, 'options'> {
  const { width, height } = area
  if (isBelowChart(area)) {
    const top = computeChartHeight(state, area) + 1
    return { top, left: 0, width, height: height - top }
  }
  if (isBesideChart(area)) {
    const rowsWidth = computeRowsWidth(area)
    return { top: 0, left: width - rowsWidth, width: rowsWidth, height }
  }
  const top = countBarLines(area)
  return { top, left: 0, width, height: height - top }
}

const MIN_CHART_HEIGHT = 8
const MIN_ROWS = 6
const MIN_WIDE = 100 // cells from which the chart and the rows fit side by side
const ROWS_WIDTH = 62 // cells of the rows beside the chart; a wide screen gives them a third

// On the whole screen the chart is above the rows and gets what they leave.
function drawBelowChart(state: AppState, area: PanelArea): readonly string[] {
  const { pen, width, height } = area
  const chartHeight = computeChartHeight(state, area)
  return [
    ...drawRamChart(state, pen, { width, height: chartHeight }),
    ' '.repeat(width),
    ...drawMemoryRows(state, { ...area, height: height - chartHeight - 1 }),
  ]
}

function computeChartHeight(state: AppState, { height }: PanelArea): number {
  const rows = buildMemoryView(getVisibleHistory(state), state.alerts, Number.POSITIVE_INFINITY).rows.length + 1
  return Math.max(MIN_CHART_HEIGHT, height - rows - 1)
}

const computeRowsWidth = ({ width }: PanelArea): number => Math.max(ROWS_WIDTH, Math.round(width * 0.38))

function drawBesideChart(state: AppState, area: PanelArea): readonly string[] {
  const { pen, width, height } = area
  const rowsWidth = computeRowsWidth(area)
  const chartWidth = width - rowsWidth - 1
  const chart = drawRamChart(state, pen, { width: chartWidth, height })
  const rows = drawMemoryRows(state, { ...area, width: rowsWidth })
  const blank = ' '.repeat(rowsWidth)
  return chart.map((line, i) => `${line} ${rows[i] ?? blank}`)
}

function drawBelowBar(state: AppState, area: PanelArea): readonly string[] {
  const view = buildMemoryView(getVisibleHistory(state), state.alerts, 0)
  const bar = countBarLines(area)
  return [
    ...drawRamBar(area.pen, view, area.width).slice(0, bar),
    ...drawMemoryRows(state, { ...area, height: area.height - bar }),
  ]
}

function countBarLines({ height }: PanelArea): number {
  const largest = height >= 5 ? 1 : 0
  return height >= 8 ? 2 : largest
}

const drawMemoryRows = (state: AppState, area: PanelArea): readonly string[] =>
  drawTable(area.pen, buildTable(state, area), area.width, area.height)

function buildTable(state: AppState, area: PanelArea): TableOptions {
  const { height, span, focused } = area
  const history = getVisibleHistory(state)
  const view = buildMemoryView(history, state.alerts, height - 1)
  return {
    columns: buildColumns(span, state.ui.baseline),
    rows: view.rows.map(row => toTableRow(row, state, area)),
    empty: '',
    selected: focused ? state.ui.panels.memory?.selected : undefined,
  }
}

function formatTotal({ meminfo: { values, origin } }: History): string {
  const total = formatBytes(values.get('MemTotal'))
  if (origin === 'kernel') return total
  return origin === 'lxcfs' ? `${total}, container view by lxcfs` : `${total}, WSL 1`
}

const buildColumns = (span: number, baseline: number | undefined): readonly TableColumn[] => [
  { id: 'sign', title: ' ', width: 2 },
  { id: 'name', title: '', width: 13 },
  { id: 'now', title: 'now', width: 9, align: 'right' },
  { id: 'trend', title: formatWindow(span), width: 8, grow: 60, rank: 1 },
  { id: 'pace', title: baseline === undefined ? 'per hour' : 'growth', width: 10, align: 'right' },
  { id: 'left', title: 'to 3 % left', width: 12, align: 'right', rank: 3 },
  { id: 'note', title: '', width: 28, rank: 4 },
]

// Since the baseline; without one the rate per hour.
const computeShownGrowth = ({ series, perHour }: MemoryRow, state: AppState): number | undefined =>
  state.ui.baseline === undefined || !series
    ? perHour
    : computeSeriesGrowth(getVisibleHistory(state), series, state.ui.baseline)

function formatPace(growth: number | undefined, perMinute: number | undefined): string {
  if (growth !== undefined) return formatSignedBytes(growth)
  if (perMinute === undefined) return ''
  return `${perMinute < 0 ? '−' : '+'}${formatShortBytes(Math.abs(perMinute))}/min`
}

function toTableRow(row: MemoryRow, state: AppState, { pen, span, ahead = 0 }: PanelArea): TableRow {
  const { name, value, series, tone } = row
  const history = getVisibleHistory(state)
  const total = history.meminfo.values.get('MemTotal') ?? 0
  const growth = computeShownGrowth(row, state)
  const isAlerted = tone === 'critical' || tone === 'warning'
  const minChange = isAlerted ? Math.max(MiB, value * 0.02) : Math.max(MiB, value * 0.05, total * 0.01)
  return {
    key: name,
    cells: {
      name: { text: name, tone: isAlerted ? tone : 'normal' },
      now: { text: formatBytes(value), tone: isAlerted ? tone : 'normal' },
      trend: {
        text: width =>
          drawSeriesSparkline(series, {
            now: history.time,
            span,
            ahead,
            width,
            glyphs: pen.glyphs,
            minRange: minChange,
          }),
        tone: isAlerted ? tone : 'accent',
      },
      sign: { text: isAlerted ? ` ${pen.glyphs[tone]}` : '', tone },
      pace: { text: formatPace(growth, row.perMinute), tone: isAlerted ? tone : 'muted' },
      left: {
        text: row.timeLeft === undefined ? '' : `~${formatShortDuration(row.timeLeft)}`,
        tone: isAlerted ? tone : 'warning',
      },
      note: { text: row.note, tone: 'muted' },
    },
  }
}
