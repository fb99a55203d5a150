// What application logs held: lines, errors, and the most frequent patterns of errors, for reports.
import { formatBytes, formatCount, formatPlural } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import type { AppLogs } from '../collectors/applog/index.ts'

/** Error lines that are alike: numbers, IDs, times and quoted text are masked. */
export interface ErrorPattern {
  readonly pattern: string
  readonly count: number
  /** the newest of these lines; null without `--log-text` */
  readonly text: string | null
}

/** A log since the session began. */
export interface AppLogSummary {
  readonly name: string
  readonly lines: number
  readonly errors: number
  /** error lines that are counted in a pattern: of very many per second the first ones */
  readonly errorsWithPattern: number
  /** bytes that came too fast to be read */
  readonly skippedBytes: number
  /** the most frequent first, ten at most */
  readonly patterns: readonly ErrorPattern[]
}

const MAX_LOGS = 20
const MAX_PATTERNS = 10

/** Returns the logs with the most errors first, twenty at most. */
export const summarizeAppLogs = (logs: AppLogs): readonly AppLogSummary[] =>
  [...logs]
    .map(([name, { lines, errors, skipped, patterns, texts }]) => ({
      name,
      lines: getLatest(lines) ?? 0,
      errors: getLatest(errors) ?? 0,
      errorsWithPattern: [...patterns.values()].reduce((sum, count) => sum + count, 0),
      skippedBytes: skipped,
      patterns: [...patterns]
        .sort((a, b) => b[1] - a[1])
        .slice(0, MAX_PATTERNS)
        .map(([pattern, count]) => ({ pattern, count, text: texts.get(pattern) ?? null })),
    }))
    .sort((a, b) => b.errors - a.errors || b.lines - a.lines)
    .slice(0, MAX_LOGS)

/** `app.log: 1,200 lines, 30 errors`. */
export function describeAppLog({ name, lines, errors, errorsWithPattern, skippedBytes }: AppLogSummary): string {
  const part = errorsWithPattern < errors ? `, ${formatCount(errorsWithPattern)} of them grouped by pattern` : ''
  const skipped = skippedBytes > 0 ? `; ${formatBytes(skippedBytes)} came too fast and were not read` : ''
  return `${name}: ${formatPlural(lines, 'line')}, ${formatPlural(errors, 'error')}${part}${skipped}`
}

const MAX_TEXT = 160 // characters of a line

/** `30 × ERROR request N failed`, and the newest of these lines where it is kept. */
export const describePattern = ({ pattern, count, text }: ErrorPattern): string =>
  `${formatCount(count)} × ${cutLine(pattern)}${text === null ? '' : `, last: ${cutLine(text)}`}`

/** The beginning of a line of a log. */
export const cutLine = (line: string): string => (line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line)
