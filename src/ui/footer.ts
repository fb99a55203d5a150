// The footer: the available keys, or the text being typed, or a message to the user.

import type { AppState } from '../app/state.ts'
import type { Prompt } from '../app/ui-state.ts'
import { formatLine, measureWidth, type StyledText } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'
import { commands } from './commands.ts'

const PROMPTS: Readonly<Record<Prompt, readonly [asked: string, help: string]>> = {
  filter: ['filter', 'Enter applies it, Esc clears it; also /regex/, !not, oom>0, limit>90%, growth>10M/h'],
  go: ['jump to', '14:05, -10m, +90s, 50%; Esc cancels'],
  mark: ['mark', 'label; Enter adds it, Esc cancels'],
}

/** Draws one line of `width` cells. */
export function drawFooter(state: AppState, pen: Pen, width: number): string {
  const { ui } = state
  if (ui.typing) {
    const text = ui.typing === 'filter' ? (ui.panels[ui.focus]?.filter ?? '') : ui.input
    const [label, help] = PROMPTS[ui.typing]
    return formatLine(
      pen,
      [
        { text: ` ${label}${ui.typing === 'filter' ? ` ${ui.focus}` : ''}: `, tone: 'key' },
        { text: `${text}${pen.glyphs.cursor}` },
        { text: `   ${help}`, tone: 'muted' },
      ],
      width,
    )
  }
  if (ui.notice !== undefined) return formatLine(pen, [{ text: ` ${ui.notice}`, tone: 'warning' }], width)
  if (ui.detail !== undefined || ui.help) return formatLine(pen, formatKeyHints(listPageHints(state)), width)
  const filter = ui.panels[ui.focus]?.filter
  const right: readonly StyledText[] = filter ? [{ text: `filter: ${filter} `, tone: 'warning' }] : []
  return formatLine(
    pen,
    formatKeyHints(selectKeyHints(state, width - measureWidth(right[0]?.text ?? ''))),
    width,
    right,
  )
}

// On a page: how to leave it, and what leads on.
function listPageHints({ ui }: AppState): readonly (readonly [string, string])[] {
  if (ui.help)
    return [
      ['esc', 'back'],
      ['PgUp PgDn', 'scroll'],
    ]
  return [
    ['esc', 'back'],
    ['enter', 'open link'],
    ['tab', 'next link'],
    ['n p', 'next, previous'],
    ['- +', 'window'],
    ['a', 'ack'],
    ['?', 'help'],
  ]
}

// `? help` and `q quit` are always shown; of the rest as many as fit.
function selectKeyHints(state: AppState, width: number): readonly (readonly [string, string])[] {
  const hints = commands.flatMap(({ keys, footer, isAvailable: works }) =>
    footer && (works?.(state) ?? true) ? [[getKeyLabel(keys[0]!), footer] as const] : [],
  )
  const last = hints.slice(-2)
  const kept: (readonly [string, string])[] = []
  const computeHintsWidth = (pairs: readonly (readonly [string, string])[]): number =>
    pairs.reduce((sum, [key, word]) => sum + key.length + word.length + 3, 1)
  for (const pair of hints.slice(0, -2)) if (computeHintsWidth([...kept, pair, ...last]) <= width) kept.push(pair)
  return [...kept, ...last]
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  return: 'enter',
  escape: 'esc',
  left: '← →',
  '.': ', .',
  ']': '[ ]',
  '-': '- +',
  '>': '< >',
}

export const getKeyLabel = (key: string): string => KEY_LABELS[key] ?? key

function formatKeyHints(pairs: readonly (readonly [string, string])[]): readonly StyledText[] {
  return pairs.flatMap(([key, word]): readonly StyledText[] => [
    { text: ' ' },
    { text: key, tone: 'key' },
    { text: ` ${word} `, tone: 'muted' },
  ])
}
