// Rows of the memory panel: where all RAM is, with rate and time left. Pure.

import type { Series } from '../../base/series.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { RamGroup } from '../../collectors/ram-identity.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { History } from '../../history.ts'
import type { Tone } from '../../widgets/pen.ts'
import { getCounterTone } from '../alert-tones.ts'
import { computeMemoryForecast, findAlertForecast } from '../hourly-rate.ts'
import { GROWTH_WINDOW } from '../panel.ts'
import { listRowSources, ROW, type RowSource } from './row-sources.ts'

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

/** Returns at most `room` rows; rows of low importance are dropped first, rows with an alert stay. */
export function buildMemoryView(history: History, alerts: readonly Alert[], room: number): MemoryView {
  const present = listRowSources(history)
  const getPriority = ({ name, rank }: RowSource) => (getCounterTone(alerts, name) === 'normal' ? rank : -1)
  const kept = new Set(present.toSorted((a, b) => getPriority(a) - getPriority(b)).slice(0, room))
  return {
    total: history.meminfo.values.get('MemTotal') ?? 0,
    shares: computeShares(history),
    rows: sortTroubleFirst(present.filter(row => kept.has(row)).map(row => buildMemoryRow(history, alerts, row))),
  }
}

const TONE_RANK: Partial<Record<Tone, number>> = { critical: 0, warning: 1 }

// Counters that an alert is about come first; the others keep their order.
const sortTroubleFirst = (rows: readonly MemoryRow[]): readonly MemoryRow[] =>
  rows.toSorted((a, b) => (TONE_RANK[a.tone] ?? 2) - (TONE_RANK[b.tone] ?? 2))

function buildMemoryRow(history: History, alerts: readonly Alert[], source: RowSource): MemoryRow {
  const { name, value, series, note } = source
  const forecast =
    findAlertForecast(alerts, name) ?? computeMemoryForecast(history, series, history.time - GROWTH_WINDOW, name)
  return {
    name,
    value,
    series,
    perHour: forecast?.perHour,
    timeLeft: TIME_LEFT_ROWS.has(name) ? forecast?.timeLeft : undefined,
    tone: getCounterTone(alerts, name),
    note,
  }
}

/** Rows with a time left: available memory, and memory that cannot be reclaimed. */
const TIME_LEFT_ROWS: ReadonlySet<string> = new Set<MeminfoSeries | typeof ROW.largeKmalloc>([
  'MemAvailable',
  'SUnreclaim',
  'Percpu',
  'VmallocUsed',
  'unaccounted',
  'PageTables',
  'KernelStack',
  ROW.largeKmalloc,
])

// Without the account (a container's view, a first sample) the rest is not known, and no share of it is drawn.
function computeShares({ meminfo: { values, account } }: History): readonly MemoryShare[] {
  const sumValues = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const sumGroup = (group: RamGroup, fallback: number): number =>
    account ? account.terms.filter(term => term.group === group).reduce((sum, { bytes }) => sum + bytes, 0) : fallback
  const slab = values.get('Slab') ?? sumValues('SReclaimable', 'SUnreclaim')
  return [
    { name: 'anon', bytes: sumGroup('anon', sumValues('AnonPages')) },
    { name: 'cache', bytes: sumGroup('cache', sumValues('Cached', 'Buffers')) },
    { name: 'slab', bytes: sumGroup('slab', slab) },
    { name: 'kernel', bytes: sumGroup('kernel', 0) },
    { name: '?', bytes: Math.max(0, account?.unaccounted ?? 0) },
    { name: 'free', bytes: sumGroup('free', sumValues('MemFree')) },
  ]
}
