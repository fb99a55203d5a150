// What a report of a recording shows, as one value: charts, alerts, kills, growth, and what could not be seen.

import { getLatest, getValueAt, getValueOrFirst, type Series } from '../../base/series.ts'
import { collectorIds, getCollector } from '../../collectors/index.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { Alert } from '../../detectors/alerts.ts'
import { findEvidenceSeries } from '../../detectors/evidence-series.ts'
import { formatHolder } from '../../detectors/holders/format-holder.ts'
import { describeForgottenKills } from '../../detectors/oom/forgotten-kills.ts'
import { type History, isFailing } from '../../history.ts'
import { buildLineChart, type ChartData, type ReportEvent, type ReportSpan } from './chart-data.ts'
import { buildRamChart } from './ram-layers.ts'
import { buildKills, type ReportKill } from './report-kills.ts'
import { buildLogs, type ReportLog } from './report-logs.ts'
import { buildMarks, type ReportMark } from './report-marks.ts'

/** An alert with the chart that proves it; no chart where none of its series was recorded. */
export interface ReportAlert {
  readonly alert: Alert
  readonly charts: readonly ChartData[]
  /** who holds the memory, in words */
  readonly holders: readonly string[]
}

/** Something that grew from the start to the end of the report; sizes in bytes. */
export interface Growth {
  readonly name: string
  readonly before: number
  readonly peak: number
  readonly end: number
}

/** All that the page of a report shows. */
export interface ReportData {
  readonly title: string
  readonly host: string
  readonly kernel: string
  readonly span: ReportSpan
  readonly samples: number
  readonly overview: readonly ChartData[]
  readonly events: readonly ReportEvent[]
  readonly alerts: readonly ReportAlert[]
  readonly kills: readonly ReportKill[]
  readonly logs: readonly ReportLog[]
  readonly marks: readonly ReportMark[]
  readonly memory: readonly Growth[]
  readonly caches: readonly Growth[]
  readonly cgroups: readonly Growth[]
  /** source and why it could not be read */
  readonly unseen: readonly (readonly [source: string, reason: string])[]
  readonly damage: readonly string[]
}

/** What the report is made from: the state after the last sample, and what happened before. */
export interface ReportInput {
  readonly title: string
  readonly history: History
  readonly alerts: readonly Alert[]
  readonly events: readonly ReportEvent[]
  readonly begin: number
  readonly samples: number
  readonly damage: readonly string[]
}

const MAX_ROWS = 15
const MAX_ALERT_CHARTS = 8

/** Collects what a report shows of the window from `begin` (session ms) to the time of the history. */
export function buildReportData({ history, begin, ...input }: ReportInput): ReportData {
  const { session } = history
  const span = {
    begin,
    end: history.time,
    wallClock: session.wallClock,
    clockSteps: session.clockSteps,
    chartClock: toWallTime(session, history.time) - history.time,
  }
  return {
    ...input,
    host: session.host,
    kernel: session.kernel,
    span,
    overview: buildOverview(history, span),
    alerts: buildAlerts(history, input.alerts, span),
    kills: buildKills(history, begin),
    logs: buildLogs(history.applog, span),
    marks: buildMarks(history, input.events),
    memory: rankGrowth(Object.entries(history.meminfo.series), span),
    caches: rankGrowth(
      history.slabinfo.caches.map(({ name, series }) => [labelCache(history, name), series]),
      span,
    ),
    cgroups: rankGrowth(
      [...history.cgroups.cgroups.values()].map(({ path, series }) => [path, series]),
      span,
    ),
    unseen: listUnseen(history),
  }
}

const labelCache = ({ slab }: History, name: string): string =>
  `${name}${isReclaimable(slab, name) ? ' (reclaimable)' : ''}`

const OVERVIEW: readonly (readonly [title: string, names: readonly string[]])[] = [
  [
    'Kernel memory',
    [
      'meminfo SUnreclaim',
      'meminfo SReclaimable',
      'meminfo KernelStack',
      'meminfo PageTables',
      'meminfo Percpu',
      'meminfo unaccounted',
    ],
  ],
  ['Memory that can still be used', ['meminfo MemAvailable', 'meminfo SwapUsed']],
  ['Cgroups', ['cgroups directories', 'cgroups numCgroups', 'cgroups dying']],
  ['Tasks stalled on memory (PSI)', ['psi some', 'psi full']],
]

function buildOverview(history: History, span: ReportSpan): readonly ChartData[] {
  const ram = buildRamChart(history, span)
  const lines = OVERVIEW.flatMap(([title, names]) => buildChart(history, title, names, span))
  return ram ? [ram, ...lines] : lines
}

// Series of different units cannot share an axis: one chart per unit.
function buildChart(history: History, title: string, names: readonly string[], span: ReportSpan): readonly ChartData[] {
  const found = names.flatMap(name => findEvidenceSeries(history, name) ?? [])
  const units = [...new Set(found.map(({ unit }) => unit))]
  return units.map(unit =>
    buildLineChart(
      title,
      unit,
      found.filter(one => one.unit === unit),
      span,
    ),
  )
}

const buildAlerts = (history: History, alerts: readonly Alert[], span: ReportSpan): readonly ReportAlert[] =>
  alerts.map((alert, i) => ({
    alert,
    holders: (alert.holders ?? []).map(holder => formatHolder(history, holder)),
    charts: i < MAX_ALERT_CHARTS ? buildChart(history, alert.title, alert.evidenceSeries ?? [], span) : [],
  }))

function rankGrowth(entries: readonly (readonly [string, Series])[], { begin, end }: ReportSpan): readonly Growth[] {
  return entries
    .flatMap(([name, series]) => {
      const last = getLatest(series)
      if (last === undefined) return []
      const inside = series.values.slice(0, series.length).filter((_, i) => series.times[i]! >= begin)
      return [
        {
          name,
          // a source is read for the first time a moment after the recording began
          before: getValueOrFirst(series, begin) ?? last,
          peak: Math.max(last, ...inside),
          end: getValueAt(series, end) ?? last,
        },
      ]
    })
    .filter(({ before, end: after }) => before !== after)
    .sort((a, b) => Math.abs(b.end - b.before) - Math.abs(a.end - a.before))
    .slice(0, MAX_ROWS)
}

function listUnseen(history: History): readonly (readonly [string, string])[] {
  const { sources } = history
  const unread = collectorIds.flatMap(id => {
    const source = sources[id]
    // clock steps, marks and logs are no source of the node that could be missing
    if (!source) return getCollector(id).external ? [] : [[id, 'not in this recording'] as const]
    if (!isFailing(source)) return []
    return [[id, source.hint === undefined ? source.error : `${source.error}: ${source.hint}`] as const]
  })
  const forgotten = describeForgottenKills(history)
  return forgotten === undefined ? unread : [...unread, ['OOM kills', forgotten]]
}
