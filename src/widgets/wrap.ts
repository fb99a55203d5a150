// Wrapping: text to lines of a width.
import { measureWidth } from './cells.ts'

/** Wraps words to lines of at most `width` cells; a longer word is cut into pieces. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.match(/(?<!\s)\s*\S+/g) ?? ['']) {
    if (line !== '' && measureWidth(line + word) > width) {
      lines.push(line)
      line = word.trimStart()
    } else line += word
    for (; measureWidth(line) > width; line = line.slice(width)) lines.push(line.slice(0, width))
  }
  return [...lines, line]
}
