// Patterns of application log lines: what differs from line to line (numbers, IDs, times, quoted text) is masked.

/** Words that make a line an error; `5xx` status codes of access logs too. */
const ERROR_WORD =
  /\b(?:error|exception|fatal|panic|critical|failed|failure|refused|denied|timed out|timeout|unauthorized|out of memory|oom)\b|" 5\d\d /gi

const MAX_PATTERN = 160 // characters

// In this order: the longest shapes first.
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\x1b\[[0-9;]*m/g, ''],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, 'UUID'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?/g, 'TIME'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b/g, 'TIME'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, 'ADDRESS'],
  [/"[^"]{0,200}"/g, '"…"'],
  [/'[^']{0,200}'/g, "'…'"],
  [/\b(?=[0-9a-z]{0,40}\d)[0-9a-z]{12,80}\b/gi, 'ID'],
  [/0x[0-9a-f]{1,16}\b/gi, 'N'],
  [/\d{1,20}/g, 'N'],
]

/** What lines of one kind have in common: `failed to decrypt token ID for user N`. */
export function maskLine(line: string): string {
  const cut = line.slice(0, 4 * MAX_PATTERN)
  const masked = MASKS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), cut)
  return masked.replace(/\s+/g, ' ').trim().slice(0, MAX_PATTERN)
}

/**
 * Calls back with each whole line of a text that has an error word, until it returns false. Linear in the text: lines without one
 * are never cut out.
 * @returns how many such lines there are
 */
export function findErrorLines(text: string, onLine: (line: string) => void, maxLines: number): number {
  let count = 0
  ERROR_WORD.lastIndex = 0
  for (let match = ERROR_WORD.exec(text); match; match = ERROR_WORD.exec(text)) {
    const start = text.lastIndexOf('\n', match.index) + 1
    const next = text.indexOf('\n', match.index)
    const end = next === -1 ? text.length : next
    if (count++ < maxLines) onLine(text.slice(start, end))
    ERROR_WORD.lastIndex = end
  }
  return count
}
