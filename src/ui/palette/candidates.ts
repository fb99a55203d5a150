// The candidates of the command line, above its prompt.
import type { AppState } from '../../app/state.ts'
import { formatLine, measureWidth, type StyledText } from '../../widgets/cells.ts'
import type { Pen } from '../../widgets/pen.ts'
import { type Candidate, listCandidates } from './palette.ts'

const MAX_LINES = 8
const TEXT_WIDTH = 34 // cells before the help of a candidate; a narrow screen gives them a third

/** Lines for candidates on a screen of `rows` rows: always as many, so that the rest of the screen keeps its place. */
export const countCandidateLines = (rows: number): number => Math.max(1, Math.min(MAX_LINES, Math.floor(rows / 5)))

/** Draws the candidates while a command is typed; no lines else. */
export function drawCandidates(state: AppState, pen: Pen, width: number, rows: number): readonly string[] {
  if (state.ui.typing !== 'command') return []
  const count = countCandidateLines(rows)
  const candidates = listCandidates(state, count)
  return Array.from({ length: count }, (_, i) => drawCandidate(candidates[i], i === state.ui.choice, pen, width))
}

function drawCandidate(candidate: Candidate | undefined, isChosen: boolean, pen: Pen, width: number): string {
  if (!candidate) return ' '.repeat(width)
  const { text, help } = candidate
  const sign = isChosen ? pen.glyphs.cursor : ' '
  const blanks = ' '.repeat(Math.max(0, Math.min(TEXT_WIDTH, Math.floor(width / 3)) - measureWidth(text)))
  const parts: readonly StyledText[] =
    help === ''
      ? [{ text: `${sign}:${text}`, tone: isChosen ? 'selected' : 'normal' }]
      : [
          { text: `${sign}:${text}${blanks}`, tone: isChosen ? 'selected' : 'normal' },
          { text: ` ${help}`, tone: 'muted' },
        ]
  return formatLine(pen, parts, width)
}
