// Chart: series over time with a value axis, a time axis, events and a legend. Pure: series and a size to lines.

import type { Series } from '../../base/series.ts'
import { formatLine, measureWidth, type StyledText } from '../cells.ts'
import type { Pen, Tone } from '../pen.ts'
import { drawEventLabels, drawTimeAxis } from './chart-axis.ts'
import {
  createGrid,
  drawLine,
  fillArea,
  fillBelowLine,
  fillStack,
  type PlotCell,
  type PlotGrid,
  type PlotSeries,
  type StackStyle,
} from './chart-cells.ts'
import { computeColumns, countKnownColumns, findLowestTimes } from './chart-columns.ts'
import { drawLegend } from './chart-legend.ts'
import type { ChartOptions, Plot, Size, Stack } from './chart-options.ts'
import { computeValueScale, formatTick, type ValueScale } from './value-scale.ts'

const MIN_PLOT_WIDTH = 8
const LABEL_WIDTH = 8 // of `23.5 GiB`: charts above each other have the same time in the same column

/** Draws exactly `height` lines of `width` cells. Parts that do not fit are dropped: event labels, legend, axes. */
export function drawChart(pen: Pen, options: ChartOptions, { width, height }: Size): readonly string[] {
  if (height <= 0 || width <= 0) return []
  const withAxis = height >= 4
  const legend = height < 6 ? [] : drawLegend(measurePlot(options, width, height - 3), pen, width, height < 9 ? 1 : 2)
  const withLabels = height >= 12 && (options.events ?? []).some(({ text }) => text !== '')
  const plotHeight = height - (withAxis ? 2 : 0) - legend.length - Number(withLabels)
  const plot = measurePlot(options, width, plotHeight)
  const grid = drawPlot(plot, pen)
  markCursor(grid, plot, pen)
  return [
    ...legend,
    ...drawRows(grid, plot, pen, width),
    ...(withAxis ? drawTimeAxis(plot, pen, width) : []),
    ...(withLabels ? [drawEventLabels(plot, pen, width)] : []),
  ]
}

function measurePlot(options: ChartOptions, width: number, plotHeight: number): Plot {
  const scale = computeValueScale(findHighest(options), plotHeight, options.format, options.top)
  const labels = scale.ticks.map(tick => measureWidth(formatTick(options.format, tick)))
  const wanted = Math.max(LABEL_WIDTH, ...labels) + 3
  const labelWidth = width - wanted >= MIN_PLOT_WIDTH ? wanted : 0
  const plotWidth = width - labelWidth
  // columns stand on fixed times, so that the picture moves by whole columns
  const step = Math.max(1, (options.end - options.begin) / plotWidth)
  const end = Math.max(options.end, Math.ceil(options.end / step - 1e-6) * step)
  return { ...options, begin: end - step * plotWidth, end, labelWidth, plotWidth, plotHeight, scale }
}

function findHighest({ series: listed, backdrop, stack, top, limit = 0, begin, end }: ChartOptions): number {
  if (stack && top !== undefined) return top
  const series = backdrop ? [...listed, backdrop] : listed
  const highest = series.map(one =>
    Math.max(0, ...computeColumns(one.series, begin, end, 1).map(range => range?.high ?? 0)),
  )
  return Math.max(limit, ...highest)
}

function drawPlot(plot: Plot, pen: Pen): PlotGrid {
  const { series, backdrop, plotWidth, plotHeight, scale, stack } = plot
  const grid = createGrid(plotWidth, plotHeight)
  drawGridLines(grid, plot, pen)
  if (stack) {
    const styles = stack.layers.map(({ fill, tone, isRest = false }): StackStyle => ({ text: fill, tone, isRest }))
    fillStack(grid, { columns: readStacks(stack, plot), top: scale.top, styles }, pen.glyphs)
    return grid
  }
  if (backdrop) {
    const columns = readColumns(plot, backdrop.series, plotWidth * 2)
    drawLine(grid, { columns, top: scale.top, tone: backdrop.tone }, pen.glyphs)
    fillBelowLine(grid, backdrop.tone, pen.glyphs)
  }
  series.forEach((one, i) => {
    const columns = readColumns(plot, one.series, i === 0 ? plotWidth : plotWidth * 2)
    const drawSeries = i === 0 ? fillArea : drawLine
    drawSeries(grid, { columns, top: scale.top, tone: one.tone }, pen.glyphs)
  })
  drawLimit(grid, plot, pen)
  return grid
}

