// Legend of a chart: each series with its sign and its value at the cursor, or its newest value. It is never cut.
import { getLatest, getValueAt, type Series } from '../../base/series.ts'
import { formatLine, measureWidth, type StyledText } from '../cells.ts'
import type { Pen } from '../pen.ts'
import type { Plot } from './chart-options.ts'

type Entry = readonly StyledText[]
type Format = (value: number) => string

/**
 * Draws the legend: `█ anon 115 GiB  ▓ cache 109 GiB`. Entries without room in one line are written shorter, then in up to
 * `maxLines` lines; the last entries are left out whole rather than cut.
 */
export function drawLegend(plot: Plot, pen: Pen, width: number, maxLines: number): readonly string[] {
  const { format, formatShort = format } = plot.format
  const time = describeTime(plot)
  const indents = [plot.labelWidth, 1]
  for (const write of [format, formatShort]) {
    const entries = [...time, ...listEntries(plot, pen, write)]
    const indent = indents.find(cells => packLines(entries, width - cells).length <= 1)
    if (indent !== undefined) return drawLines([entries], indent, pen, width)
  }
  const lines = packLines([...time, ...listEntries(plot, pen, formatShort)], width - 1)
  return drawLines(lines.slice(0, maxLines), 1, pen, width)
}

const drawLines = (lines: readonly (readonly Entry[])[], indent: number, pen: Pen, width: number): readonly string[] =>
  lines.map(entries => formatLine(pen, [{ text: ' '.repeat(indent) }, ...trimEnd(entries.flat())], width))

const trimEnd = (parts: Entry): Entry =>
  parts.map((part, i) => (i === parts.length - 1 ? { ...part, text: part.text.trimEnd() } : part))

const describeTime = ({ cursor, formatCursor }: Plot): readonly Entry[] =>
  cursor === undefined || !formatCursor ? [] : [[{ text: `${formatCursor(cursor)}  `, tone: 'key' }]]

function listEntries(plot: Plot, pen: Pen, format: Format): readonly Entry[] {
  const { series, backdrop, stack, limit, cursor, end } = plot
  const time = Math.min(cursor ?? end, end)
  const { spark, bar, border, line = '⠒' } = pen.glyphs
  const layers = stack?.layers.map(({ fill, tone, name, read }) => [fill, tone, name, read(time)] as const)
  const readNow = (one: Series): number | undefined => (cursor === undefined ? getLatest(one) : getValueAt(one, time))
  const lines = [...series, ...(backdrop ? [backdrop] : [])].map((one, i) => {
    const lineSign = one === backdrop ? bar[3]! : line
    return [i === 0 ? spark.at(-1)! : lineSign, one.tone, one.name, readNow(one.series)] as const
  })
  const limits = limit === undefined ? [] : [[border[4], 'critical', 'limit', limit] as const]
  return [...(layers ?? lines), ...limits].map(([sign, tone, name, value]) => [
    { text: sign, tone },
    { text: ` ${name} `, tone: 'muted' },
    { text: `${value === undefined ? '?' : format(value)}  ` },
  ])
}

const measureEntry = (entry: Entry): number => entry.reduce((sum, { text }) => sum + measureWidth(text), 0)

// The two blanks after the last entry of a line need no room.
function packLines(entries: readonly Entry[], room: number): readonly (readonly Entry[])[] {
  const lines: Entry[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const cells = measureEntry(entry)
    if (used + cells - 2 > room) {
      lines.push([])
      used = 0
    }
    lines.at(-1)!.push(entry)
    used += cells
  }
  return lines
}
