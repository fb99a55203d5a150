// Rows of the memory panel: where all RAM is, with rate and time left. Pure.

import { getLatest, type Series } from '../../base/series.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { RamPart } from '../../collectors/ram-groups.ts'
import type { Alert } from '../../detectors/alerts.ts'
import type { History } from '../../history.ts'
import type { Tone } from '../../widgets/pen.ts'
import { getCounterTone } from '../alert-tones.ts'
import { computeMemoryForecast, findAlertForecast, type ShownForecast } from '../hourly-rate.ts'
import { GROWTH_WINDOW } from '../panel.ts'
import { listRowSources, ROW, type RowSource } from './row-sources.ts'

/** A line of the memory panel. Sizes are in bytes. */
export interface MemoryRow {
  readonly name: string
  readonly value: number
  readonly series: Series | undefined
  readonly perHour: number | undefined
  /** instead of `perHour` where there is too little data for an hour */
  readonly perMinute: number | undefined
  /** ms until memory runs out at this rate */
  readonly timeLeft: number | undefined
  readonly tone: Tone
  readonly note: string
}

/** A part of the bar of RAM. */
export interface MemoryShare {
  readonly name: RamPart
  readonly bytes: number
}

/** What the memory panel is drawn from. */
export interface MemoryView {
  readonly total: number
  readonly shares: readonly MemoryShare[]
  readonly rows: readonly MemoryRow[]
}

/** Returns at most `room` rows; rows of low importance are dropped first, rows with an alert stay. */
export function buildMemoryView(history: History, alerts: readonly Alert[], room: number): MemoryView {
  const present = listRowSources(history)
  const kept = new Set(selectRows(present, alerts, room))
  return {
    total: history.meminfo.values.get('MemTotal') ?? 0,
    shares: listShares(history),
    rows: sortTroubleFirst(present.filter(row => kept.has(row)).map(row => buildMemoryRow(history, alerts, row))),
  }
}

function selectRows(present: readonly RowSource[], alerts: readonly Alert[], room: number): readonly RowSource[] {
  if (present.length <= room) return present
  const ranked = present.map(row => ({ row, rank: getCounterTone(alerts, row.name) === 'normal' ? row.rank : -1 }))
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, room)
    .map(({ row }) => row)
}

const TONE_RANK: Partial<Record<Tone, number>> = { critical: 0, warning: 1 }

// Counters that an alert is about come first; the others keep their order.
const sortTroubleFirst = (rows: readonly MemoryRow[]): readonly MemoryRow[] =>
  rows.toSorted((a, b) => (TONE_RANK[a.tone] ?? 2) - (TONE_RANK[b.tone] ?? 2))

function buildMemoryRow(history: History, alerts: readonly Alert[], source: RowSource): MemoryRow {
  const { name, value, series, note } = source
  const forecast: ShownForecast | undefined =
    findAlertForecast(alerts, name) ?? computeMemoryForecast(history, series, history.time - GROWTH_WINDOW, name)
  return {
    name,
    value,
    series,
    perHour: forecast?.perHour,
    perMinute: forecast?.perMinute,
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
  'SecPageTables',
  'KernelStack',
  ROW.largeKmalloc,
])

// In the order of the bar. What is unknown (in the view of a container, before a first sample) has no share.
const SHARES: readonly RamPart[] = ['anon', 'cache', 'slab', 'kernel', 'unaccounted', 'free']

const listShares = ({ meminfo: { parts } }: History): readonly MemoryShare[] =>
  SHARES.flatMap(name => {
    const bytes = getLatest(parts[name])
    return bytes === undefined ? [] : [{ name, bytes }]
  })
