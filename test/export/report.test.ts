// A report of a recording: sums, peaks, escaping, size. What a browser makes of it: test/e2e/report.test.ts.
import { describe, expect, test } from 'vitest'
import { formatDateTime } from '../../src/base/format.ts'
import { appendPoint, createSeries } from '../../src/base/series.ts'
import { GiB } from '../../src/base/units.ts'
import { escapeMarkdown } from '../../src/export/markup-text.ts'
import { buildLineChart } from '../../src/export/report/chart-data.ts'
import { formatHtml } from '../../src/export/report/html.ts'
import { formatReportMarkdown } from '../../src/export/report/markdown.ts'
import { buildRamChart } from '../../src/export/report/ram-layers.ts'
import { buildReportData, type ReportData } from '../../src/export/report/report-data.ts'
import { appendReading, createHistory, type History } from '../../src/history.ts'

const session = {
  host: '<b>node</b>',
  kernel: '6.1.0',
  bootId: 'b',
  wallClock: Date.UTC(2026, 10, 27, 12),
  interval: 1000,
  pageSize: 4096,
}
const HOSTILE = '</script><img src=x onerror=alert(1)>"\'`|\x1b[31m'

function recordDay(): History {
  let history = createHistory(session)
  for (let minute = 0; minute <= 24 * 60; minute++) {
    const time = minute * 60_000
    const slab = 100_000 + minute * 500
    const meminfo = `MemTotal: 8388608 kB\nMemFree: ${6_000_000 - minute * 500} kB\nCached: 1000000 kB\nShmem: 50000 kB\nBuffers: 1000 kB\nAnonPages: ${minute === 700 ? 900_000 : 500_000} kB\nSReclaimable: 50000 kB\nSUnreclaim: ${slab} kB\nKernelStack: 5000 kB\nPageTables: 7000 kB\n`
    history = appendReading(history, { time, collector: 'meminfo', files: { '/proc/meminfo': meminfo } })
  }
  return history
}

const history = recordDay()

test('what changed is measured from the first value where the recording begins before it', () => {
  const begin = -30
  const { memory } = buildReportData({ title: 'x', history, alerts: [], events: [], begin, samples: 1441, damage: [] })
  expect(memory.find(({ name }) => name === 'MemTotal')).toBeUndefined()
  expect(memory.find(({ name }) => name === 'SUnreclaim')).toMatchObject({
    before: 100_000 * 1024,
    end: 820_000 * 1024,
  })
})

const span = { begin: 0, end: history.time, wallClock: session.wallClock, chartClock: session.wallClock }

function build(): ReportData {
  return buildReportData({
    title: HOSTILE,
    history,
    alerts: [
      {
        detector: 'slab-growth',
        subject: 'slab',
        kind: 'condition',
        severity: 'critical',
        title: 'SLAB GROWTH',
        summary: HOSTILE,
        since: 0,
        at: 1,
        raisedAt: 0,
        seenAt: 1,
        evidence: [{ key: 'x', name: HOSTILE, value: HOSTILE, unit: 'text' }],
        evidenceSeries: ['meminfo SUnreclaim'],
        remedy: [{ text: HOSTILE, command: HOSTILE, risk: 'none' }],
      },
    ],
    events: [{ time: 5000, kind: 'mark', text: HOSTILE }],
    begin: 0,
    samples: 1441,
    damage: [HOSTILE],
  })
}

test('the layers of all RAM sum to MemTotal at every moment', () => {
  const chart = buildRamChart(history, span)!
  for (const i of chart.times.keys()) {
    const sum = chart.series.reduce((total, { values }) => total + values[i]!, 0)
    expect(Math.abs(sum - 8 * GiB)).toBeLessThan(4096)
  }
})

test('a peak of one sample in a day stays in the chart', () => {
  const chart = buildLineChart('x', 'bytes', [{ name: 'AnonPages', series: history.meminfo.series.AnonPages! }], span)
  expect(Math.max(...chart.series[0]!.values.map(value => value ?? 0))).toBe(900_000 * 1024)
})

test('what was not known yet is no zero', () => {
  const late = appendPoint(createSeries(), 50_000, 7)
  const chart = buildLineChart('x', 'count', [{ name: 'late', series: late }], {
    begin: 0,
    end: 100_000,
    wallClock: 0,
    chartClock: 0,
  })
  expect(chart.series[0]!.values[0]).toBe(null)
  expect(chart.series[0]!.values.at(-1)).toBe(7)
})

