// Border: a titled frame around lines of exact width.

import { escapeControls } from '../base/text.ts'
import { formatLine, measureWidth, type StyledText } from './cells.ts'
import type { Pen } from './pen.ts'

/** What is written into the border around a panel. */
export interface BorderOptions {
  readonly title: string
  /** at the right end of the top border */
  readonly note?: readonly StyledText[]
  /** the focused panel is drawn in the accent colour, and with a cursor before its title */
  readonly focused?: boolean
}

const SEPARATOR = ' · '

// The end of a note holds the counts, so a long note loses its first parts, then is cut at its beginning. Under eight
// cells it is dropped.
function clipNote(note: readonly StyledText[], room: number, ellipsis: string): readonly StyledText[] {
  const text = escapeControls(note.map(part => part.text).join(''))
  if (text === '' || measureWidth(text) <= room) return note
  const parts = text.split(SEPARATOR)
  const first = parts.findIndex((_, i) => measureWidth(parts.slice(i).join(SEPARATOR)) <= room)
  if (first > 0) return [{ text: parts.slice(first).join(SEPARATOR), tone: note.at(-1)!.tone ?? 'normal' }]
  const kept = [...text].slice(-(room - 1)).join('')
  return room < 8 || measureWidth(kept) >= room ? [] : [{ text: ellipsis + kept, tone: note[0]!.tone ?? 'normal' }]
}

/** Draws `height` lines of `width` cells: border, title, and as much of the body as fits; missing lines are blank. */
export function drawBorder(
  pen: Pen,
  { title, note = [], focused = false }: BorderOptions,
  body: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): readonly string[] {
  const [topLeft, topRight, bottomLeft, bottomRight, horizontal, vertical] = pen.glyphs.border
  const tone = focused ? 'accent' : 'muted'
  const inner = width - 2
  const titleWidth = measureWidth(escapeControls(title))
  const cut = clipNote(note, inner - titleWidth - 8, pen.glyphs.ellipsis)
  const noteWidth = cut.reduce((sum, { text }) => sum + measureWidth(text), 0)
  const withNote = noteWidth > 0
  const fill = Math.max(0, inner - titleWidth - 3 - (withNote ? noteWidth + 3 : 0))
  const top: readonly StyledText[] = [
    { text: `${topLeft}${horizontal}${focused ? pen.glyphs.cursor : ' '}`, tone },
    { text: title, tone: focused ? 'accent' : 'title' },
    { text: ` ${horizontal.repeat(fill)}`, tone },
    ...(withNote ? [{ text: ' ' }, ...cut, { text: ` ${horizontal}`, tone } as StyledText] : []),
    { text: topRight, tone },
  ]
  const side = pen.paint(tone, vertical)
  const blank = ' '.repeat(inner)
  const lines = Array.from({ length: Math.max(0, height - 2) }, (_, i) => `${side}${body[i] ?? blank}${side}`)
  return [
    formatLine(pen, top, width),
    ...lines,
    pen.paint(tone, bottomLeft + horizontal.repeat(inner) + bottomRight),
  ].slice(0, height)
}
