// Counts a piece of an application log: lines, errors, and the most frequent patterns of the errors.
import { decodeUtf8 } from '../../base/text.ts'
import type { AppLogCounts } from './index.ts'
import { findErrorLines, maskLine } from './pattern.ts'

const MAX_MASKED = 500 // error lines whose pattern is found per piece
const MAX_PATTERNS = 10
const MAX_LINE = 500 // characters of an error line that is kept

/** @param skipped bytes of the log that came too fast to be read @param keepsText whether the newest line of each pattern is kept */
export function countText(text: string, skipped: number, keepsText = false): AppLogCounts {
  const patterns = new Map<string, number>()
  const lines = new Map<string, string>()
  const errors = findErrorLines(
    text,
    line => {
      const decoded = decodeUtf8(line)
      const pattern = maskLine(decoded)
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
      if (keepsText) lines.set(pattern, decoded.trim().slice(0, MAX_LINE))
    },
    MAX_MASKED,
  )
  const top = [...patterns].sort((a, b) => b[1] - a[1]).slice(0, MAX_PATTERNS)
  const texts = new Map(top.flatMap(([pattern]) => (lines.has(pattern) ? [[pattern, lines.get(pattern)!]] : [])))
  return { lines: countNewlines(text), errors, skipped, patterns: new Map(top), texts }
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
