// The charts below a list that leaves room for them.
import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { drawRamChart } from '../../panels/memory/ram-chart.ts'
import type { Graph, Panel, PanelArea } from '../../panels/panel.ts'
import type { Size } from '../../widgets/chart/chart-options.ts'
import { drawDetailCharts } from './detail-charts.ts'

const MIN_CHART = { width: 36, height: 8 } as const // what a list must leave for a chart below it

/** Returns the lines of a list, and below them the charts that it belongs to where it leaves room: on the overview only the first. */
export function addCharts(lines: readonly string[], panel: Panel, state: AppState, area: PanelArea): readonly string[] {
  const room = area.height - lines.length
  const { graphs } = panel
  if (!graphs || room < MIN_CHART.height || area.width < MIN_CHART.width) return lines
  const gap = room > MIN_CHART.height ? [' '.repeat(area.width)] : []
  const size = { width: area.width, height: room - gap.length }
  const charts =
    graphs === 'ram' ? drawRam(state, area, size) : drawGraphs(graphs(getVisibleHistory(state)), state, area, size)
  return charts.length > 0 ? [...lines, ...gap, ...charts] : lines
}

// On the overview the chart of all RAM has its own place.
const drawRam = (state: AppState, { pen, full }: PanelArea, size: Size): readonly string[] =>
  full ? drawRamChart(state, pen, size) : []

const drawGraphs = (
  graphs: readonly Graph[],
  state: AppState,
  { pen, full }: PanelArea,
  size: Size,
): readonly string[] => drawDetailCharts({ graphs: full ? graphs : graphs.slice(0, 1) }, state, pen, size)
