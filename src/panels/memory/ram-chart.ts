// The chart of all RAM: layers that sum to MemTotal at every moment, with the events of the session.
import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { getValueAt } from '../../base/series.ts'
import type { RamPart } from '../../collectors/ram-groups.ts'
import type { History } from '../../history.ts'
import { drawChart } from '../../widgets/chart/chart.ts'
import type { Size, StackLayer } from '../../widgets/chart/chart-options.ts'
import type { Pen } from '../../widgets/pen.ts'
import { buildCursor } from '../chart-cursor.ts'
import { listChartEvents } from '../chart-events.ts'
import type { TimeRange } from '../panel.ts'
import { getChartRange } from '../time-window.ts'
import { BYTES } from '../value-formats.ts'
import { getPartGlyph, PART_STYLES } from './part-styles.ts'

/** Draws the chart over the window of the screen, or over `range`; nothing where meminfo has not been read. */
export function drawRamChart(
  state: AppState,
  pen: Pen,
  size: Size,
  range: TimeRange = getChartRange(state),
): readonly string[] {
  const history = getVisibleHistory(state)
  const lowest = history.meminfo.parts.free
  const total = history.meminfo.values.get('MemTotal')
  if (!lowest || !total) return []
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

// From bottom to top: what cannot be freed first.
const LAYERS: readonly RamPart[] = ['anon', 'slab', 'kernel', 'unaccounted', 'cache', 'free']

const buildLayers = ({ meminfo: { parts } }: History, { glyphs }: Pen): readonly StackLayer[] =>
  LAYERS.flatMap(name => {
    const series = parts[name]
    if (!series) return []
    const { tone } = PART_STYLES[name]
    return [
      { name, tone, fill: getPartGlyph(name, glyphs), isRest: name === 'free', read: time => getValueAt(series, time) },
    ]
  })
