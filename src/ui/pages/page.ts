// A page that takes the place of the panels: a border, a title, and a body that scrolls.
import type { AppState } from '../../app/state.ts'
import { type BorderOptions, drawBorder } from '../../widgets/border.ts'
import type { Size } from '../../widgets/chart/chart-options.ts'
import type { Pen } from '../../widgets/pen.ts'

/** Draws a page. Its title shows how many lines are below. */
export function drawPage(
  pen: Pen,
  options: BorderOptions,
  body: readonly string[],
  { state, width, height }: Size & { readonly state: AppState },
): readonly string[] {
  const room = height - 2
  const from = findFirstLine(state, body.length, height)
  const linesBelow = body.length - from - room
  const more = { text: `${linesBelow} more line${linesBelow === 1 ? '' : 's'}, PgDn`, tone: 'accent' as const }
  const note = (options.note ?? []).filter(({ text }) => text !== '')
  const gap = note.length > 0 ? [{ text: ' · ' }] : []
  const fullNote = linesBelow > 0 ? [...note, ...gap, more] : note
  return drawBorder(pen, { ...options, note: fullNote, focused: true }, body.slice(from), { width, height })
}

/** Returns the line of a page that is drawn first: a page is scrolled no further than to its end. */
export const findFirstLine = ({ ui }: AppState, lines: number, height: number): number =>
  Math.min(ui.scroll, Math.max(0, lines - (height - 2)))
