// Key command: its keys, its description, and its effect.

import type { AppAction, AppState } from '../app/state.ts'
import type { PlayerCommand } from '../playback/player.ts'

/** The effect of a key press: an action of the reducer, or something that only the screen can do. */
export type KeyEffect =
  | AppAction
  | { readonly type: 'quit' | 'redraw' | 'suspend' | 'open' }
  | { readonly type: 'move'; readonly by: number | 'first' | 'last' | 'page' | '-page' }
  | { readonly type: 'column' | 'column-back' | 'focus-next' | 'focus-previous' }
  | { readonly type: 'view-next'; readonly by: 1 | -1 }
  | { readonly type: 'match'; readonly by: 1 | -1 }
  | { readonly type: 'record' }
  | { readonly type: 'zoom-window'; readonly by: 1 | -1 }
  | { readonly type: 'next-link'; readonly by: 1 | -1 }
  | { readonly type: 'next-item'; readonly by: 1 | -1 }
  | { readonly type: 'player'; readonly command: PlayerCommand }

export interface KeyCommand {
  /** names as `getKeyName` returns them; the first is shown */
  readonly keys: readonly string[]
  /** line in the help; absent: the line of the command before it describes this one too */
  readonly help?: string
  /** how the help writes the keys, if not by their names */
  readonly label?: string
  /** word in the footer while the command is available */
  readonly footer?: string
  readonly effect: KeyEffect
  isAvailable?(state: AppState): boolean
}

/** Whether a page (help or the details of a row) is open. */
export const hasPage = ({ ui }: AppState): boolean => ui.help || ui.detail !== undefined

/** Whether the page of a row is open. */
export const hasDetail = ({ ui }: AppState): boolean => ui.detail !== undefined && !ui.help

export const hasPlayer = ({ player }: AppState): boolean => player !== undefined
