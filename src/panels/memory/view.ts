// What the Memory panel tells: where all RAM is, row by row, with pace and time left. Pure.
import { getFirstTime, getLatest, type Series } from '../../base/series.ts'
import { computeLargeKmalloc } from '../../collectors/large-kmalloc.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { Alert } from '../../detectors/alerts.ts'
import { estimateTimeLeft } from '../../detectors/exhaustion.ts'
import type { History } from '../../history.ts'
import type { Tone } from '../../widgets/pen.ts'
import { WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'

// What meminfo has no name for: they are parts of SUnreclaim and of what is unaccounted.
const LARGE = 'large kmalloc'
const SOCKETS = 'sockets'
type RowName = MeminfoSeries | typeof LARGE | typeof SOCKETS

export interface MemoryRow {
  readonly name: string
  readonly value: number
  readonly series: Series | undefined
  readonly perHour: number | undefined
  /** milliseconds until memory is gone at this pace */
  readonly left: number | undefined
  readonly tone: Tone
  readonly note: string
}

export interface Share {
  readonly name: string
  readonly bytes: number
}

export interface MemoryView {
  readonly total: number
  readonly shares: readonly Share[]
  readonly rows: readonly MemoryRow[]
}

// In the order they are shown; what is left out first when there is little room has the highest number.
const ROWS: readonly (readonly [name: RowName, rank: number])[] = [
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
  [LARGE, 12],
  [SOCKETS, 13],
  ['SwapUsed', 10],
]

/** At most `room` rows, the least telling left out; what an alert is about stays. */
export function memoryView(history: History, alerts: readonly Alert[], room: number): MemoryView {
  const { values } = history.meminfo
  const there = ROWS.filter(([name]) => isThere(history, name))
  const rank = ([name, among]: (typeof ROWS)[number]) => (toneOf(alerts, name) === 'normal' ? among : -1)
  const kept = new Set([...there].sort((a, b) => rank(a) - rank(b)).slice(0, room))
  return {
    total: values.get('MemTotal') ?? 0,
    shares: sharesOf(values),
    rows: there.filter(row => kept.has(row)).map(([name]) => rowOf(history, alerts, name)),
  }
}

// What is nothing and was nothing all the time needs no row.
function isThere({ meminfo: { values }, ...history }: History, name: RowName): boolean {
  if (name === 'SwapUsed') return (values.get('SwapTotal') ?? 0) > 0
  if (name === 'Hugetlb') return (values.get(name) ?? 0) > 0
  if (name === SOCKETS) return history.sockstat.bytes !== null
  if (name === LARGE) return history.slabinfo.total.length > 0
  return values.has(name)
}

/** The course of a row. */
export function memoryCourse(history: History, name: string): Series | undefined {
  if (name === SOCKETS) return history.sockstat.series.bytes
  if (name === LARGE) return computeLargeKmalloc(history.meminfo, history.slabinfo)
  return history.meminfo.series[name as MeminfoSeries]
}

function rowOf(history: History, alerts: readonly Alert[], name: RowName): MemoryRow {
  const series = memoryCourse(history, name)
  const pace = perHour(series, history.time - WINDOW, history.time)
  return {
    name,
    value: history.meminfo.values.get(name) ?? getLatest(series) ?? 0,
    series,
    perHour: pace,
    left: leftOf(history, name, pace),
    tone: toneOf(alerts, name),
    note: noteOf(history.meminfo.values, name),
  }
}

function toneOf(alerts: readonly Alert[], name: RowName): Tone {
  const alert = alerts.find(({ subject, resolvedAt }) => subject === name && resolvedAt === undefined)
  return alert ? (alert.severity === 'critical' ? 'critical' : 'warning') : 'normal'
}

const LEAST = 5 * 60_000 // ms of looking before a time left is told here; the detectors are quicker and say so in the banner

// Time left only where it means something: what is available falls, or what nobody can free rises, by 1 % of RAM an hour.
function leftOf(history: History, name: RowName, pace: number | undefined): number | undefined {
  const total = history.meminfo.values.get('MemTotal') ?? 0
  const series = memoryCourse(history, name)
  const known = history.time - ((series && getFirstTime(series)) ?? history.time)
  if (pace === undefined || known < LEAST || Math.abs(pace) < total / 100) return undefined
  if (name === 'MemAvailable') return pace < 0 ? estimateTimeLeft(history, { perHour: -pace }) : undefined
  return pace > 0 &&
    ['SUnreclaim', 'Percpu', 'VmallocUsed', 'unaccounted', 'PageTables', 'KernelStack', LARGE].includes(name)
    ? estimateTimeLeft(history, { perHour: pace })
    : undefined
}

function noteOf(values: ReadonlyMap<string, number>, name: RowName): string {
  if (name === LARGE) return 'in SUnreclaim from 5.4 on'
  if (name === SOCKETS) return 'TCP and UDP buffers'
  if (name === 'Cached') return 'incl. Shmem'
  if (name === 'SwapUsed') return `of ${Math.round((values.get('SwapTotal') ?? 0) / 2 ** 20)} MiB`
  return ''
}

function sharesOf(values: ReadonlyMap<string, number>): readonly Share[] {
  const of = (...names: readonly string[]): number => names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const cache = of('Cached', 'Buffers', 'SwapCached')
  const slab = values.get('Slab') ?? of('SReclaimable', 'SUnreclaim')
  const known = of('MemFree', 'AnonPages') + cache + slab + Math.max(0, of('unaccounted'))
  const kernel = Math.max(0, of('MemTotal') - known)
  return [
    { name: 'anon', bytes: of('AnonPages') },
    { name: 'cache', bytes: cache },
    { name: 'slab', bytes: slab },
    { name: 'kernel', bytes: kernel },
    { name: '?', bytes: Math.max(0, of('unaccounted')) },
    { name: 'free', bytes: of('MemFree') },
  ]
}
