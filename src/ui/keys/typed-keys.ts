// Keys while text is typed in the footer: every key belongs to the text. Pure: returns actions, and what Enter finished.
import type { AppAction, AppState } from '../../app/state.ts'
import type { Prompt } from '../../app/ui-state.ts'
import { listCandidates, MAX_COMMAND } from '../palette/palette.ts'

/** What a key does to the text. `entered` is set where Enter finished it. */
export interface TypedKeyResult {
  readonly actions: readonly AppAction[]
  readonly entered?: { readonly prompt: Prompt; readonly text: string }
}

/** A key while text is typed. */
export interface TypedKey {
  /** the text of the key */
  readonly input: string
  /** as `getKeyName` returns it */
  readonly name: string
  /** candidates that are on the screen */
  readonly candidates: number
}

/** Returns what a key does while text is typed. */
export function handleTypedKey(state: AppState, key: TypedKey): TypedKeyResult {
  const { input, name } = key
  const { ui } = state
  const text = ui.typing === 'filter' ? (ui.panels[ui.focus]?.filter ?? '') : ui.input
  const type = (changed: string): TypedKeyResult => ({ actions: [{ type: 'type', text: changed }] })
  if (name === 'return') return enter(state, text, key.candidates)
  if (name === 'escape' || name === 'ctrl-c') return { actions: [{ type: 'typed', keep: false }] }
  if (name === 'backspace' || name === 'delete') return type([...text].slice(0, -1).join(''))
  if (name === 'ctrl-u') return type('')
  if (name === 'ctrl-w') return type(text.slice(0, text.trimEnd().lastIndexOf(' ') + 1))
  if (ui.typing === 'command' && name in CHOICE_KEYS)
    return choose(state, name as keyof typeof CHOICE_KEYS, key.candidates)
  if (name === 'space' || name === input) return type((text + input).slice(0, MAX_COMMAND))
  return { actions: [] }
}

const CHOICE_KEYS = { tab: 1, down: 1, 'shift-tab': -1, up: -1 } as const

// The only candidate is taken over at once; of several, Tab and the arrows choose one.
function choose(state: AppState, name: keyof typeof CHOICE_KEYS, count: number): TypedKeyResult {
  const candidates = listCandidates(state, count)
  const [only] = candidates
  if (!only) return { actions: [] }
  if (name === 'tab' && candidates.length === 1) return { actions: [{ type: 'type', text: only.text }] }
  const from = state.ui.choice < 0 && CHOICE_KEYS[name] < 0 ? 0 : state.ui.choice
  const choice = (from + CHOICE_KEYS[name] + candidates.length) % candidates.length
  return { actions: [{ type: 'choose', choice }] }
}

function enter(state: AppState, text: string, count: number): TypedKeyResult {
  const { typing, choice } = state.ui
  const chosen = typing === 'command' && choice >= 0 ? listCandidates(state, count)[choice] : undefined
  if (chosen?.isIncomplete && chosen.text !== text) return { actions: [{ type: 'type', text: chosen.text }] }
  return {
    actions: [{ type: 'typed', keep: true }],
    ...(typing === undefined ? {} : { entered: { prompt: typing, text: chosen?.text ?? text } }),
  }
}
