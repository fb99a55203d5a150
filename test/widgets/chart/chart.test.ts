// The chart widget: golden charts, and what must hold for every chart.
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { formatBytes, formatCount, formatShortBytes } from '../../../src/base/format.ts'
import { appendPoint, createSeries, getValueAt, type Series } from '../../../src/base/series.ts'
import { DAY, GiB, HOUR, MINUTE } from '../../../src/base/units.ts'
import { drawChart } from '../../../src/widgets/chart/chart.ts'
import type { ChartEvent, ChartOptions } from '../../../src/widgets/chart/chart-options.ts'
import { createPen } from '../../../src/widgets/pen.ts'
import { pickCases } from '../../full.ts'

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
  ['ahead', { ...two, end: 48 * HOUR, newest: 36 * HOUR }, 60, 10],
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
      for (let width = 1; width <= 140; width += pickCases(15, 9))
        for (let height = 1; height <= 30; height += pickCases(5, 3))
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

  test('has a legend that is never cut: shorter, in two lines, or without its last entries', () => {
    const names = ['slab', 'anon', 'free']
    for (const format of [bytes, { ...bytes, formatShort: formatShortBytes }])
      for (let width = 24; width <= 140; width++) {
        const lines = drawChart(pen, { ...stack, format }, { width, height: 14 }).slice(0, 2)
        expect(lines[0], `at ${width}`).toMatch(/▒ slab \S/)
        expect(lines[0], `at ${width}`).not.toMatch(/…/)
        if (width >= 50) for (const name of names) expect(lines.join(' '), `at ${width}`).toContain(` ${name} `)
      }
  })

  test('draws a limit across it, and the whole as a line, shaded below, behind a part', () => {
    const lines = drawChart(
      pen,
      {
        ...base,
        series: [{ name: 'part', series: saw, tone: 'accent' }],
        backdrop: { name: 'whole', series: leak, tone: 'muted' },
        limit: 50 * GiB,
      },
      { width: 90, height: 14 },
    )
    expect(lines[0]).toMatch(/█ part .*░ whole 40.0 GiB {2}─ limit 50.0 GiB/)
    expect(lines.filter(line => /[┤│]─{70,}$/.test(line))).toHaveLength(1)
    expect(lines.join('')).toMatch(/█░|▄░|░░/)
    expect(lines.join('')).toMatch(/[⠀-⣿]{7}░/)
  })

  test('counts in whole numbers, and has no ticks that read the same', () => {
    for (const highest of [0, 1, 2, 3, 7])
      for (let height = 6; height < 40; height += 3) {
        const series = buildSeries(MINUTE, 1000, time => (time > 30_000 ? highest : 0))
        const lines = drawChart(
          pen,
          { ...minute, format: { ...counts, whole: true }, series: [{ name: 'kills', series, tone: 'accent' }] },
          { width: 60, height },
        )
        const ticks = lines.flatMap(line => /^ *(\d+) ┤/.exec(line)?.[1] ?? [])
        expect(new Set(ticks).size, `${ticks}`).toBe(ticks.length)
      }
  })

  test('has round ticks: no 1000 MiB, which are 0.98 GiB', () => {
    for (const [size, height] of [0.3, 0.9, 3, 70].flatMap(most =>
      [6, 9, 13, 20, 39].map(rows => [most, rows] as const),
    )) {
      const series = buildSeries(MINUTE, 1000, () => size * GiB)
      const lines = drawChart(
        pen,
        { ...minute, format: bytes, series: [{ name: 'x', series, tone: 'accent' }] },
        { width: 60, height },
      )
      const ticks = lines.flatMap(line => /([\d.]+) GiB ┤/.exec(line)?.[1] ?? [])
      expect(ticks.filter(tick => (Number(tick) * 8) % 1 !== 0 && (Number(tick) * 10) % 1 !== 0)).toEqual([])
    }
  })

  test('shows what happened at the very beginning of the range', () => {
    const events = [{ time: 0, sign: '▲', tone: 'warning', text: 'START' }] as const
    for (let width = 40; width < 160; width += 7)
      expect(drawChart(pen, { ...area, events }, { width, height: 14 }).join()).toContain('START')
  })

  test('has no dates within a day, and one at the first tick and each change where there are more', () => {
    const labels = (begin: number, end: number): string =>
      drawChart(pen, { ...area, begin, end, events: [] }, { width: 120, height: 10 }).at(-1)!
    expect(labels(0, 6 * HOUR)).not.toMatch(/Wed|Thu/)
    expect(labels(0, 36 * HOUR)).toMatch(/Wed 4 Mar 12:00.*Thu 5 Mar 00:00/)
    expect(labels(0, 36 * HOUR).match(/Thu 5 Mar/g)).toHaveLength(1)
    const narrow = drawChart(pen, { ...area, end: 15 * HOUR, events: [] }, { width: 60, height: 10 }).at(-1)
    expect(narrow, 'no room for the date').toMatch(/Wed 4 Mar 12:00.* Thu 00:00 *$/)
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

test('cuts no time on its axis, whatever its width and end', () => {
  for (let width = 30; width < 160; width += 7)
    for (let end = MINUTE; end < 2 * MINUTE; end += 700)
      expect(drawChart(pen, { ...minute, end }, { width, height: 8 }).at(-1), `${width} ${end}`).not.toContain('…')
})