describe('the page', () => {
  const html = formatHtml(build(), { script: 'draw()</script>', style: 'p{}' })

  test('holds no markup of a name, anywhere', () => {
    expect(html).not.toMatch(/<img|<b>node|\x1b/)
    expect(html.match(/<\/script>/g)).toHaveLength(2)
  })

  test('forbids every request, and names no address', () => {
    expect(html).toContain(`content="default-src 'none'`)
    expect(html.replaceAll(/w3\.org\S*/g, '')).not.toMatch(/https?:\/\//)
  })

  test('of a day stays under a megabyte', () => {
    expect(html.length).toBeLessThan(1_000_000)
  })
})

test('Markdown holds no markup of a name', () => {
  const markdown = formatReportMarkdown(build())
  expect(markdown).not.toMatch(/<img|<b>|\x1b|\|\x1b/)
  expect(markdown).toContain('## SLAB GROWTH')
  expect(escapeMarkdown('python3[1] (70.1 MiB) my_cache _x_ http://e.org www.e.org a@b')).toBe(
    'python3\\[1\\] (70.1 MiB) my_cache &#95;x&#95; http&#58;//e.org www&#46;e.org a&#64;b',
  )
})

test('behind a step of the wall clock texts have the clock of their moment, and the step is named', () => {
  const wallClock = session.wallClock + 3_600_000
  const clockSteps = [{ time: 60_000, wallClock, kind: 'step', by: 3_600_000 } as const]
  const stepped = { ...build(), span: { ...span, clockSteps } }
  const text = formatReportMarkdown(stepped)
  const written = (time: number): string => formatDateTime(time)
  expect(text).toContain(`${written(session.wallClock)} to ${written(wallClock + span.end)}`)
  expect(text).toContain(`The wall clock jumped 1 h forward at ${written(session.wallClock + 60_000)}`)
})

test('an application log has its rates over time and the patterns of its errors', () => {
  const text = (minute: number): string => `${minute} ${minute} 0\n${minute} ERROR ${HOSTILE} N`
  const logged = [60, 600, 1200].reduce(
    (before, minute) =>
      appendReading(before, { time: minute * 60_000, collector: 'applog', files: { [HOSTILE]: text(minute) } }),
    createHistory(session),
  )
  const data = buildReportData({
    title: 'x',
    history: logged,
    alerts: [],
    events: [],
    begin: 0,
    samples: 3,
    damage: [],
  })
  const [log] = data.logs
  expect(log?.summary).toMatchObject({ lines: 1860, errors: 1860, patterns: [{ count: 1860 }] })
  const [lines] = log!.chart.series
  expect(Math.max(...(lines!.values as number[]))).toBeCloseTo(10, 1) // per second: 1,200 lines within a step of 120 s
  const html = formatHtml(data, { script: '', style: '' })
  expect(html).toContain('<h2>Application logs</h2>')
  expect(html).not.toContain('<img')
})

test('marks are compared: memory at each, and its change since the mark before', () => {
  const events = [
    { time: 120 * 60_000, kind: 'mark', text: 'execution 1 | ended' },
    { time: 60 * 60_000, kind: 'mark', text: 'execution 1 starts' },
  ] as const
  const data = buildReportData({ title: 'x', history, alerts: [], events, begin: 0, samples: 3, damage: [] })
  const text = formatReportMarkdown(data)
  expect(text).toMatch(/\| execution 1 starts \| [\d.]+ GiB \| 488 MiB \| 127 MiB \|/)
  expect(text).toMatch(
    /\| execution 1 &#124; ended \| [\d.]+ GiB \(−[\d.]+ MiB\) \| 488 MiB \(0\) \| 156 MiB \(\+29\.3 MiB\) \|/,
  )
})

test('a kill from before the report begins is said to be one in its first line', () => {
  const data = build()
  const [one] = data.alerts
  const alert = { ...one!.alert, kind: 'event' as const, at: -600_000, summary: 'x' }
  const text = formatReportMarkdown({ ...data, alerts: [{ ...one!, alert }] })
  expect(text).toMatch(/^\*\*critical\*\* SLAB GROWTH \(10 min before this report begins\): x$/m)
})
