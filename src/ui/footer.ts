// The footer: the available keys, or the text being typed, or a message to the user.

import type { AppState } from '../app/state.ts'
import type { Prompt, UiState } from '../app/ui-state.ts'
import { findFilterProblem } from '../panels/filter.ts'
import { getPanel } from '../panels/index.ts'
import { formatLine, measureWidth, type StyledText } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'
import { commands, getKeyLabel } from './commands.ts'
import { findEnterAlert } from './keys/enter-alert.ts'

const PROMPTS: Readonly<Record<Prompt, readonly [asked: string, help: string]>> = {
  filter: ['filter', 'Enter applies it, Esc clears it; also /regex/, !not, oom>0, limit>90%, growth>10M/h'],
  command: [':', 'Tab completes, Enter runs, Esc cancels; also 14:05, -10m, 50%'],
  mark: ['mark', 'label; Enter adds it, Esc cancels'],
}

/**
 * Draws one line of `width` cells.
 * @param hiddenText the whole text of the selected row, where its list cuts it
 */
export function drawFooter(state: AppState, pen: Pen, width: number, hiddenText?: string): string {
  const { ui } = state
  if (ui.typing) {
    const text = ui.typing === 'filter' ? (ui.panels[ui.focus]?.filter ?? '') : ui.input
    const [label, usual] = PROMPTS[ui.typing]
    const { filterNames = [] } = getPanel(ui.focus)
    const problem = ui.typing === 'filter' ? findFilterProblem(text, filterNames) : undefined
    const help = problem ?? usual
    return formatLine(
      pen,
      [
        { text: formatPromptLabel(label, ui), tone: 'key' },
        { text: `${text}${pen.glyphs.cursor}` },
        { text: `   ${help}`, tone: problem === undefined ? 'muted' : 'warning' },
      ],
      width,
    )
  }
  if (ui.notice !== undefined) return formatLine(pen, [{ text: ` ${ui.notice}`, tone: 'warning' }], width)
  const { hints, text, right } = buildFooter(state, width, hiddenText)
  const parts: readonly StyledText[] = text === undefined ? formatKeyHints(hints) : [{ text: ` ${text}` }]
  return formatLine(pen, parts, width, text === undefined ? right : formatKeyHints(hints))
}

/** A key with its word in the footer. */
interface KeyHint {
  /** name of the key that a click on the word presses */
  readonly key: string
  readonly label: string
  readonly word: string
}

interface Footer {
  /** the keys; at the right where a text takes their place */
  readonly hints: readonly KeyHint[]
  readonly text?: string
  readonly right: readonly StyledText[]
}

function buildFooter(state: AppState, width: number, text: string | undefined): Footer {
  const { ui } = state
  if (ui.detail !== undefined || ui.help) return { hints: fitHints(listPageHints(state), width), right: [] }
  const filter = ui.panels[ui.focus]?.filter
  const right: readonly StyledText[] = filter ? [{ text: `filter: ${filter} `, tone: 'warning' }] : []
  if (text !== undefined) return { hints: listLastHints(state), text, right }
  return { hints: selectKeyHints(state, width - measureWidth(right[0]?.text ?? '')), right }
}

/** Returns the key whose word is at a column of the footer; undefined where there is none. */
export function findFooterKey(
  state: AppState,
  { width, column }: { readonly width: number; readonly column: number },
  hiddenText?: string,
): string | undefined {
  if (state.ui.typing || state.ui.notice !== undefined) return undefined
  const { hints, text } = buildFooter(state, width, hiddenText)
  let end = text === undefined ? 0 : width - hints.reduce((sum, hint) => sum + measureHint(hint), 0)
  if (column < end) return undefined
  return hints.find(hint => {
    end += measureHint(hint)
    return column < end
  })?.key
}

const measureHint = ({ label, word }: KeyHint): number => measureWidth(label) + measureWidth(word) + 3

const formatPromptLabel = (label: string, { typing, focus }: UiState): string =>
  typing === 'command' ? ` ${label}` : ` ${label}${typing === 'filter' ? ` ${focus}` : ''}: `

// On a page: how to leave it, and what leads on.
function listPageHints({ ui }: AppState): readonly KeyHint[] {
  const createHint = (key: string, word: string, label = getKeyLabel(key)): KeyHint => ({ key, label, word })
  if (ui.help) return [createHint('escape', 'back'), createHint('pagedown', 'scroll', 'PgUp PgDn')]
  return [
    createHint('escape', 'back'),
    createHint('return', 'open link'),
    createHint('tab', 'next link'),
    createHint('n', 'next, previous', 'n p'),
    createHint('-', 'window'),
    createHint('a', 'ack'),
    createHint('c', 'copy'),
    createHint('?', 'help'),
  ]
}

const listHints = (state: AppState): readonly KeyHint[] =>
  commands.flatMap(({ keys, footer, isAvailable: works }) =>
    footer && (works?.(state) ?? true) ? [{ key: keys[0]!, label: getKeyLabel(keys[0]!), word: footer }] : [],
  )

// `? help` and `q quit`
const listLastHints = (state: AppState): readonly KeyHint[] => listHints(state).slice(-2)

// `? help` and `q quit` are always shown; of the rest as many as fit. Enter is named where it opens the alert of the banner.
function selectKeyHints(state: AppState, width: number): readonly KeyHint[] {
  const hints = listHints(state)
  if (!findEnterAlert(state)) return fitHints(hints, width, 2)
  const why: KeyHint = { key: 'return', label: getKeyLabel('return'), word: 'why' }
  const others = hints.filter(({ key }) => key !== why.key)
  // the keys of the player are needed more than the one that enlarges a panel
  const placed = state.player ? others.map(hint => (hint.key === 'z' ? why : hint)) : [why, ...others]
  return fitHints(placed, width, 2)
}

// The last ones are always shown.
function fitHints(hints: readonly KeyHint[], width: number, always = 1): readonly KeyHint[] {
  const last = hints.slice(-always)
  const kept: KeyHint[] = []
  const sumWidths = (all: readonly KeyHint[]): number => all.reduce((sum, hint) => sum + measureHint(hint), 1)
  for (const hint of hints.slice(0, -always)) if (sumWidths([...kept, hint, ...last]) <= width) kept.push(hint)
  return [...kept, ...last]
}

const formatKeyHints = (hints: readonly KeyHint[]): readonly StyledText[] =>
  hints.flatMap(({ label, word }): readonly StyledText[] => [
    { text: ' ' },
    { text: label, tone: 'key' },
    { text: ` ${word} `, tone: 'muted' },
  ])
