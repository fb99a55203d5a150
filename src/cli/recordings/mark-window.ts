// Windows between marks: `kmemtop diff FILE --from MARK --to MARK`.
import { UserError } from '../../base/errors.ts'
import { formatDateTime } from '../../base/format.ts'
import { parseTime, type TimeSpan } from '../../base/parse-time.ts'
import type { Mark } from '../../collectors/mark.ts'

/** Labels of marks, or times, as the user wrote them. */
export interface MarkWindow {
  readonly from?: string
  readonly to?: string
}

const MAX_LISTED = 12

/**
 * Finds the two times in session milliseconds; one that is not given is the beginning or the end.
 * @throws UserError if a word is neither one mark nor a time
 */
export function findMarkWindow(
  { from, to }: MarkWindow,
  marks: readonly Mark[],
  span: TimeSpan,
): { readonly begin: number; readonly end: number } {
  const begin = from === undefined ? span.begin : findTime('--from', from, { marks, span })
  const end = to === undefined ? span.end : findTime('--to', to, { marks, span })
  if (begin > end) throw new UserError(`--from ${from} is after ${to === undefined ? 'the end' : `--to ${to}`}`)
  return { begin, end }
}

interface Known {
  readonly marks: readonly Mark[]
  readonly span: TimeSpan
}

// A whole label counts before a part of one, and a part before a time.
function findTime(option: string, word: string, { marks, span }: Known): number {
  const exact = marks.filter(({ text }) => text === word)
  const found = exact.length > 0 ? exact : marks.filter(({ text }) => text.includes(word) && word !== '')
  const [first, second] = found
  if (first && !second) return first.time
  if (first)
    throw new UserError(
      `${option} ${JSON.stringify(word)} is ${found.length} marks: ${listLabels(found, span)}; name one, or its time`,
    )
  try {
    return parseTime(word, span)
  } catch {
    const known = marks.length === 0 ? 'it has none' : `it has ${listLabels(marks, span)}`
    throw new UserError(
      `${option} ${JSON.stringify(word)} is neither a mark of this recording nor a time in it: ${known}`,
    )
  }
}

function listLabels(marks: readonly Mark[], { wallClock }: TimeSpan): string {
  const listed = marks.slice(0, MAX_LISTED).map(({ time, text }) => `"${text}" at ${formatDateTime(wallClock + time)}`)
  return `${listed.join(', ')}${marks.length > MAX_LISTED ? `, and ${marks.length - MAX_LISTED} more` : ''}`
}
