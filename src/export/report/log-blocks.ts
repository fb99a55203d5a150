// Application logs in a report: lines and errors per second over time, and the patterns of the errors.
import { formatCount } from '../../base/format.ts'
import { getValueAt, type Series } from '../../base/series.ts'
import type { AppLogs } from '../../collectors/applog/index.ts'
import { type AppLogSummary, cutLine, describeAppLog, summarizeAppLogs } from '../app-logs.ts'
import type { Block } from './block.ts'
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

/** The part about logs; empty where none was counted. */
export function listLogBlocks(logs: readonly ReportLog[]): readonly Block[] {
  if (logs.length === 0) return []
  return [
    { kind: 'heading', level: 2, text: 'Application logs' },
    ...logs.flatMap(({ summary, chart }): readonly Block[] => [
      { kind: 'text', text: `${describeAppLog(summary)} since the session began.` },
      { kind: 'chart', chart },
      ...listPatterns(summary),
    ]),
  ]
}

function listPatterns({ name, patterns }: AppLogSummary): readonly Block[] {
  if (patterns.length === 0) return []
  const hasText = patterns.some(({ text }) => text !== null)
  return [
    {
      kind: 'table',
      caption: `Errors of ${name}, most frequent first`,
      head: ['errors', 'pattern', ...(hasText ? ['newest line'] : [])],
      rows: patterns.map(({ pattern, count, text }) => [
        { text: formatCount(count), isNumber: true },
        { text: cutLine(pattern) },
        ...(hasText ? [{ text: cutLine(text ?? '') }] : []),
      ]),
    },
  ]
}
