// Marks of a report: what memory was at each, so that two moments that somebody named can be compared.
import { getValueAt } from '../../base/series.ts'
import type { MeminfoSeries } from '../../collectors/meminfo.ts'
import type { History } from '../../history.ts'
import type { ReportEvent } from './chart-data.ts'

/** Numbers of /proc/meminfo that are shown at a mark. */
export const MARK_FIELDS = [
  'MemAvailable',
  'AnonPages',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
] as const satisfies readonly MeminfoSeries[]

/** A mark with the bytes of each of `MARK_FIELDS`; undefined where it was not known yet. */
export interface ReportMark {
  /** session time, ms */
  readonly time: number
  readonly text: string
  readonly values: readonly (number | undefined)[]
}

/** Returns the marks in the order of their times. */
export const buildMarks = ({ meminfo }: History, events: readonly ReportEvent[]): readonly ReportMark[] =>
  events
    .filter(({ kind }) => kind === 'mark')
    .sort((a, b) => a.time - b.time)
    .map(({ time, text }) => ({
      time,
      text,
      values: MARK_FIELDS.map(field => {
        const series = meminfo.series[field]
        return series && getValueAt(series, time)
      }),
    }))
