// Application logs: lines and errors over time, and the patterns of the errors. Counted beside the session; text is kept if asked for.
import { ParseError } from '../../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../../base/series.ts'
import { splitLines } from '../../base/text.ts'
import type { Collector } from '../collector.ts'

/** One log. Series are counts since the session began. */
export interface AppLog {
  readonly lines: Series
  readonly errors: Series
  /** error lines by pattern; bounded, the rarest are dropped */
  readonly patterns: ReadonlyMap<string, number>
  /** the newest error line of each pattern; empty without `--log-text` */
  readonly texts: ReadonlyMap<string, string>
  /** bytes that came too fast to be read */
  readonly skipped: number
}

/** By the name of the log: its path or its command. */
export type AppLogs = ReadonlyMap<string, AppLog>

/** What was added to a log within a second or so. */
export interface AppLogCounts {
  readonly lines: number
  readonly errors: number
  readonly skipped: number
  readonly patterns: ReadonlyMap<string, number>
  /** the newest line of each pattern; empty without `--log-text` */
  readonly texts: ReadonlyMap<string, string>
}

const MAX_PATTERNS = 200
const MAX_LOGS = 200

/** The text of a reading: `LINES ERRORS SKIPPED`, then for each pattern `COUNT PATTERN`, and `= LINE` where its newest line is kept. */
export const formatCounts = ({ lines, errors, skipped, patterns, texts }: AppLogCounts): string => {
  const rows = [...patterns].flatMap(([pattern, count]) => {
    const text = texts.get(pattern)
    return [`${count} ${pattern}`, ...(text === undefined ? [] : [`= ${text}`])]
  })
  return [`${lines} ${errors} ${skipped}`, ...rows].join('\n')
}

/** Reads what `formatCounts` wrote. @throws ParseError for another text */
export function parseCounts(text: string, name: string): AppLogCounts {
  const [head = '', ...rest] = splitLines(text)
  const match = /^(\d{1,12}) (\d{1,12}) (\d{1,15})$/.exec(head)
  if (!match) throw new ParseError(name, 1, 'LINES ERRORS SKIPPED', text)
  const patterns = new Map<string, number>()
  const texts = new Map<string, string>()
  let newest: string | undefined
  for (const line of rest) {
    if (line.startsWith('= ') && newest !== undefined) texts.set(newest, line.slice(2))
    const [, count, pattern] = /^(\d{1,12}) (.+)$/.exec(line) ?? []
    if (pattern !== undefined) patterns.set(pattern, Number(count))
    newest = pattern
  }
  return { lines: Number(match[1]), errors: Number(match[2]), skipped: Number(match[3]), patterns, texts }
}

/** Each reading has the counts of the logs that grew. */
export const applog: Collector<AppLogs> = {
  kind: 'stream',
  external: true,
  optional: true,
  title: 'application logs',
  interval: 0,
  openReader: () => () => ({}),
  empty: new Map(),
  applyFiles: (logs, files, time) => {
    const next = new Map(logs)
    for (const [name, text] of Object.entries(files)) {
      const counts = text === null ? undefined : parseCounts(text, name)
      if (counts && (next.has(name) || next.size < MAX_LOGS)) next.set(name, addCounts(next.get(name), counts, time))
    }
    return next
  },
}

function addCounts(log: AppLog | undefined, counts: AppLogCounts, time: number): AppLog {
  const { lines, errors, patterns, texts, skipped } = log ?? createAppLog(time)
  const add = (series: Series, count: number): Series =>
    appendPoint(series, time, series.values[series.length - 1]! + count)
  const merged = mergePatterns(patterns, counts.patterns)
  return {
    lines: add(lines, counts.lines),
    errors: add(errors, counts.errors),
    patterns: merged,
    texts: counts.texts.size === 0 ? texts : mergeTexts(texts, counts.texts, merged),
    skipped: skipped + counts.skipped,
  }
}

// Before its first count a log had nothing: without that point the first second would have no rate.
function createAppLog(time: number): AppLog {
  const zero = appendPoint(createSeries(600), Math.max(0, time - 1000), 0)
  return {
    lines: zero,
    errors: appendPoint(createSeries(600), Math.max(0, time - 1000), 0),
    patterns: new Map(),
    texts: new Map(),
    skipped: 0,
  }
}

// Only of patterns that are kept.
const mergeTexts = (
  before: ReadonlyMap<string, string>,
  added: ReadonlyMap<string, string>,
  patterns: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> => new Map([...before, ...added].filter(([pattern]) => patterns.has(pattern)))

function mergePatterns(
  before: ReadonlyMap<string, number>,
  added: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (added.size === 0) return before
  const merged = new Map(before)
  for (const [pattern, count] of added) merged.set(pattern, (merged.get(pattern) ?? 0) + count)
  if (merged.size <= MAX_PATTERNS) return merged
  return new Map([...merged].sort((a, b) => b[1] - a[1]).slice(0, MAX_PATTERNS / 2))
}
