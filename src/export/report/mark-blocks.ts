// The part of a report about marks: memory at each, and how it changed since the mark before.
import { formatBytes, formatPlural, formatSignedBytes } from '../../base/format.ts'
import { type Block, type Cell, formatTime } from './block.ts'
import type { ReportData } from './report-data.ts'
import { MARK_FIELDS, type ReportMark } from './report-marks.ts'

const MAX_MARKS = 60

/** The table of marks; empty without any. */
export function listMarkBlocks(data: ReportData): readonly Block[] {
  const { marks } = data
  if (marks.length === 0) return []
  const left = Math.max(0, marks.length - MAX_MARKS)
  const rows = marks.slice(left).map((mark, i) => buildRow(mark, marks[left + i - 1], data))
  return [
    { kind: 'heading', level: 2, text: 'Marks' },
    ...(left > 0 ? [{ kind: 'text', text: `${formatPlural(left, 'earlier mark')} left out.` } as const] : []),
    {
      kind: 'table',
      caption: 'Memory at each mark, and its change since the mark before',
      head: ['time', 'mark', ...MARK_FIELDS],
      rows,
    },
  ]
}

function buildRow(mark: ReportMark, before: ReportMark | undefined, data: ReportData): readonly Cell[] {
  const values = mark.values.map((value, i) => ({ text: describeValue(value, before?.values[i]), isNumber: true }))
  return [{ text: formatTime(data, mark.time) }, { text: mark.text }, ...values]
}

function describeValue(value: number | undefined, before: number | undefined): string {
  if (value === undefined) return 'unknown'
  return before === undefined ? formatBytes(value) : `${formatBytes(value)} (${formatSignedBytes(value - before)})`
}
