// Legend of a chart: each series with its sign and its value at the cursor, or its newest value.
import { getLatest, getValueAt } from '../../base/series.ts'
import { formatLine, type StyledText } from '../cells.ts'
import type { Pen } from '../pen.ts'
import type { Plot } from './chart-options.ts'

/** Draws the legend in one line: `█ anon 115 GiB  ▓ cache 109 GiB`. */
export function drawLegend(plot: Plot, pen: Pen, width: number): string {
  const { series, stack, cursor, end } = plot
  const time = Math.min(cursor ?? end, end)
  const layers = stack?.layers.map(({ fill, tone, name, read }) => [fill, tone, name, read(time)] as const)
  const lines = series.map(
    (one, i) =>
      [
        i === 0 ? pen.glyphs.spark.at(-1)! : (pen.glyphs.line ?? '⠒'),
        one.tone,
        one.name,
        cursor === undefined ? getLatest(one.series) : getValueAt(one.series, time),
      ] as const,
  )
  const build = (format: (value: number) => string): readonly StyledText[] =>
    (layers ?? lines).flatMap(([sign, tone, name, value]) => [
      { text: sign, tone },
      { text: ` ${name} `, tone: 'muted' },
      { text: `${value === undefined ? '?' : format(value)}  ` },
    ])
  const { format, formatShort = format } = plot.format
  const full = build(format)
  const length = full.reduce((sum, { text }) => sum + text.length, 0)
  const parts = length > width - plot.labelWidth ? build(formatShort) : full
  return formatLine(pen, [{ text: ' '.repeat(plot.labelWidth) }, ...parts], width)
}
