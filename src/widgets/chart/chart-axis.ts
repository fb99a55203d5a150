// Time axis of a chart: a line with the events on it, the times below, and the texts of the events.
import { computeWallTime, listClockSegments } from '../../base/wall-time.ts'
import { formatLine, measureWidth, type StyledText } from '../cells.ts'
import type { Pen, Tone } from '../pen.ts'
import type { ChartEvent, Plot } from './chart-options.ts'
import { dropDate, formatShortTime, listTimeTicks, type TimeTick } from './time-axis.ts'
import { formatTick } from './value-scale.ts'

/** Draws the axis with its events, and the line of times below it. */
export function drawTimeAxis(plot: Plot, pen: Pen, width: number): readonly string[] {
  const { plotWidth, labelWidth, format } = plot
  const [, , corner, , horizontal] = pen.glyphs.border
  const cells: { text: string; tone: Tone }[] = Array.from({ length: plotWidth }, () => ({
    text: horizontal,
    tone: 'muted',
  }))
  for (const event of listVisibleEvents(plot))
    cells[toColumn(plot, event.time)] = { text: event.sign, tone: event.tone }
  const zero: readonly StyledText[] =
    labelWidth === 0 ? [] : [{ text: `${formatTick(format, 0).padStart(labelWidth - 2)} ${corner}`, tone: 'muted' }]
  const times: readonly StyledText[] = [{ text: `${' '.repeat(labelWidth)}${formatTimes(plot)}`, tone: 'muted' }]
  return [formatLine(pen, [...zero, ...cells], width), formatLine(pen, times, width)]
}

// Labels begin at their tick; one that would touch the label before it is left out, and the last may have no room for its date.
function formatTimes(plot: Plot): string {
  const { begin, end, plotWidth } = plot
  let text = ''
  for (const { time, label } of listTicks(plot)) {
    const column = Math.round(((time - begin) / (end - begin)) * plotWidth)
    const fitting = [label, dropDate(label)].find(({ length }) => column + length <= plotWidth)
    if (column < text.length || fitting === undefined) continue
    text += `${' '.repeat(column - text.length)}${fitting} `
  }
  return text.trimEnd()
}

// At session times. Where the clock was set within the range, each part has ticks of its own clock.
function listTicks(plot: Plot): readonly TimeTick[] {
  const { begin, end, plotWidth } = plot
  return listClockSegments(plot, begin, end).flatMap(({ wallClock, ...part }) => {
    const width = Math.round(((part.end - part.begin) / (end - begin)) * plotWidth)
    const ticks = listTimeTicks(wallClock + part.begin, wallClock + part.end, width)
    return ticks.map(({ time, label }) => ({ time: time - wallClock, label }))
  })
}

/** Draws the texts of the newest events that fit, oldest first: `✖ 05:00 OOM KILL ×3  ▲ 23:25 PINNED CACHE`. One text is shown once. */
export function drawEventLabels(plot: Plot, pen: Pen, width: number): string {
  const room = width - plot.labelWidth
  const [begin, end] = [computeWallTime(plot, plot.begin), computeWallTime(plot, plot.end)]
  const labels: (readonly StyledText[])[] = []
  let used = 0
  for (const { event, count } of groupByText(listVisibleEvents(plot))) {
    const times = count > 1 ? ` ×${count}` : ''
    const text = ` ${formatShortTime(computeWallTime(plot, event.time), begin, end)} ${event.text}${times}  `
    used += measureWidth(text) + 1
    if (used > room) break
    labels.unshift([
      { text: event.sign, tone: event.tone },
      { text, tone: 'muted' },
    ])
  }
  return formatLine(pen, [{ text: ' '.repeat(plot.labelWidth) }, ...labels.flat()], width)
}

// One entry for each text, with its newest event; newest first.
function groupByText(events: readonly ChartEvent[]): readonly { readonly event: ChartEvent; readonly count: number }[] {
  const groups = new Map<string, { readonly event: ChartEvent; readonly count: number }>()
  for (const event of [...events].sort((a, b) => a.time - b.time))
    if (event.text !== '') groups.set(event.text, { event, count: (groups.get(event.text)?.count ?? 0) + 1 })
  return [...groups.values()].sort((a, b) => b.event.time - a.event.time)
}

// Columns are on fixed times, so the first may begin a little after the range: what happened at its start is kept.
const listVisibleEvents = ({ events = [], begin, end, plotWidth }: Plot): readonly ChartEvent[] =>
  events.filter(({ time }) => time >= begin - (end - begin) / plotWidth && time <= end)

const toColumn = ({ begin, end, plotWidth }: Plot, time: number): number =>
  Math.min(plotWidth - 1, Math.max(0, Math.floor(((time - begin) / (end - begin)) * plotWidth)))
