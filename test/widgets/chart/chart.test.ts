// The chart widget: golden charts, and what must hold for every chart.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatCount } from '../../../src/base/format.ts'
import { appendPoint, createSeries, getValueAt, type Series } from '../../../src/base/series.ts'
import { DAY, GiB, HOUR, MINUTE } from '../../../src/base/units.ts'
import { drawChart } from '../../../src/widgets/chart/chart.ts'
import type { ChartEvent, ChartOptions } from '../../../src/widgets/chart/chart-options.ts'
import { createPen } from '../../../src/widgets/pen.ts'

const pen = createPen({ level: 0, ascii: false })
const asciiPen = createPen({ level: 0, ascii: true })
const bytes = { binary: true, format: formatBytes }
const counts = { binary: false, format: formatCount }
const NOON = new Date(2026, 2, 4, 12, 0, 0).getTime() // Wed 4 Mar

const buildSeries = (span: number, step: number, compute: (time: number) => number): Series => {
  let series = createSeries(10_000)
  for (let time = 0; time <= span; time += step) series = appendPoint(series, time, compute(time))
  return series
}

const leak = buildSeries(36 * HOUR, 5 * MINUTE, time => 2 * GiB + (time / (36 * HOUR)) ** 2 * 38 * GiB)
const saw = buildSeries(36 * HOUR, 5 * MINUTE, time => (8 + 6 * ((time / (3 * HOUR)) % 1)) * GiB)
const rest = buildSeries(36 * HOUR, 5 * MINUTE, time => 64 * GiB - getValueAt(leak, time)! - getValueAt(saw, time)!)

const base = { begin: 0, end: 36 * HOUR, wallClock: NOON, format: bytes }
const area: ChartOptions = {
  ...base,
  series: [{ name: 'SUnreclaim', series: leak, tone: 'critical' }],
  events: [
    { time: 4 * HOUR, sign: '▲', tone: 'warning', text: 'KMEM LEAK' },
    { time: 30 * HOUR, sign: '✖', tone: 'critical', text: 'OOM KILL' },
  ],
}
const two: ChartOptions = {
  ...base,
  series: [
    { name: 'SUnreclaim', series: leak, tone: 'critical' },
    { name: 'cgroup', series: saw, tone: 'accent' },
  ],
}
const stack: ChartOptions = {
  ...base,
  top: 64 * GiB,
  series: [],
  stack: {
    lowest: rest,
    layers: [
      { name: 'slab', tone: 'warning', fill: '▒', read: time => getValueAt(leak, time) },
      { name: 'anon', tone: 'accent', fill: '█', read: time => getValueAt(saw, time) },
      { name: 'free', tone: 'muted', fill: '·', read: time => getValueAt(rest, time) },
    ],
  },
}
const minute: ChartOptions = {
  ...base,
  end: MINUTE,
  format: counts,
  series: [{ name: 'objects', series: buildSeries(MINUTE, 1000, time => time * 20), tone: 'good' }],
}

const GOLDEN: readonly (readonly [string, ChartOptions, number, number])[] = [
  ['area', area, 100, 18],
  ['lines', two, 100, 16],
  ['stacked', stack, 100, 18],
  ['minute', minute, 60, 10],
  ['cursor', { ...area, cursor: 18 * HOUR }, 80, 12],
  ['young', { ...area, begin: -12 * HOUR }, 60, 8],
]

const withSign = (event: ChartEvent, { glyphs }: typeof pen): ChartEvent => ({
  ...event,
  sign: event.tone === 'critical' ? glyphs.critical : glyphs.warning,
})

test.each(GOLDEN)('draws the golden chart %s', async (name, options, width, height) => {
  const draw = (by: typeof pen): string =>
    drawChart(by, { ...options, events: (options.events ?? []).map(event => withSign(event, by)) }, { width, height })
      .map(by.encodeLine)
      .map(line => `${line}|`)
      .join('\n')
  await expect(`${draw(pen)}\n\n${draw(asciiPen)}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
})

describe('every chart', () => {
  test('fills its size exactly', () => {
    for (const options of [
      area,
      two,
      stack,
      minute,
      { ...area, series: [{ ...area.series[0]!, series: createSeries() }] },
    ])
      for (let width = 1; width <= 140; width += 9)
        for (let height = 1; height <= 30; height += 3)
          for (const by of [pen, createPen({ level: 3, ascii: true })]) {
            const lines = drawChart(by, options, { width, height })
            expect(lines).toHaveLength(height)
            expect(lines.filter(line => stringWidth(stripVTControlCharacters(line)) !== width)).toEqual([])
          }
  })

  test('keeps a peak of one sample in a week', () => {
    const quiet = buildSeries(7 * DAY, MINUTE, time => (time === 3 * DAY ? 40 * GiB : GiB))
    const lines = drawChart(
      pen,
      { ...base, end: 7 * DAY, series: [{ name: 'x', series: quiet, tone: 'normal' }] },
      { width: 60, height: 12 },
    )
    expect(lines[1]).toMatch(/[▁-█▒]/)
  })

  test('has no dates within a day, and one at the first tick and each change where there are more', () => {
    const labels = (begin: number, end: number): string =>
      drawChart(pen, { ...area, begin, end, events: [] }, { width: 120, height: 10 }).at(-1)!
    expect(labels(0, 6 * HOUR)).not.toMatch(/Wed|Thu/)
    expect(labels(0, 36 * HOUR)).toMatch(/Wed 4 Mar 12:00.*Thu 5 Mar 00:00/)
    expect(labels(0, 36 * HOUR).match(/Thu 5 Mar/g)).toHaveLength(1)
  })

  test('does not change while time passes within a column', () => {
    const at = (end: number): string => drawChart(pen, { ...area, end }, { width: 70, height: 10 }).join('\n')
    expect(at(30 * HOUR + 5000)).toBe(at(30 * HOUR + 1000))
  })
})

test('a stacked column sums to the top at every moment', () => {
  const lines = drawChart(pen, stack, { width: 100, height: 18 }).slice(1, -2)
  const plot = lines.map(line => line.slice(line.search(/[┤│]/) + 1))
  for (let column = 0; column < 85; column++) {
    const cells = plot.map(line => line[column])
    expect(
      cells.filter(cell => cell === ' '),
      `column ${column}`,
    ).toEqual([])
  }
})
