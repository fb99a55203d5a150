// A part of a report, independent of HTML or Markdown, and how times are written in it.
import { formatDateTime } from '../../base/format.ts'
import { toWallTime } from '../../collectors/wall-clock.ts'
import type { ChartData } from './chart-data.ts'
import type { ReportData } from './report-data.ts'

/** A cell of a table of the report. */
export interface Cell {
  readonly text: string
  readonly isNumber?: boolean
}

/** A piece of the report, before it is HTML or text. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly tone?: 'critical' | 'warning' | 'info' }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table'
      readonly caption: string
      readonly head: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
    }
  | { readonly kind: 'chart'; readonly chart: ChartData }

/** Formats a time of the session with its date. */
export const formatTime = ({ span }: ReportData, time: number): string => formatDateTime(toWallTime(span, time))
