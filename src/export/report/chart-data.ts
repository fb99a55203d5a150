// Chart data of a report: series thinned to what a chart can show. A peak never disappears.

import { appendAll } from '../../base/extremes.ts'
import { getValueAt, type Series, slicePoints } from '../../base/series.ts'
import type { SessionClock } from '../../base/wall-time.ts'
import type { EvidenceSeries } from '../../detectors/evidence-series.ts'

/** What happened at a moment, for the time axis. */
export interface ReportEvent {
  /** session time, ms */
  readonly time: number
  readonly kind: 'critical' | 'warning' | 'info' | 'kill' | 'mark' | 'gap'
  readonly text: string
}

/** A chart: all its series share the times. null: not known at that time. Times are milliseconds since 1970. */
export interface ChartData {
  readonly title: string
  readonly unit: EvidenceSeries['unit']
  /** series are layers on each other, the first at the bottom */
  readonly isStacked: boolean
  readonly times: readonly number[]
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

const BUCKETS = 300

interface NamedSeries {
  readonly name: string
  readonly series: Series
}

/** Two points per bucket of time: the least and the most value in it, in the order they occurred. */
export function buildLineChart(
  title: string,
  unit: ChartData['unit'],
  all: readonly NamedSeries[],
  { begin, end, chartClock }: ReportSpan,
): ChartData {
  const times = listBucketTimes(begin, end)
  const series = all.map(({ name, series: points }) => ({ name, values: thinToBuckets(points, times, end) }))
  return { title, unit, isStacked: false, times: times.map(time => Math.round(chartClock + time)), series }
}

/**
 * The part of a recording that a report is about: session milliseconds, and the wall clock. Charts need times that go on evenly: `chartClock`
 * is the clock of the end.
 */
export interface ReportSpan extends SessionClock {
  readonly begin: number
  readonly end: number
  readonly chartClock: number
}

/** Starts of the half buckets, and the end. */
export function listBucketTimes(begin: number, end: number): readonly number[] {
  const step = (end - begin) / (2 * BUCKETS)
  return step <= 0 ? [begin] : Array.from({ length: 2 * BUCKETS + 1 }, (_, i) => begin + i * step)
}

function thinToBuckets(series: Series, times: readonly number[], end: number): readonly (number | null)[] {
  const values: (number | null)[] = []
  for (let i = 0; i < times.length; i += 2) {
    const bucketEnd = times[i + 2] ?? end
    const { values: inside } = slicePoints(series, times[i]!, bucketEnd)
    const extremes = pickExtremes(inside)
    appendAll(values, i + 1 < times.length ? extremes : [getValueAt(series, times[i]!) ?? null])
  }
  return values
}

function pickExtremes(values: readonly number[]): readonly [number | null, number | null] {
  if (values.length === 0) return [null, null]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return values.indexOf(low) <= values.indexOf(high) ? [low, high] : [high, low]
}
