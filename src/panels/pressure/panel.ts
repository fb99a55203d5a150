// The pressure panel: how long tasks stall on memory, and how hard the kernel works to reclaim it.

import { getVisibleHistory } from '../../app/state.ts'
import { formatAge, formatPercent, formatRate } from '../../base/format.ts'
import { computeRate, type Series } from '../../base/series.ts'
import type { VmstatCounter } from '../../collectors/vmstat.ts'
import type { History } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline, drawSparkline } from '../../widgets/sparkline.ts'
import { getSparklineSpan, type Panel, type PanelArea } from '../panel.ts'

export const pressurePanel: Panel = {
  id: 'pressure',
  title: 'Pressure',
  key: '8',
  name: 'Pressure',
  detectors: ['reclaim', 'writeback', 'fragmentation'],
  draw: (state, area) => {
    const history = getVisibleHistory(state)
    return [...drawPsi(history, area), ...drawReclaim(history, area), ...drawCacheDrops(history, area)].slice(
      0,
      area.height,
    )
  },
}

const NAME_WIDTH = 15
const VALUE_WIDTH = 9

function drawPsi(history: History, { pen, width }: PanelArea): readonly string[] {
  const { some, full, series } = history.pressure
  const sparkWidth = Math.min(40, Math.max(0, width - NAME_WIDTH - VALUE_WIDTH - 4))
  if (!some) {
    const source = history.sources.pressure
    return [
      formatLine(
        pen,
        [{ text: ` PSI             ${source?.hint ?? source?.error ?? 'no data yet'}`, tone: 'muted' }],
        width,
      ),
    ]
  }
  const drawRow = (name: string, avg: number, averages: Series): string => {
    const tone: Tone = avg >= 20 ? 'critical' : avg >= 5 ? 'warning' : 'normal'
    const spark = drawSeriesSparkline(averages, history.time, getSparklineSpan(history), sparkWidth, pen.glyphs, 5)
    return drawRateLine(pen, width, name, formatPercent(avg / 100), tone, spark)
  }
  return [
    drawRow('memory some', some.avg10, series.some),
    ...(full ? [drawRow('memory full', full.avg10, series.full)] : []),
  ]
}

const RATES: readonly (readonly [name: string, counter: VmstatCounter, loudFrom: number])[] = [
  ['direct scan', 'pgscan_direct', 1000],
  ['direct steal', 'pgsteal_direct', 1000],
  ['kswapd scan', 'pgscan_kswapd', 100_000],
  ['kswapd steal', 'pgsteal_kswapd', 100_000],
  ['allocstall', 'allocstall', 10],
  ['swap out', 'pswpout', 1000],
  ['swap in', 'pswpin', 1000],
]

function drawReclaim(history: History, { pen, width }: PanelArea): readonly string[] {
  const { series } = history.vmstat
  const noSwap = history.meminfo.values.get('SwapTotal') === 0
  const sparkWidth = Math.min(40, Math.max(0, width - NAME_WIDTH - VALUE_WIDTH - 4))
  return RATES.flatMap(([name, counter, warnFrom]) => {
    const counterSeries = series[counter]
    if (!counterSeries || (noSwap && name.startsWith('swap'))) return []
    const rate = computeRate(counterSeries, history.time, 3000) ?? 0
    const rates = sampleRates(counterSeries, history, sparkWidth)
    return [
      drawRateLine(
        pen,
        width,
        name,
        formatRate(rate),
        rate >= warnFrom ? 'warning' : 'normal',
        drawSparkline(rates, pen.glyphs, { low: 0, high: Math.max(warnFrom / 10, ...rates.map(value => value ?? 0)) }),
      ),
    ]
  })
}

// Writes to drop_caches during the session: they explain a sudden fall of the caches.
function drawCacheDrops(history: History, { pen, width }: PanelArea): readonly string[] {
  return (['drop_pagecache', 'drop_slab'] as const).flatMap(name => {
    const dropSeries = history.vmstat.series[name]
    const times = dropSeries ? dropSeries.values[dropSeries.length - 1]! - dropSeries.values[0]! : 0
    if (!dropSeries || times === 0) return []
    const last = formatAge(history.time - dropSeries.times[dropSeries.length - 1]!)
    return [
      formatLine(
        pen,
        [
          { text: ` ${name.padEnd(NAME_WIDTH)}` },
          { text: `${times} ×`.padStart(VALUE_WIDTH), tone: 'warning' },
          { text: `  last ${last}` },
        ],
        width,
      ),
    ]
  })
}

function sampleRates(series: Series, history: History, width: number): readonly (number | undefined)[] {
  const now = history.time
  const step = getSparklineSpan(history) / Math.max(1, width)
  const end = Math.floor(now / step) * step + step
  return Array.from({ length: width }, (_, i) => computeRate(series, Math.min(now, end - (width - 1 - i) * step), step))
}

function drawRateLine(pen: Pen, width: number, name: string, value: string, tone: Tone, spark: string): string {
  const parts: readonly StyledText[] = [
    { text: ` ${name.padEnd(NAME_WIDTH)}` },
    { text: value.padStart(VALUE_WIDTH), tone },
    { text: '  ' },
    { text: spark, tone: tone === 'normal' ? 'accent' : tone },
  ]
  return formatLine(pen, parts, width)
}
