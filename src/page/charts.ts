// The script of a report page: draws the charts of the embedded data with uPlot. Runs in a browser, requests nothing.
import uPlot from 'uplot'

interface Chart {
  readonly title: string
  readonly unit: 'bytes' | 'count' | 'percent'
  readonly isStacked: boolean
  readonly times: readonly number[]
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

interface PageEvent {
  readonly time: number
  readonly kind: string
  readonly text: string
}

interface PageData {
  readonly charts: readonly Chart[]
  readonly events: readonly PageEvent[]
}

const data = JSON.parse(document.getElementById('report-data')?.textContent ?? '{"charts":[],"events":[]}') as PageData
const HEIGHT = 240
const BINARY_STEPS = Array.from({ length: 50 }, (_, i) => 2 ** i)
const COUNT_STEPS = Array.from({ length: 36 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3))
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

function formatValue(value: number | null | undefined, unit: Chart['unit']): string {
  if (value === null || value === undefined) return 'n/a'
  if (unit === 'percent') return `${value.toFixed(1)} %`
  if (unit === 'count') return Math.round(value).toLocaleString('en')
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)))
  const scaled = value / 1024 ** power
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(scaled))))) // three figures
  return `${scaled.toFixed(power === 0 ? 0 : digits)} ${UNITS[power]}`
}

// 24 h and UTC, with the date where the span is longer than a day.
function formatTime(seconds: number, span: number): string {
  const text = new Date(seconds * 1000).toISOString()
  const clock = span < 600 ? text.slice(11, 19) : text.slice(11, 16)
  return span > 86_400 ? `${text.slice(5, 10)} ${clock}` : clock
}

const getColour = (index: number): string =>
  getComputedStyle(document.documentElement)
    .getPropertyValue(`--s${index % 8}`)
    .trim()
const getTextColour = (): string => getComputedStyle(document.documentElement).getPropertyValue('--text').trim()

const EVENT_COLOURS: Readonly<Record<string, string>> = {
  critical: '--critical',
  kill: '--critical',
  warning: '--warning',
}

// A vertical line for each event; one drawing hook, no element per event.
function drawEvents(plot: uPlot): void {
  const { ctx, bbox } = plot
  const style = getComputedStyle(document.documentElement)
  ctx.save()
  ctx.lineWidth = devicePixelRatio
  for (const { time, kind } of data.events) {
    const x = plot.valToPos(time / 1000, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = style.getPropertyValue(EVENT_COLOURS[kind] ?? '--muted')
    ctx.setLineDash(kind === 'kill' || kind === 'critical' ? [] : [4, 4])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
}

// Layers of a stacked chart become their sums, drawn from the top so that each covers the ones below.
function buildColumns({ isStacked, series, times }: Chart): (number | null)[][] {
  const seconds = times.map(time => time / 1000)
  if (!isStacked) return [seconds, ...series.map(({ values }) => [...values])]
  let below: (number | null)[] = seconds.map(() => 0)
  const sums = series.map(({ values }) => {
    below = values.map((value, i) => (value === null ? null : value + (below[i] ?? 0)))
    return below
  })
  return [seconds, ...sums.reverse()]
}

function buildSeries(chart: Chart): uPlot.Series[] {
  const order = chart.isStacked ? chart.series.toReversed() : chart.series
  return order.map(({ name, values }, i) => {
    const colour = getColour(chart.isStacked ? order.length - 1 - i : i)
    // without a cursor, as in print, the last values
    const format = (_: uPlot, __: number | null, ___: number, at: number | null): string =>
      formatValue(values[at ?? values.length - 1], chart.unit)
    return { label: name, stroke: colour, width: 1.5, value: format, ...(chart.isStacked ? { fill: colour } : {}) }
  })
}

function drawChart(figure: HTMLElement, chart: Chart): uPlot {
  const target = figure.querySelector<HTMLElement>('.plot')!
  const span = (chart.times.at(-1)! - chart.times[0]!) / 1000
  target.replaceChildren()
  const axis = { stroke: getTextColour, grid: { stroke: 'rgba(128,128,128,0.25)', width: 1 } }
  return new uPlot(
    {
      width: figure.clientWidth,
      height: HEIGHT,
      padding: [null, 40, null, null],
      cursor: { sync: { key: 'report' } },
      series: [
        {
          label: 'time (UTC)',
          value: (_, seconds) =>
            new Date(seconds === null ? chart.times.at(-1)! : seconds * 1000)
              .toISOString()
              .slice(0, 19)
              .replace('T', ' '),
        },
        ...buildSeries(chart),
      ],
      scales: { y: { range: (_, __, high) => [0, high === null || high <= 0 ? 1 : high * 1.05] } },
      axes: [
        {
          ...axis,
          values: (_, splits) => splits.map(seconds => formatTime(seconds, span)),
          space: span > 86_400 ? 90 : 60,
        },
        {
          ...axis,
          size: 80,
          values: (_, splits) => splits.map(value => formatValue(value, chart.unit)),
          ...(chart.unit === 'percent' ? {} : { incrs: chart.unit === 'bytes' ? BINARY_STEPS : COUNT_STEPS }),
        },
      ],
      hooks: { draw: [drawEvents] },
    },
    buildColumns(chart) as uPlot.AlignedData,
    target,
  )
}

// Arrow keys move the cursor of a chart that has the focus, as the mouse does: the legend shows the values there.
function followKeys(target: HTMLElement, plot: uPlot): void {
  target.tabIndex = 0
  target.setAttribute('role', 'group')
  const last = plot.data[0].length - 1
  target.onkeydown = event => {
    const at = plot.cursor.idx ?? (event.key === 'ArrowLeft' ? last + 1 : -1)
    const step = event.shiftKey ? 10 : 1
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: at - step,
      ArrowRight: at + step,
      Home: 0,
      End: last,
    }
    const wanted = targets[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    const seconds = plot.data[0][Math.min(last, Math.max(0, wanted))]!
    plot.setCursor({ left: plot.valToPos(seconds, 'x'), top: 0 })
  }
}

function drawAll(): () => void {
  const plots = [...document.querySelectorAll<HTMLElement>('[data-chart]')].flatMap(figure => {
    const chart = data.charts[Number(figure.dataset.chart)]
    if (!chart || chart.times.length < 2) return []
    const plot = drawChart(figure, chart)
    followKeys(figure.querySelector<HTMLElement>('.plot')!, plot)
    return [{ figure, plot }]
  })
  const resize = (): void => {
    for (const { figure, plot } of plots) plot.setSize({ width: figure.clientWidth, height: HEIGHT })
  }
  addEventListener('resize', resize)
  return () => {
    removeEventListener('resize', resize)
    for (const { plot } of plots) plot.destroy()
  }
}

let clear = drawAll()
// the colours of a canvas do not follow the page's
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  clear()
  clear = drawAll()
})
document.documentElement.dataset.ready = String(document.querySelectorAll('canvas').length)
