// An answer of a collector, between its first and its last line.
import { LinkLostError } from './link/link-error.ts'

/** An answer without its first and last line, the exit code that came with it, and the session time at which it was complete. */
export interface Answer {
  readonly text: string
  readonly code: number
  readonly at: number
}

/** Parses an answer, before whose first line noise may come. @throws LinkLostError if it has no first line */
export function parseAnswer(text: string, begin: string, code: number): Omit<Answer, 'at'> {
  const from = text.startsWith(begin) ? 0 : text.indexOf(`\n${begin}`) + 1
  if (from === 0 && !text.startsWith(begin)) throw new LinkLostError('an answer came without its beginning')
  return { text: text.slice(from + begin.length), code: Number.isInteger(code) ? code : 255 }
}
