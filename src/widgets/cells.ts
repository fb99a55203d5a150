// Cells: text of exact width. Every text from the node is drawn through here, so no control character gets past.
import stringWidth from 'string-width'
import { escapeControls } from '../base/text.ts'
import type { Pen, Tone } from './pen.ts'

export type Align = 'left' | 'right'

// One cell each, so an index is a column: printable ASCII, box drawing, blocks, and the few signs that we use.
const SIMPLE =
  /^[\x20-\x7e\u2500-\u259f\u2026\u00b7\u00b0\u00d7\u2013\u2212\u203a\u2190-\u2193\u25b2\u25bc\u25cf\u2716\u25be]*$/

/** Cells that a text takes. */
export const widthOf = (text: string): number => (SIMPLE.test(text) ? text.length : stringWidth(text))

/** Text of exactly `width` cells: safe, cut with an ellipsis, padded. */
export function fitTo(text: string, width: number, align: Align = 'left', ellipsis = '…'): string {
  if (width <= 0) return ''
  const safe = escapeControls(text)
  const wide = widthOf(safe)
  const cut = wide > width ? truncate(safe, width, ellipsis) : safe
  const blank = ' '.repeat(width - (wide > width ? widthOf(cut) : wide))
  return align === 'left' ? cut + blank : blank + cut
}

function truncate(text: string, width: number, ellipsis: string): string {
  const room = width - 1
  if (SIMPLE.test(text)) return text.slice(0, room) + ellipsis
  let cut = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    const wide = stringWidth(segment)
    if (used + wide > room) break
    cut += segment
    used += wide
  }
  return cut + ellipsis
}

const segmenter = new Intl.Segmenter()

/** The middle of a long text left out, so that both ends can be read: for paths. */
export function fitMiddle(text: string, width: number, ellipsis = '…'): string {
  const safe = escapeControls(text)
  if (widthOf(safe) <= width) return fitTo(safe, width)
  if (!SIMPLE.test(safe) || width < 8) return fitTo(safe, width, 'left', ellipsis)
  const head = Math.floor((width - 1) / 3)
  return safe.slice(0, head) + ellipsis + safe.slice(safe.length - (width - 1 - head))
}

/** A piece of a line. */
export interface Part {
  readonly text: string
  readonly tone?: Tone
}

/** A line of exactly `width` cells from parts; `right` is set at the end of the line and wins over what is left of it. */
export function lineOf(pen: Pen, parts: readonly Part[], width: number, right: readonly Part[] = []): string {
  const rightParts = cutTo(pen, right, width)
  const room = width - rightParts.used
  const left = cutTo(pen, parts, room)
  return left.text + ' '.repeat(room - left.used) + rightParts.text
}

function cutTo(pen: Pen, parts: readonly Part[], room: number): { text: string; used: number } {
  let text = ''
  let used = 0
  for (const { text: raw, tone = 'normal' } of parts) {
    if (used >= room) break
    const safe = escapeControls(raw)
    const wide = Math.min(widthOf(safe), room - used)
    text += pen.paint(tone, fitTo(safe, wide, 'left', pen.glyphs.ellipsis))
    used += wide
  }
  return { text, used }
}
