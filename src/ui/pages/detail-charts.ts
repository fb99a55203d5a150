// The charts of a page or below a list: the first graph large, the others beside each other below it, or as lines where there is no room.
import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatDuration } from '../../base/format.ts'
import { getLatest } from '../../base/series.ts'
import { buildCursor } from '../../panels/chart-cursor.ts'
import { listChartEvents } from '../../panels/chart-events.ts'
import { drawRamChart } from '../../panels/memory/ram-chart.ts'
import type { Detail, Graph, TimeRange } from '../../panels/panel.ts'
import { getChartRange } from '../../panels/time-window.ts'
import { fitText, formatLine } from '../../widgets/cells.ts'
import { drawChart } from '../../widgets/chart/chart.ts'
import type { ChartOptions, Size } from '../../widgets/chart/chart-options.ts'
import type { Pen } from '../../widgets/pen.ts'
import { drawSeriesSparkline } from '../../widgets/sparkline.ts'

const MIN_HEIGHT = 8 // lines of a chart: the page scrolls before it gets lower
const MIN_SMALL_WIDTH = 44

/** Draws charts in about `size`: never lower than a readable chart. */
export function drawDetailCharts(
  detail: Pick<Detail, 'graphs' | 'range'>,
  state: AppState,
  pen: Pen,
  size: Size,
): readonly string[] {
  const isMinor = (graph: Graph): boolean => graph.isMinor === true || isZero(graph)
  const [first, ...rest] = detail.graphs.toSorted((a, b) => Number(isMinor(a)) - Number(isMinor(b)))
  if (!first) return []
  const range = detail.range ?? getChartRange(state)
  const minor = rest.filter(isMinor)
  const others = rest.filter(graph => !isMinor(graph))
  const height = Math.max(MIN_HEIGHT, size.height - minor.length)
  const draw = (graph: Graph, of: Size): readonly string[] =>
    graph.isRam ? drawRamChart(state, pen, of, range) : drawChart(pen, buildChart(graph, range, state, pen), of)
  const drawLines = (graphs: readonly Graph[]): readonly string[] =>
    graphs.map(graph => drawGraphLine(graph, range, pen, size.width))
  const perRow = Math.max(1, Math.min(others.length, Math.floor(size.width / MIN_SMALL_WIDTH)))
  const rows = Math.ceil(others.length / perRow)
  const smallHeight = Math.floor((height * 0.45) / Math.max(1, rows))
  if (others.length === 0 || smallHeight < MIN_HEIGHT || height - smallHeight * rows < MIN_HEIGHT) {
    const large = { width: size.width, height: Math.max(MIN_HEIGHT, height - others.length) }
    return [...draw(first, large), ...drawLines([...others, ...minor])]
  }
  const grid = Array.from({ length: rows }, (_, row) => others.slice(row * perRow, (row + 1) * perRow))
  const small = grid.flatMap(graphs => drawRow(graphs, smallHeight, size.width, draw))
  return [...draw(first, { width: size.width, height: height - small.length }), ...small, ...drawLines(minor)]
}

// A chart of nothing but zeros needs no place.
const isZero = ({ series: { values, length } }: Graph): boolean =>
  values.every((value, i) => i >= length || value === 0)

function drawRow(
  graphs: readonly Graph[],
  height: number,
  width: number,
  draw: (graph: Graph, size: Size) => readonly string[],
): readonly string[] {
  const each = Math.floor(width / graphs.length)
  const charts = graphs.map((graph, i) =>
    draw(graph, { width: i === graphs.length - 1 ? width - each * i : each, height }),
  )
  return Array.from({ length: height }, (_, i) => charts.map(lines => lines[i]).join(''))
}

const LINE_TONES = ['warning', 'good', 'key'] as const

function buildChart(graph: Graph, range: TimeRange, state: AppState, pen: Pen): ChartOptions {
  const { name, series, format, top, limit, backdrop, lines = [] } = graph
  const { session } = getVisibleHistory(state)
  const over = lines.map((line, i) => ({ ...line, tone: LINE_TONES[i % LINE_TONES.length]! }))
  return {
    series: [{ name, series, tone: 'accent' }, ...over],
    ...range,
    wallClock: session.wallClock,
    clockSteps: session.clockSteps,
    format,
    ...(top === undefined ? {} : { top }),
    ...(limit === undefined ? {} : { limit }),
    ...(backdrop === undefined ? {} : { backdrop: { ...backdrop, tone: 'muted' as const } }),
    ...buildCursor(state, range),
    events: listChartEvents(state, pen),
  }
}

const VALUE_WIDTH = 11
const NAME_WIDTH = 24

function drawGraphLine({ name, series, format }: Graph, range: TimeRange, pen: Pen, width: number): string {
  const { begin, end, newest = end } = range
  const value = getLatest(series)
  const span = end - begin
  const label = ` ${formatDuration(span)}`
  const room = Math.max(8, width - NAME_WIDTH - VALUE_WIDTH - label.length - 4)
  const spark = drawSeriesSparkline(series, { now: newest, span, ahead: end - newest, width: room, glyphs: pen.glyphs })
  const parts = [
    { text: ` ${fitText(name, NAME_WIDTH, 'left', pen.glyphs.ellipsis)} `, tone: 'muted' as const },
    { text: `${(value === undefined ? '?' : format.format(value)).padStart(VALUE_WIDTH)}  ` },
    { text: spark, tone: 'accent' as const },
    { text: label, tone: 'muted' as const },
  ]
  return formatLine(pen, parts, width)
}
