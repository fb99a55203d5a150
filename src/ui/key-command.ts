// A command of a key: the keys, what they do in words, and the effect.

import type { AppAction, AppState } from '../app/state.ts'
import type { PlayerCommand } from '../playback/player.ts'

/** What a key press does: an action of the reducer, or something that only the screen can do. */
export type KeyEffect =
  | AppAction
  | { readonly type: 'quit' | 'redraw' | 'suspend' | 'open' }
  | { readonly type: 'move'; readonly by: number | 'first' | 'last' | 'page' | '-page' }
  | { readonly type: 'column' | 'column-back' | 'focus-next' | 'focus-previous' }
  | { readonly type: 'view-next'; readonly by: 1 | -1 }
  | { readonly type: 'match'; readonly by: 1 | -1 }
  | { readonly type: 'record' }
  | { readonly type: 'player'; readonly command: PlayerCommand }

export interface KeyCommand {
  /** as `keyName` gives them; the first is shown */
  readonly keys: readonly string[]
  /** a line in the help; absent: the line before it speaks for this one too */
  readonly help?: string
  /** how the help writes the keys, where it is not just their names */
  readonly label?: string
  /** in the footer, where it works in this state */
  readonly footer?: string
  readonly effect: KeyEffect
  isAvailable?(state: AppState): boolean
}

export const hasPlayer = ({ player }: AppState): boolean => player !== undefined
