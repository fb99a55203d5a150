// Wrapping: text to lines of a width.
import wrapAnsi from 'wrap-ansi'
import { escapeControls } from '../base/text.ts'
import { formatLine } from './cells.ts'
import type { Size } from './chart/chart-options.ts'
import type { Pen } from './pen.ts'

/**
 * Wraps words to lines of at most `width` cells; a longer word is cut into pieces, a number stays with its unit. Control characters
 * are escaped before.
 */
export function wrapText(text: string, width: number): readonly string[] {
  const words = escapeControls(text).replaceAll(BEFORE_UNIT, NO_BREAK)
  const lines = wrapAnsi(words, width, { hard: true, trim: false }).replaceAll(NO_BREAK, ' ').split('\n')
  return lines.map((line, i) => (i === 0 ? line : line.trimStart()).trimEnd())
}

const NO_BREAK = '\u00a0'
const BEFORE_UNIT = /(?<=\d) (?=(?:%|(?:[KMGTP]i)?B|[kM]|ms|s|min|h|d)(?![\w-]))/g

/** Draws a message where a panel has nothing else to show, in muted lines. @param head what is before the first of them */
export function drawMessage(pen: Pen, text: string, { width, height }: Size, head = ' '): readonly string[] {
  const indent = ' '.repeat(head.length)
  const lines = wrapText(text, Math.max(10, width - head.length - 1)).slice(0, height)
  return lines.map((line, i) => formatLine(pen, [{ text: `${i === 0 ? head : indent}${line}`, tone: 'muted' }], width))
}
