// The table of commands: keys, what they do in words, and the action. Help, footer and key handling all come from here.
import type { Action, PanelId, State } from './state.ts'

/** What a key press does: an action of the reducer, or something that only the screen can do. */
export type Effect =
  | Action
  | { readonly type: 'quit' | 'redraw' | 'suspend' | 'open' }
  | { readonly type: 'move'; readonly by: number | 'first' | 'last' | 'page' | '-page' }
  | { readonly type: 'column' | 'column-back' | 'focus-next' | 'focus-previous' }

export interface Command {
  /** as `keyName` gives them; the first is shown */
  readonly keys: readonly string[]
  readonly help: string
  /** in the footer, where it works in this state */
  readonly footer?: string
  readonly effect: Effect
  works?(state: State): boolean
}

const view = (key: string, panel: PanelId | 'overview', name: string): Command => ({
  keys: [key],
  help: `view ${name}`,
  footer: name,
  effect: { type: 'view', panel },
})

const LISTS: ReadonlySet<PanelId> = new Set(['cgroups', 'slab', 'log', 'oom', 'alerts'])
const SORTED: ReadonlySet<PanelId> = new Set(['cgroups', 'slab'])
const list = ({ ui }: State): boolean => LISTS.has(ui.focus) && !ui.help && ui.detail === undefined
const sorted = (state: State): boolean => list(state) && SORTED.has(state.ui.focus)

export const commands: readonly Command[] = [
  view('1', 'overview', 'Overview'),
  view('2', 'cgroups', 'Cgroups'),
  view('3', 'slab', 'Slab'),
  view('4', 'log', 'Log'),
  view('5', 'oom', 'OOM'),
  view('6', 'alerts', 'Alerts'),
  { keys: ['tab'], help: 'next panel', footer: 'next', effect: { type: 'focus-next' } },
  { keys: ['shift-tab'], help: 'previous panel', effect: { type: 'focus-previous' } },
  { keys: ['z'], help: 'the focused panel on the whole screen, and back', footer: 'zoom', effect: { type: 'zoom' } },
  {
    keys: ['space'],
    help: 'pause: what is shown stands still, sampling and alerts go on',
    footer: 'pause',
    effect: { type: 'pause' },
  },
  {
    keys: ['a'],
    help: 'acknowledge the loudest alert, or the selected one',
    footer: 'ack',
    effect: { type: 'acknowledge' },
    works: ({ alerts }) =>
      alerts.some(({ resolvedAt, acknowledgedAt }) => resolvedAt === undefined && acknowledgedAt === undefined),
  },
  { keys: ['A'], help: 'list of all alerts', effect: { type: 'view', panel: 'alerts' } },
  {
    keys: ['return'],
    help: 'details of the selected row, or of the loudest alert',
    footer: 'details',
    effect: { type: 'open' },
  },
  { keys: ['escape'], help: 'back', effect: { type: 'back' } },
  {
    keys: ['/'],
    help: 'filter the focused panel: Enter keeps it, Esc clears it',
    footer: 'filter',
    effect: { type: 'filter' },
    works: list,
  },
  { keys: ['S', '>'], help: 'sort by the next column', footer: 'sort', effect: { type: 'column' }, works: sorted },
  { keys: ['<'], help: 'sort by the previous column', effect: { type: 'column-back' }, works: sorted },
  { keys: ['r'], help: 'reverse the order', footer: 'reverse', effect: { type: 'reverse' }, works: sorted },
  {
    keys: ['b'],
    help: 'baseline: measure growth from now on; again: from the last 15 minutes',
    footer: 'base',
    effect: { type: 'baseline' },
    works: ({ ui }) => ui.focus === 'slab' || !ui.zoomed,
  },
  { keys: ['up', 'k'], help: 'up', effect: { type: 'move', by: -1 } },
  { keys: ['down', 'j'], help: 'down', effect: { type: 'move', by: 1 } },
  { keys: ['pageup'], help: 'a page up', effect: { type: 'move', by: '-page' } },
  { keys: ['pagedown'], help: 'a page down', effect: { type: 'move', by: 'page' } },
  { keys: ['g', 'home'], help: 'first row', effect: { type: 'move', by: 'first' } },
  { keys: ['G', 'end'], help: 'last row; the log follows again', effect: { type: 'move', by: 'last' } },
  { keys: ['ctrl-l'], help: 'draw the screen anew', effect: { type: 'redraw' } },
  { keys: ['ctrl-z'], help: 'suspend; fg comes back', effect: { type: 'suspend' } },
  { keys: ['?', 'h'], help: 'this help', footer: 'help', effect: { type: 'help' } },
  { keys: ['q', 'ctrl-c'], help: 'quit', footer: 'quit', effect: { type: 'quit' } },
]

/** The command of a key in this state; undefined when the key means nothing here. */
export function commandFor(key: string, state: State): Command | undefined {
  return commands.find(({ keys, works }) => keys.includes(key) && (works?.(state) ?? true))
}
