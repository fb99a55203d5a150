// The part of a report about application logs: their rates over time, and the patterns of their errors.
import { formatCount } from '../../base/format.ts'
import { type AppLogSummary, cutLine, describeAppLog } from '../app-logs.ts'
import type { Block } from './block.ts'
import type { ReportLog } from './report-logs.ts'

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
