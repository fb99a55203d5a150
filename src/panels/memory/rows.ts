// Rows of the memory panel: where all RAM is, with rate and time left. Pure.

import { getLatest, type Series } from '../../base/series.ts'
import { MiB } from '../../base/units.ts'
import { computeLargeKmalloc } from '../../collectors/large-kmalloc.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { History } from '../../history.ts'
import type { Tone } from '../../widgets/pen.ts'
import { getCounterTone } from '../alert-tones.ts'
import { computeMemoryForecast, findAlertForecast } from '../hourly-rate.ts'
import { GROWTH_WINDOW } from '../panel.ts'

// Rows that meminfo has no name for: parts of SUnreclaim and of the unaccounted memory.
const LARGE_KMALLOC_ROW = 'large kmalloc'
const SOCKETS_ROW = 'sockets'
type MemoryRowName = MeminfoSeries | typeof LARGE_KMALLOC_ROW | typeof SOCKETS_ROW

export interface MemoryRow {
  readonly name: string
  readonly value: number
  readonly series: Series | undefined
  readonly perHour: number | undefined
  /** ms until memory runs out at this rate */
  readonly timeLeft: number | undefined
  readonly tone: Tone
  readonly note: string
}

export interface MemoryShare {
  readonly name: string
  readonly bytes: number
}

export interface MemoryView {
  readonly total: number
  readonly shares: readonly MemoryShare[]
  readonly rows: readonly MemoryRow[]
}

// In the order of the screen; rows with the highest rank are dropped first when there is little room.
const ROWS: readonly (readonly [name: MemoryRowName, rank: number])[] = [
  ['MemAvailable', 0],
  ['AnonPages', 2],
  ['Cached', 3],
  ['SReclaimable', 5],
  ['SUnreclaim', 1],
  ['KernelStack', 9],
  ['PageTables', 8],
  ['Percpu', 6],
  ['VmallocUsed', 7],
  ['unaccounted', 4],
  ['Hugetlb', 11],
  [LARGE_KMALLOC_ROW, 12],
  [SOCKETS_ROW, 13],
  ['SwapUsed', 10],
]

/** Returns at most `room` rows; rows of low importance are dropped first, rows with an alert stay. */
export function buildMemoryView(history: History, alerts: readonly Alert[], room: number): MemoryView {
  const { values } = history.meminfo
  const present = ROWS.filter(([name]) => isPresent(history, name))
  const getPriority = ([name, priority]: (typeof ROWS)[number]) =>
    getCounterTone(alerts, name) === 'normal' ? priority : -1
  const kept = new Set([...present].sort((a, b) => getPriority(a) - getPriority(b)).slice(0, room))
  return {
    total: values.get('MemTotal') ?? 0,
    shares: computeShares(values),
    rows: sortTroubleFirst(present.filter(row => kept.has(row)).map(([name]) => buildMemoryRow(history, alerts, name))),
  }
}

const TONE_RANK: Partial<Record<Tone, number>> = { critical: 0, warning: 1 }

// Counters that an alert is about come first; the others keep their order.
const sortTroubleFirst = (rows: readonly MemoryRow[]): readonly MemoryRow[] =>
  rows.toSorted((a, b) => (TONE_RANK[a.tone] ?? 2) - (TONE_RANK[b.tone] ?? 2))

// A counter that was always zero needs no row.
function isPresent({ meminfo: { values }, ...history }: History, name: MemoryRowName): boolean {
  if (name === 'SwapUsed') return (values.get('SwapTotal') ?? 0) > 0
  if (name === 'Hugetlb') return (values.get(name) ?? 0) > 0
  if (name === SOCKETS_ROW) return history.sockstat.bytes !== null
  if (name === LARGE_KMALLOC_ROW) return history.slabinfo.total.length > 0
  return values.has(name)
}

/** Returns the series of a row. */
export function getMemorySeries(history: History, name: string): Series | undefined {
  if (name === SOCKETS_ROW) return history.sockstat.series.bytes
  if (name === LARGE_KMALLOC_ROW) return computeLargeKmalloc(history.meminfo, history.slabinfo)
  return history.meminfo.series[name as MeminfoSeries]
}

function buildMemoryRow(history: History, alerts: readonly Alert[], name: MemoryRowName): MemoryRow {
  const series = getMemorySeries(history, name)
  const forecast =
    findAlertForecast(alerts, name) ?? computeMemoryForecast(history, series, history.time - GROWTH_WINDOW, name)
  return {
    name,
    value: history.meminfo.values.get(name) ?? getLatest(series) ?? 0,
    series,
    perHour: forecast?.perHour,
    timeLeft: TIME_LEFT_ROWS.has(name) ? forecast?.timeLeft : undefined,
    tone: getCounterTone(alerts, name),
    note: getRowNote(history.meminfo.values, name),
  }
}

/** Rows with a time left: available memory, and memory that cannot be reclaimed. */
const TIME_LEFT_ROWS: ReadonlySet<string> = new Set<MemoryRowName>([
  'MemAvailable',
  'SUnreclaim',
  'Percpu',
  'VmallocUsed',
  'unaccounted',
  'PageTables',
  'KernelStack',
  LARGE_KMALLOC_ROW,
])

function getRowNote(values: ReadonlyMap<string, number>, name: MemoryRowName): string {
  if (name === LARGE_KMALLOC_ROW) return 'part of SUnreclaim since 5.4'
  if (name === SOCKETS_ROW) return 'TCP and UDP buffers'
  if (name === 'Cached') return ''
  if (name === 'SwapUsed') return `of ${Math.round((values.get('SwapTotal') ?? 0) / MiB)} MiB`
  return ''
}

function computeShares(values: ReadonlyMap<string, number>): readonly MemoryShare[] {
  const sumValues = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const cache = sumValues('Cached', 'Buffers', 'SwapCached')
  const slab = values.get('Slab') ?? sumValues('SReclaimable', 'SUnreclaim')
  const known = sumValues('MemFree', 'AnonPages') + cache + slab + Math.max(0, sumValues('unaccounted'))
  const kernel = Math.max(0, sumValues('MemTotal') - known)
  return [
    { name: 'anon', bytes: sumValues('AnonPages') },
    { name: 'cache', bytes: cache },
    { name: 'slab', bytes: slab },
    { name: 'kernel', bytes: kernel },
    { name: '?', bytes: Math.max(0, sumValues('unaccounted')) },
    { name: 'free', bytes: sumValues('MemFree') },
  ]
}
