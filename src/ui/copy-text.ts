// What `c` and `y` copy: a command of the open page, its text, the selected row, or the view as it is drawn.
import type { AppState } from '../app/state.ts'
import { escapeControls, TERMINAL_ESCAPES } from '../base/text.ts'
import { formatRemedy } from '../detectors/remedies/format-remedy.ts'
import { getPanel } from '../panels/index.ts'
import type { Detail } from '../panels/panel.ts'
import { createPen } from '../widgets/pen.ts'
import { findOpenDetail, renderFrameText } from './screen.tsx'

/** A text to copy, and what it is called in the message. */
export interface CopyText {
  readonly text: string
  readonly what: string
}

/** Returns what is copied. `c` pressed again on a page copies its next command. */
export function buildCopyText(what: 'command' | 'page', state: AppState, columns: number, rows: number): CopyText {
  const detail = state.ui.help ? undefined : findOpenDetail(state)
  if (what === 'command') {
    const command = detail ? pickCommand(detail, state.ui.copies) : describeSelectedRow(state)
    if (command) return command
  }
  return detail ? { text: formatDetail(detail), what: 'the page' } : copyFrame(state, columns, rows)
}

function pickCommand({ remedies }: Detail, copies: number): CopyText | undefined {
  const commands = remedies.flatMap(({ command }) => (command === undefined ? [] : [command]))
  if (commands.length === 0) return undefined
  const index = copies % commands.length
  const more = commands.length > 1 ? ` (${index + 1} of ${commands.length}, c: the next)` : ''
  return { text: escapeControls(commands[index]!), what: `${commands[index]}${more}` }
}

function describeSelectedRow({ ui, ...rest }: AppState): CopyText | undefined {
  const selected = ui.help ? undefined : ui.panels[ui.focus]?.selected
  const text = selected === undefined ? undefined : getPanel(ui.focus).describeRow?.({ ui, ...rest }, selected)
  return text === undefined ? undefined : { text: escapeControls(text), what: 'the selected row' }
}

// The facts of a page without its charts: for a ticket.
function formatDetail({ title, introduction, facts, remedies, listing }: Detail): string {
  const lines = [
    title,
    ...introduction,
    '',
    ...facts.map(([name, value]) => (name === '' ? `  ${value}` : `${name}: ${value}`)),
    ...(remedies.length > 0 ? ['', 'What to do'] : []),
    ...remedies.map((remedy, i) => `${i + 1}. ${formatRemedy(remedy)}`),
    ...(listing ? ['', listing.title, ...listing.lines.map(parts => parts.map(({ text }) => text).join(''))] : []),
  ]
  return lines.map(line => escapeControls(line).trimEnd()).join('\n')
}

function copyFrame(state: AppState, columns: number, rows: number): CopyText {
  const pen = createPen({ level: 0, ascii: false })
  const lines = renderFrameText(state, pen, columns, rows).map(line => line.replace(TERMINAL_ESCAPES, '').trimEnd())
  return { text: lines.join('\n'), what: 'the screen' }
}
