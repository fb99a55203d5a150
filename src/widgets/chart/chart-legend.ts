// Legend of a chart: each series with its sign and its value at the cursor, or its newest value.
import { getLatest, getValueAt } from '../../base/series.ts'
import { formatLine, type StyledText } from '../cells.ts'
import type { Pen } from '../pen.ts'
import type { ChartSeries, Plot } from './chart.ts'

/** Draws the legend in one line: `█ anon 115 GiB  ▓ cache 109 GiB`. */
export function drawLegend(plot: Plot, pen: Pen, width: number): string {
  const { series, stacked, cursor, format, end } = plot
  const parts = series.flatMap((one, i): readonly StyledText[] => {
    const value = cursor === undefined ? getLatest(one.series) : getValueAt(one.series, Math.min(cursor, end))
    return [
      { text: getSign(one, i, stacked === true, pen), tone: one.tone },
      { text: ` ${one.name} `, tone: 'muted' },
      { text: `${value === undefined ? '?' : format.format(value)}   ` },
    ]
  })
  return formatLine(pen, [{ text: ' '.repeat(plot.labelWidth) }, ...parts], width)
}

function getSign({ fill }: ChartSeries, index: number, stacked: boolean, pen: Pen): string {
  const area = pen.glyphs.spark.at(-1)!
  if (stacked) return fill ?? area
  return index === 0 ? area : (pen.glyphs.line ?? '⠒')
}