// Columns behind the newest sample are blank.
const readColumns = ({ begin, end, newest }: Plot, series: Series, count: number): PlotSeries['columns'] =>
  computeColumns(series, begin, end, count).slice(0, countKnownColumns(begin, end, count, newest))

// A dot in every second cell beside a tick, so that a value far from the axis can be read.
function drawGridLines(grid: PlotGrid, { scale }: Plot, { glyphs }: Pen): void {
  for (const y of listTickRows(scale, grid.length).keys())
    grid[y]!.forEach((_, x, row) => {
      if (x % 2 === 1) row[x] = { text: glyphs.bar[5]!, tone: 'muted' }
    })
}

function drawLimit(grid: PlotGrid, { limit, scale }: Plot, { glyphs }: Pen): void {
  if (limit === undefined || limit > scale.top) return
  const row = grid[toRow(limit, scale, grid.length)]!
  for (let x = 0; x < row.length; x++) row[x] = { text: glyphs.border[4], tone: 'critical' }
}

function readStacks(
  { layers, lowest }: Stack,
  { begin, end, newest, plotWidth }: Plot,
): readonly (readonly number[] | undefined)[] {
  const known = countKnownColumns(begin, end, plotWidth, newest)
  return findLowestTimes(lowest, begin, end, plotWidth).map((time, i) => {
    const values = layers.map(({ read }) => (i < known ? read(time) : undefined))
    return values.every(value => value !== undefined) ? values : undefined
  })
}

function markCursor(grid: PlotGrid, { cursor, begin, end, plotWidth }: Plot, pen: Pen): void {
  if (cursor === undefined || cursor < begin || cursor > end) return
  const x = Math.min(plotWidth - 1, Math.floor(((cursor - begin) / (end - begin)) * plotWidth))
  for (const row of grid) row[x] = { text: pen.glyphs.border[5], tone: 'key' }
}

const toRow = (value: number, { top }: ValueScale, height: number): number =>
  Math.min(height - 1, Math.max(0, Math.round(height - (value / top) * height)))

/** Returns the ticks by the row that they are written in. */
const listTickRows = (scale: ValueScale, height: number): ReadonlyMap<number, number> =>
  new Map(scale.ticks.map(tick => [toRow(tick, scale, height), tick]))

function drawRows(grid: PlotGrid, { labelWidth, format, scale }: Plot, pen: Pen, width: number): readonly string[] {
  const tickRows = listTickRows(scale, grid.length)
  return grid.map((row, y) => {
    const tick = tickRows.get(y)
    const label = tick === undefined ? '' : formatTick(format, tick)
    const sign = tick === undefined ? pen.glyphs.border[5] : pen.glyphs.tick
    const axis: readonly StyledText[] =
      labelWidth === 0 ? [] : [{ text: `${label.padStart(labelWidth - 2)} ${sign}`, tone: 'muted' }]
    return formatLine(pen, [...axis, ...mergeCells(row)], width)
  })
}

function mergeCells(cells: readonly PlotCell[]): readonly StyledText[] {
  const parts: { text: string; tone: Tone }[] = []
  for (const { text, tone } of cells) {
    const last = parts.at(-1)
    if (last && (last.tone === tone || text === ' ')) last.text += text
    else parts.push({ text, tone })
  }
  return parts
}
