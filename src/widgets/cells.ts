// Cells: text of exact width. Every text from the node is drawn here, which escapes control characters.
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import { escapeControls } from '../base/text.ts'
import type { Pen, Tone } from './pen.ts'

/** The side of a cell at which its text begins. */
export type Align = 'left' | 'right'

// Characters of one cell, so that an index is a column: printable ASCII, box drawing, blocks, and the few signs in use.
const SINGLE_WIDTH =
  /^[\x20-\x7e\u2500-\u259f\u2800-\u28ff\u2026\u00b7\u00b0\u00d7\u2013\u2212\u203a\u2190-\u2193\u25b2\u25bc\u25cf\u2716\u25be\u25b4]*$/

/** Returns the number of cells of a text. */
export const measureWidth = (text: string): number => (SINGLE_WIDTH.test(text) ? text.length : stringWidth(text))

/** Returns a text of exactly `width` cells: escaped, cut with an ellipsis, padded. */
export function fitText(text: string, width: number, align: Align = 'left', ellipsis = '…'): string {
  if (width <= 0) return ''
  const safe = escapeControls(text)
  const textWidth = measureWidth(safe)
  const cut = textWidth > width ? truncateToWidth(safe, width, ellipsis) : safe
  const blank = ' '.repeat(width - (textWidth > width ? measureWidth(cut) : textWidth))
  return align === 'left' ? cut + blank : blank + cut
}

function truncateToWidth(text: string, width: number, ellipsis: string): string {
  const cut = SINGLE_WIDTH.test(text)
    ? text.slice(0, width - 1)
    : cliTruncate(text, width, { truncationCharacter: ellipsis }).slice(0, -ellipsis.length)
  return dropPartOfNumber(cut, text.charAt(cut.length)) + ellipsis
}

// 512 must not be read as 5: a number whose digits or unit would be cut is left out.
function dropPartOfNumber(cut: string, next: string): string {
  const number = /[\w.%]/.test(next) ? /(?:^|[\s(/])([+\u2212-]?\d[\d.,]*)$/.exec(cut)?.[1] : undefined
  return number === undefined ? cut : cut.slice(0, -number.length)
}

/** Returns a text of exactly `width` cells with its middle cut out, so that both ends of a path can be read. */
export function truncateMiddle(text: string, width: number, ellipsis = '…'): string {
  const safe = escapeControls(text)
  if (measureWidth(safe) <= width) return fitText(safe, width)
  if (!SINGLE_WIDTH.test(safe) || width < 8) return fitText(safe, width, 'left', ellipsis)
  const head = Math.floor((width - 1) / 3)
  return safe.slice(0, head) + ellipsis + safe.slice(safe.length - (width - 1 - head))
}

/** A piece of a line with its tone. */
export interface StyledText {
  readonly text: string
  readonly tone?: Tone
}

/** Joins parts to a line of exactly `width` cells; `right` is aligned to the end of the line and cuts what is left of it. */
export function formatLine(
  pen: Pen,
  parts: readonly StyledText[],
  width: number,
  right: readonly StyledText[] = [],
): string {
  const rightParts = clipParts(pen, right, width)
  const room = width - rightParts.used
  const left = clipParts(pen, parts, room)
  return left.text + ' '.repeat(room - left.used) + rightParts.text
}

function clipParts(pen: Pen, parts: readonly StyledText[], room: number): { text: string; used: number } {
  let text = ''
  let used = 0
  for (const { text: raw, tone = 'normal' } of parts) {
    if (used >= room) break
    const safe = escapeControls(raw)
    const partWidth = Math.min(measureWidth(safe), room - used)
    text += pen.paint(tone, fitText(safe, partWidth, 'left', pen.glyphs.ellipsis))
    used += partWidth
  }
  return { text, used }
}
