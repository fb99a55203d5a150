// Wrapping: text to lines of a width.
import wrapAnsi from 'wrap-ansi'
import { escapeControls } from '../base/text.ts'

/** Wraps words to lines of at most `width` cells; a longer word is cut into pieces. Control characters are escaped before. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines = wrapAnsi(escapeControls(text), width, { hard: true, trim: false }).split('\n')
  return lines.map((line, i) => (i === 0 ? line : line.trimStart()).trimEnd())
}
