// The footer: the keys that work here, or the filter that is being typed, or a word to the user.
import { commands } from '../session/commands.ts'
import type { AppState } from '../session/state.ts'
import type { Prompt } from '../session/ui-state.ts'
import { lineOf, type Part, widthOf } from '../widgets/cells.ts'
import type { Pen } from '../widgets/pen.ts'

const PROMPTS: Readonly<Record<Prompt, readonly [asked: string, help: string]>> = {
  filter: ['filter', 'Enter keeps it, Esc clears it'],
  go: ['go to', '14:05, -10m, +90s, 50%; Esc stays'],
  mark: ['mark', 'its words; Enter puts it, Esc does not'],
}

/** One line of `width` cells. */
export function footerLine(state: AppState, pen: Pen, width: number): string {
  const { ui } = state
  if (ui.typing) {
    const text = ui.typing === 'filter' ? (ui.panels[ui.focus]?.filter ?? '') : ui.input
    const [asked, help] = PROMPTS[ui.typing]
    return lineOf(
      pen,
      [
        { text: ` ${asked}${ui.typing === 'filter' ? ` ${ui.focus}` : ''}: `, tone: 'key' },
        { text: `${text}${pen.glyphs.cursor}` },
        { text: `   ${help}`, tone: 'muted' },
      ],
      width,
    )
  }
  if (ui.notice !== undefined) return lineOf(pen, [{ text: ` ${ui.notice}`, tone: 'warning' }], width)
  if (ui.detail !== undefined || ui.help)
    return lineOf(
      pen,
      keyParts([
        ['esc', 'back'],
        ['a', 'ack'],
        ['q', 'quit'],
      ]),
      width,
    )
  const filter = ui.panels[ui.focus]?.filter
  const right: readonly Part[] = filter ? [{ text: `filter: ${filter} `, tone: 'warning' }] : []
  return lineOf(pen, keyParts(keysHere(state, width - widthOf(right[0]?.text ?? ''))), width, right)
}

// `? help` and `q quit` are always there; of the rest as many as fit.
function keysHere(state: AppState, width: number): readonly (readonly [string, string])[] {
  const here = commands.flatMap(({ keys, footer, isAvailable: works }) =>
    footer && (works?.(state) ?? true) ? [[keyLabel(keys[0]!), footer] as const] : [],
  )
  const last = here.slice(-2)
  const kept: (readonly [string, string])[] = []
  const size = (pairs: readonly (readonly [string, string])[]): number =>
    pairs.reduce((sum, [key, word]) => sum + key.length + word.length + 3, 1)
  for (const pair of here.slice(0, -2)) if (size([...kept, pair, ...last]) <= width) kept.push(pair)
  return [...kept, ...last]
}

const LABELS: Readonly<Record<string, string>> = {
  return: 'enter',
  escape: 'esc',
  left: '← →',
  '.': ', .',
  ']': '[ ]',
  '+': '+ -',
}

export const keyLabel = (key: string): string => LABELS[key] ?? key

function keyParts(pairs: readonly (readonly [string, string])[]): readonly Part[] {
  return pairs.flatMap(([key, word]): readonly Part[] => [
    { text: ' ' },
    { text: key, tone: 'key' },
    { text: ` ${word} `, tone: 'muted' },
  ])
}
