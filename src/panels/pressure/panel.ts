// The Pressure panel: how long tasks wait for memory, and how hard the kernel searches for some.
import { formatAge, formatPercent, formatRate } from '../../base/format.ts'
import { computeRate, type Series } from '../../base/series.ts'
import type { VmstatCounter } from '../../collectors/vmstat.ts'
import type { History } from '../../history.ts'
import { getVisibleHistory } from '../../session/state.ts'
import { lineOf, type Part } from '../../widgets/cells.ts'
import type { Pen, Tone } from '../../widgets/pen.ts'
import { sparkline, sparkOf } from '../../widgets/sparkline.ts'
import { type Panel, type Place, spanOf } from '../panel.ts'

export const pressure: Panel = {
  id: 'pressure',
  title: 'Pressure',
  draw: (state, place) => {
    const history = getVisibleHistory(state)
    return [...psiLines(history, place), ...reclaimLines(history, place), ...dropLines(history, place)].slice(
      0,
      place.height,
    )
  },
}

const NAME = 15
const VALUE = 9

function psiLines(history: History, { pen, width }: Place): readonly string[] {
  const { some, full, series } = history.pressure
  const sparkWidth = Math.min(40, Math.max(0, width - NAME - VALUE - 4))
  if (!some) {
    const source = history.sources.pressure
    return [
      lineOf(pen, [{ text: ` PSI             ${source?.hint ?? source?.error ?? 'waiting'}`, tone: 'muted' }], width),
    ]
  }
  const row = (name: string, avg: number, course: Series): string => {
    const tone: Tone = avg >= 20 ? 'critical' : avg >= 5 ? 'warning' : 'normal'
    const spark = sparkOf(course, history.time, spanOf(history), sparkWidth, pen.glyphs, 5)
    return line(pen, width, name, formatPercent(avg / 100), tone, spark)
  }
  return [row('memory some', some.avg10, series.some), ...(full ? [row('memory full', full.avg10, series.full)] : [])]
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

function reclaimLines(history: History, { pen, width }: Place): readonly string[] {
  const { series } = history.vmstat
  const noSwap = history.meminfo.values.get('SwapTotal') === 0
  const sparkWidth = Math.min(40, Math.max(0, width - NAME - VALUE - 4))
  return RATES.flatMap(([name, counter, loudFrom]) => {
    const course = series[counter]
    if (!course || (noSwap && name.startsWith('swap'))) return []
    const rate = computeRate(course, history.time, 3000) ?? 0
    const rates = ratesOf(course, history, sparkWidth)
    return [
      line(
        pen,
        width,
        name,
        formatRate(rate),
        rate >= loudFrom ? 'warning' : 'normal',
        sparkline(rates, pen.glyphs, { low: 0, high: Math.max(loudFrom / 10, ...rates.map(value => value ?? 0)) }),
      ),
    ]
  })
}

// Somebody wrote to drop_caches while we looked: what fell then did not fall by itself.
function dropLines(history: History, { pen, width }: Place): readonly string[] {
  return (['drop_pagecache', 'drop_slab'] as const).flatMap(name => {
    const course = history.vmstat.series[name]
    const times = course ? course.values[course.length - 1]! - course.values[0]! : 0
    if (!course || times === 0) return []
    const last = formatAge(history.time - course.times[course.length - 1]!)
    return [
      lineOf(
        pen,
        [
          { text: ` ${name.padEnd(NAME)}` },
          { text: `${times} ×`.padStart(VALUE), tone: 'warning' },
          { text: `  last ${last}` },
        ],
        width,
      ),
    ]
  })
}

function ratesOf(course: Series, history: History, width: number): readonly (number | undefined)[] {
  const now = history.time
  const step = spanOf(history) / Math.max(1, width)
  const end = Math.floor(now / step) * step + step
  return Array.from({ length: width }, (_, i) =>
    computeRate(course, Math.min(now, end - (width - 1 - i) * step), step),
  )
}

function line(pen: Pen, width: number, name: string, value: string, tone: Tone, spark: string): string {
  const parts: readonly Part[] = [
    { text: ` ${name.padEnd(NAME)}` },
    { text: value.padStart(VALUE), tone },
    { text: '  ' },
    { text: spark, tone: tone === 'normal' ? 'accent' : tone },
  ]
  return lineOf(pen, parts, width)
}
