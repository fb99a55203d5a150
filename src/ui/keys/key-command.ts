// Key command: its keys, its description, and its effect.

import type { AppAction, AppState } from '../../app/state.ts'
import type { PlayerCommand } from '../../playback/player.ts'

/** How far the selection moves: rows, half pages, pages, or to an end. */
export type Step = number | 'first' | 'last' | 'page' | '-page' | 'half' | '-half'

/** The effect of a key press: an action of the reducer, or something that only the screen can do. */
export type KeyEffect =
  | AppAction
  | { readonly type: 'quit' | 'quit-now' | 'redraw' | 'suspend' | 'open' }
  | { readonly type: 'copy'; readonly what: 'command' | 'page' }
  | { readonly type: 'sort-by'; readonly column: string; readonly current?: string }
  | { readonly type: 'seek' | 'add-mark'; readonly text: string }
  | { readonly type: 'save'; readonly file: string }
  | { readonly type: 'move'; readonly by: Step }
  | { readonly type: 'column' | 'column-back' | 'focus-next' | 'focus-previous' }
  | { readonly type: 'view-next'; readonly by: 1 | -1 }
  | { readonly type: 'match'; readonly by: 1 | -1 }
  | { readonly type: 'record' }
  | { readonly type: 'zoom-window'; readonly by: 1 | -1 }
  | { readonly type: 'move-cursor'; readonly by: 1 | -1 }
  | { readonly type: 'next-link'; readonly by: 1 | -1 }
  | { readonly type: 'next-item'; readonly by: 1 | -1 }
  | { readonly type: 'player'; readonly command: PlayerCommand }

/** What a command does, or a sentence that says why it does nothing. */
export type CommandResult = readonly KeyEffect[] | string

/** What one wants to do: the headings of the help. */
export const GROUPS = {
  alerts: 'Find the cause',
  views: 'Move around',
  lists: 'Search, filter and sort lists',
  time: 'Time and charts',
  record: 'Record',
  program: 'Program',
} as const
/** The section of the help that a command is listed in. */
export type CommandGroup = keyof typeof GROUPS

/** A key of the screen: the entry of the table in `commands.ts`. */
export interface KeyCommand {
  /** names as `getKeyName` returns them; the first is shown */
  readonly keys: readonly string[]
  /** line in the help; absent: the line of the command before it describes this one too */
  readonly help?: string
  /** how the help writes the keys, if not by their names */
  readonly label?: string
  /** word in the footer while the command is available */
  readonly footer?: string
  /** heading of the help that the line is under */
  readonly group?: CommandGroup
  /** the help shows the line only in a live session, or only when a recording is played */
  readonly only?: 'live' | 'replay'
  readonly effect: KeyEffect
  isAvailable?(state: AppState): boolean
}

/** Whether a page (help or the details of a row) is open. */
export const hasPage = ({ ui }: AppState): boolean => ui.help || ui.detail !== undefined

/** Whether the page of a row is open. */
export const hasDetail = ({ ui }: AppState): boolean => ui.detail !== undefined && !ui.help

/** Whether the help is open. */
export const hasHelp = ({ ui }: AppState): boolean => ui.help

/** Whether the session is live, rewound or not. */
export const isLive = ({ player }: AppState): boolean => !player || player.rewound

/** Whether there is a player: a recording, or a live session that was rewound. */
export const hasPlayer = ({ player }: AppState): boolean => player !== undefined
