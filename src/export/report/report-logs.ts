// Application logs of a report: what they held, and lines and errors per second over time.
import { getValueAt, type Series } from '../../base/series.ts'
import type { AppLogs } from '../../collectors/applog/index.ts'
import { type AppLogSummary, summarizeAppLogs } from '../app-logs.ts'
import { type ChartData, listBucketTimes, type ReportSpan } from './chart-data.ts'

/** A log with its rates over the time of the report. */
export interface ReportLog {
  readonly summary: AppLogSummary
  readonly chart: ChartData
}

const MAX_LOGS = 8
const LEAST_WINDOW = 2000 // ms that a rate covers: logs are counted about once per second

/** Returns the logs with the most errors first. */
export const buildLogs = (logs: AppLogs, span: ReportSpan): readonly ReportLog[] =>
  summarizeAppLogs(logs)
    .slice(0, MAX_LOGS)
    .map(summary => {
      const { lines, errors } = logs.get(summary.name)!
      const times = listBucketTimes(span.begin, span.end)
      const series = [
        { name: 'lines', values: listRates(lines, times) },
        { name: 'errors', values: listRates(errors, times) },
      ]
      const title = `${summary.name}: lines and errors per second`
      return {
        summary,
        chart: { title, unit: 'count', isStacked: false, times: times.map(time => span.chartClock + time), series },
      }
    })

// A log has no values before its first line.
function listRates(series: Series, times: readonly number[]): readonly number[] {
  const window = Math.max(LEAST_WINDOW, (times[1] ?? 0) - (times[0] ?? 0))
  const count = (time: number): number => getValueAt(series, time) ?? 0
  return times.map(time => ((count(time) - count(time - window)) * 1000) / window)
}
