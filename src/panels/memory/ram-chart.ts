// The chart of all RAM: layers that sum to MemTotal at every moment, with the events of the session.
import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { getValueAt, type Series } from '../../base/series.ts'
import type { History } from '../../history.ts'
import { drawChart } from '../../widgets/chart/chart.ts'
import type { Size, StackLayer } from '../../widgets/chart/chart-options.ts'
import type { Pen } from '../../widgets/pen.ts'
import { buildCursor } from '../chart-cursor.ts'
import { listChartEvents } from '../chart-events.ts'
import { getChartRange } from '../time-window.ts'
import { BYTES } from '../value-formats.ts'

/** Draws the chart; nothing where meminfo has not been read. */
export function drawRamChart(state: AppState, pen: Pen, size: Size): readonly string[] {
  const history = getVisibleHistory(state)
  const lowest = history.meminfo.series.MemFree
  const total = history.meminfo.values.get('MemTotal')
  if (!lowest || !total) return []
  const range = getChartRange(state)
  const options = {
    stack: { layers: buildLayers(history, pen), lowest },
    series: [],
    ...range,
    ...buildCursor(state, range),
    wallClock: history.session.wallClock,
    clockSteps: history.session.clockSteps,
    format: BYTES,
    top: total,
    events: listChartEvents(state, pen),
  }
  return drawChart(pen, options, size)
}

type Read = (time: number) => number | undefined

// From bottom to top: what cannot be freed first. `kernel` is the remainder, with what no counter knows.
function buildLayers({ meminfo: { series, values } }: History, pen: Pen): readonly StackLayer[] {
  const sum = (...parts: readonly (Series | undefined)[]): Read => {
    const known = parts.filter(part => part !== undefined)
    return time => addUp(known.map(part => getValueAt(part, time)))
  }
  const anon = sum(series.AnonPages)
  const slab = sum(series.SReclaimable, series.SUnreclaim)
  const cache = sum(series.Cached, series.Buffers)
  const free = sum(series.MemFree)
  const total = series.MemTotal ? sum(series.MemTotal) : (): number | undefined => values.get('MemTotal')
  const readKernel: Read = time => {
    const known = addUp([anon(time), slab(time), cache(time), free(time)])
    const all = total(time) ?? values.get('MemTotal')
    return known === undefined || all === undefined ? undefined : Math.max(0, all - known)
  }
  const [full, dense, half, light, , dot] = pen.glyphs.bar
  return [
    { name: 'anon', tone: 'accent', fill: full!, read: anon },
    { name: 'slab', tone: 'warning', fill: half!, read: slab },
    { name: 'kernel', tone: 'critical', fill: light!, read: readKernel },
    { name: 'cache', tone: 'good', fill: dense!, read: cache },
    { name: 'free', tone: 'muted', fill: dot!, read: free },
  ]
}

const addUp = (values: readonly (number | undefined)[]): number | undefined =>
  values.every(value => value !== undefined) ? values.reduce((total, value) => total + value, 0) : undefined
