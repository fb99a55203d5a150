// Sparklines: eight heights between least and most, on fixed times.
import { describe, expect, test } from 'vitest'
import { appendPoint, createSeries, type Series } from '../../src/base/series.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { drawSeriesSparkline, drawSparkline } from '../../src/widgets/sparkline.ts'

const { glyphs } = createPen({ level: 0, ascii: false })
const seriesOf = (...points: readonly (readonly [number, number])[]): Series =>
  points.reduce((series, [time, value]) => appendPoint(series, time, value), createSeries())

describe('values', () => {
  test('are drawn between their minimum and maximum', () => {
    // the full block would touch the row above
    expect(drawSparkline([0, 1, 2, 3, 4, 5, 6, 7], glyphs)).toBe('▁▂▃▄▄▅▆▇')
    expect(drawSparkline([7e12, 0], glyphs)).toBe('▇▁')
  })

  test('that are equal are drawn low, unknown ones blank', () => {
    expect(drawSparkline([5, 5, 5], glyphs)).toBe('▁▁▁')
    expect(drawSparkline([undefined, 1, undefined, 2], glyphs)).toBe(' ▁ ▇')
    expect(drawSparkline([], glyphs)).toBe('')
    expect(drawSparkline([undefined], glyphs)).toBe(' ')
  })

  test('outside a given range are clamped', () => {
    expect(drawSparkline([-5, 0, 10, 99], glyphs, { low: 0, high: 10 })).toBe('▁▁▇▇')
  })
})

describe('a sparkline of a series', () => {
  test('has one cell per time step and ends with the newest value', () => {
    const series = seriesOf([0, 0], [30_000, 7])
    expect(drawSeriesSparkline(series, { now: 60_000, span: 60_000, width: 6, glyphs })).toBe('▁▁▇▇▇▇'.slice(0, 6))
    expect(drawSeriesSparkline(series, { now: 60_000, span: 60_000, width: 6, glyphs })).toHaveLength(6)
  })

  test('is blank before it begins', () => {
    expect(
      drawSeriesSparkline(seriesOf([50_000, 1], [55_000, 2]), { now: 60_000, span: 60_000, width: 6, glyphs }).slice(
        0,
        3,
      ),
    ).toBe('   ')
    expect(drawSeriesSparkline(undefined, { now: 0, span: 60_000, width: 4, glyphs })).toBe('    ')
    expect(drawSeriesSparkline(createSeries(), { now: 0, span: 60_000, width: 4, glyphs })).toBe('    ')
  })

  test('keeps the height of a bar while time passes', () => {
    const series = seriesOf(...Array.from({ length: 100 }, (_, i) => [i * 1000, (i * 7) % 13] as const))
    const at = (now: number): string =>
      drawSeriesSparkline(series, { now: now, span: 60_000, width: 6, glyphs }).slice(0, -1)
    for (let now = 100_000; now < 110_000; now += 700) expect(at(now)).toBe(at(100_000))
  })

  test('draws no bars for noise below the minimum range', () => {
    const series = seriesOf([0, 1000], [20_000, 1001], [40_000, 1000])
    expect(drawSeriesSparkline(series, { now: 60_000, span: 60_000, width: 6, glyphs, minRange: 100 })).toBe('▁▁▁▁▁▁')
  })

  test('fills the axis of a young session from the left: only the newest cell changes', () => {
    const points = [
      [0, 0],
      [12_000, 7],
      [32_000, 0],
    ] as const
    const at = (now: number): string => {
      const view = { now, span: 60_000, ahead: 60_000 - now, width: 6, glyphs, minRange: 7 }
      return drawSeriesSparkline(seriesOf(...points.filter(([time]) => time <= now)), view)
    }
    expect([at(5000), at(25_000), at(35_000)]).toEqual(['▁     ', '▁▇▇   ', '▁▇▇▁  '])
    expect(at(60_000)).toBe('▁▇▇▁▁▁')
  })

  test('has exactly the width', () => {
    for (let width = 0; width < 50; width++)
      expect(
        drawSeriesSparkline(seriesOf([0, 1], [500, 2]), { now: 1e6, span: 900_000, width: width, glyphs }),
      ).toHaveLength(width)
  })
})
