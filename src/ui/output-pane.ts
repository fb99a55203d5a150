// The output of a command below the panels, while a load test runs.
import type { CommandOutputView } from '../app/state.ts'
import { drawBorder } from '../widgets/border.ts'
import { fitText } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'

const SHARE = 0.25 // of the rows
const MIN_HEIGHT = 4 // with its border
const MAX_HEIGHT = 14
const MIN_ROOM = 14 // rows below which the panels need them all

/** Rows that the pane takes of `rows`; 0 without a command, and on a small screen. */
export function getOutputHeight(output: CommandOutputView | undefined, rows: number): number {
  if (!output || rows < MIN_ROOM) return 0
  return Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, Math.round(rows * SHARE)))
}

/** The last lines of the output, the newest at the bottom. */
export function drawOutputPane(
  { title, phase, lines }: CommandOutputView,
  pen: Pen,
  { width, height }: { readonly width: number; readonly height: number },
): readonly string[] {
  const inner = width - 2
  const body = lines
    .slice(-(height - 2))
    .map(line => fitText(line.replaceAll('\t', '  '), inner, 'left', pen.glyphs.ellipsis))
  const name = fitText(`OUTPUT ${title}`, Math.max(8, inner - phase.length - 12), 'left', pen.glyphs.ellipsis).trimEnd()
  return drawBorder(pen, { title: name, note: [{ text: phase, tone: 'muted' }] }, body, { width, height })
}
