// The pressure panel: how long tasks stall on memory, and how hard the kernel works to reclaim it.

import { getVisibleHistory } from '../../app/state.ts'
import { formatAge, formatPercent, formatRate } from '../../base/format.ts'
import { isKernelBefore } from '../../base/kernel-version.ts'
import { computeRate, type Series } from '../../base/series.ts'
import type { VmstatCounter } from '../../collectors/vmstat.ts'
import { listDetectorsAbout } from '../../detectors/index.ts'
import type { History } from '../../history.ts'
import { formatLine, type StyledText } from '../../widgets/cells.ts'
import type { Tone } from '../../widgets/pen.ts'
import { drawSeriesSparkline, drawSparkline } from '../../widgets/sparkline.ts'
import { drawMessage } from '../../widgets/wrap.ts'
import type { Panel, PanelArea } from '../panel.ts'
import { listPressureGraphs } from '../panel-graphs.ts'

export const pressurePanel: Panel = {
  id: 'pressure',
  title: 'Pressure',
  key: '8',
  name: 'Pressure',
  graphs: listPressureGraphs,
  beside: { panel: 'memory' },
  detectors: listDetectorsAbout('pressure'),
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

const getSparkWidth = (width: number): number => Math.max(0, width - NAME_WIDTH - VALUE_WIDTH - 4)

function getPsiTone(average: number): Tone {
  if (average >= 20) return 'critical'
  return average >= 5 ? 'warning' : 'normal'
}

function explainMissingPsi({ sources: { pressure }, session }: History): string {
  return (
    pressure?.hint ?? pressure?.error ?? (isKernelBefore(session.kernel, 4, 20) ? 'not in this kernel' : 'not read')
  )
}

function drawPsi(history: History, area: PanelArea): readonly string[] {
  const { some, full, series } = history.pressure
  const { pen, width, span, ahead = 0 } = area
  if (!some) {
    return drawMessage(pen, explainMissingPsi(history), area, ' PSI             ')
  }
  const drawRow = (name: string, avg: number, averages: Series): string => {
    const view = { now: history.time, span, ahead, width: getSparkWidth(width), glyphs: pen.glyphs, minRange: 5 }
    const spark = drawSeriesSparkline(averages, view)
    return drawRateLine(area, { name, value: formatPercent(avg / 100), tone: getPsiTone(avg), spark })
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

function drawReclaim(history: History, area: PanelArea): readonly string[] {
  const { series } = history.vmstat
  const noSwap = history.meminfo.values.get('SwapTotal') === 0
  return RATES.flatMap(([name, counter, warnFrom]) => {
    const counterSeries = series[counter]
    if (!counterSeries || (noSwap && name.startsWith('swap'))) return []
    const rate = computeRate(counterSeries, history.time, 3000) ?? 0
    const rates = sampleRates(counterSeries, history.time, area)
    const high = Math.max(warnFrom / 10, ...rates.map(value => value ?? 0))
    const tone: Tone = rate >= warnFrom ? 'warning' : 'normal'
    return [
      drawRateLine(area, {
        name,
        value: formatRate(rate),
        tone,
        spark: drawSparkline(rates, area.pen.glyphs, { low: 0, high }),
      }),
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

// The newest rate is the last one, or the last before the part of the axis that is still blank.
function sampleRates(
  series: Series,
  now: number,
  { span, ahead = 0, width: room }: PanelArea,
): readonly (number | undefined)[] {
  const width = getSparkWidth(room)
  const step = span / Math.max(1, width)
  const end = ahead > 0 ? now + ahead : Math.floor(now / step) * step + step
  return Array.from({ length: width }, (_, i) => {
    const time = end - (width - 1 - i) * step
    return time - step >= now ? undefined : computeRate(series, Math.min(now, time), step)
  })
}

interface RateLine {
  readonly name: string
  readonly value: string
  readonly tone: Tone
  readonly spark: string
}

function drawRateLine({ pen, width }: PanelArea, { name, value, tone, spark }: RateLine): string {
  const parts: readonly StyledText[] = [
    { text: ` ${name.padEnd(NAME_WIDTH)}` },
    { text: value.padStart(VALUE_WIDTH), tone },
    { text: '  ' },
    { text: spark, tone: tone === 'normal' ? 'accent' : tone },
  ]
  return formatLine(pen, parts, width)
}
