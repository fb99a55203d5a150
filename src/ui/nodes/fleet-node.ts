// The page of one node of a fleet: its alerts, its kills, and its last day in charts.
import { formatBytes, formatPlural, formatShortDuration } from '../../base/format.ts'
import { appendPoint, createSeries, type Series } from '../../base/series.ts'
import { countKills, describeKilled, type FleetNode } from '../../fleet/fleet.ts'
import type { Range } from '../../fleet/prometheus-answer.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import { drawChart } from '../../widgets/chart/chart.ts'
import type { Pen } from '../../widgets/pen.ts'
import { describeKernel } from './fleet-groups.ts'

/** The history of a node, from Prometheus: one range for each name. */
export interface NodeHistory {
  readonly ranges: Readonly<Record<string, Range | undefined>>
  /** seconds since 1970 */
  readonly begin: number
  readonly end: number
}

/** What the page of a node is drawn from. */
export interface NodeView {
  readonly node: FleetNode
  /** absent while it is read */
  readonly history: NodeHistory | undefined
  readonly problem: string | undefined
  /** the command that opens it live; absent: none was given */
  readonly liveCommand: string | undefined
}

const MAX_POINTS = 1200
const MAX_FACTS = 12

/** Draws exactly `height` lines of `width` cells. */
export function drawFleetNode(
  view: NodeView,
  pen: Pen,
  { width, height }: { readonly width: number; readonly height: number },
): readonly string[] {
  const { node, history, problem, liveCommand } = view
  const facts = listFacts(node).slice(0, Math.min(MAX_FACTS, Math.max(0, height - 8)))
  const head = [
    { text: ` ${node.name}`, tone: 'title' } as const,
    { text: `  kernel ${describeKernel(node) || 'unknown'}` },
  ]
  const room = height - 2 - facts.length
  const keys = ` esc back  ${liveCommand === undefined ? 'live: start with --via-template' : `enter live: ${liveCommand}`}  q quit`
  return [
    formatLine(pen, head, width),
    ...facts.map(fact => formatLine(pen, [fact], width)),
    ...(history ? drawHistory(history, pen, { width, height: room }) : drawWaiting(problem, pen, width, room)),
    formatLine(pen, [{ text: keys, tone: 'muted' }], width),
  ].slice(-height)
}

function listFacts(node: FleetNode): readonly StyledText[] {
  const { alerts, kills, timeLeft, growth, isReporting } = node
  const count = countKills(node)
  return [
    ...(isReporting
      ? []
      : [{ text: '  no data: Prometheus cannot reach kmemtop on this node', tone: 'warning' } as const]),
    ...alerts.map(
      ({ detector, severity }): StyledText => ({
        text: `  ${severity}: ${detector}`,
        tone: severity === 'info' ? 'normal' : severity,
      }),
    ),
    ...(timeLeft === undefined ? [] : [{ text: `  time left at the current rate: ${formatShortDuration(timeLeft)}` }]),
    ...(growth === undefined ? [] : [{ text: `  SUnreclaim grows by ${formatBytes(growth)} an hour` }]),
    ...(count === 0 ? [] : [{ text: `  ${formatPlural(count, 'OOM kill')} in the last hour` }]),
    ...kills.map(one => ({ text: `    ${describeKilled(one)}  ${one.count}` })),
  ]
}

function drawWaiting(problem: string | undefined, pen: Pen, width: number, height: number): readonly string[] {
  const text = problem === undefined ? '  reading the last day' : `  ${problem}`
  return [
    formatLine(pen, [{ text, tone: problem === undefined ? 'muted' : 'critical' }], width),
    ...Array.from({ length: Math.max(0, height - 1) }, () => ' '.repeat(width)),
  ]
}

// Charts below each other, of the same height; what does not fit is left out.
function drawHistory(
  { ranges, begin, end }: NodeHistory,
  pen: Pen,
  { width, height }: { readonly width: number; readonly height: number },
): readonly string[] {
  const names = Object.keys(ranges)
  const shown = names.slice(0, Math.max(1, Math.floor(height / 6)))
  const each = Math.floor(height / shown.length)
  const lines = shown.flatMap((name, i) => {
    const series = toSeries(ranges[name], begin)
    const own = i === 0 ? height - each * (shown.length - 1) : each
    if (series === undefined) return drawWaiting(`${name}: Prometheus has no data`, pen, width, own)
    const options = {
      begin: 0,
      end: (end - begin) * 1000,
      wallClock: begin * 1000,
      format: { binary: true, format: formatBytes },
    }
    return drawChart(pen, { ...options, series: [{ name, series, tone: 'accent' }] }, { width, height: own })
  })
  return lines.slice(0, height)
}

/** A range as a series of milliseconds after `begin`; undefined if it has no point. */
function toSeries(range: Range | undefined, begin: number): Series | undefined {
  if (!range || range.points.length === 0) return undefined
  return range.points.reduce(
    (series, [seconds, value]) => appendPoint(series, (seconds - begin) * 1000, value),
    createSeries(MAX_POINTS),
  )
}
