// Counts a piece of an application log: lines, errors, and the most frequent patterns of the errors.
import { decodeUtf8 } from '../../base/text.ts'
import type { AppLogCounts } from './index.ts'
import { findErrorLines, maskLine } from './pattern.ts'

const MAX_MASKED = 500 // error lines whose pattern is found per piece
const MAX_PATTERNS = 10

/** @param skipped bytes of the log that came too fast to be read */
export function countText(text: string, skipped: number): AppLogCounts {
  const patterns = new Map<string, number>()
  const errors = findErrorLines(
    text,
    line => {
      const pattern = maskLine(decodeUtf8(line))
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
    },
    MAX_MASKED,
  )
  const top = [...patterns].sort((a, b) => b[1] - a[1]).slice(0, MAX_PATTERNS)
  return { lines: countNewlines(text), errors, skipped, patterns: new Map(top) }
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
