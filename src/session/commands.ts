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
  /** a line in the help; absent: the line before it speaks for this one too */
  readonly help?: string
  /** how the help writes the keys, where it is not just their names */
  readonly label?: string
  /** in the footer, where it works in this state */
  readonly footer?: string
  readonly effect: Effect
  works?(state: State): boolean
}

const view = (key: string, panel: PanelId | 'overview', name: string): Command => ({
  keys: [key],
  ...(panel === 'overview' ? { label: '1 … 6', help: 'views, named in the footer' } : {}),
  footer: name,
  effect: { type: 'view', panel },
})

const LISTS: ReadonlySet<PanelId> = new Set(['cgroups', 'slab', 'log', 'oom', 'alerts'])
const SORTED: ReadonlySet<PanelId> = new Set(['cgroups', 'slab'])
const list = ({ ui }: State): boolean => LISTS.has(ui.focus) && !ui.help && ui.detail === undefined
const sorted = (state: State): boolean => list(state) && SORTED.has(state.ui.focus)

const onCgroups = (state: State): boolean => list(state) && state.ui.zoomed && state.ui.focus === 'cgroups'

export const commands: readonly Command[] = [
  view('1', 'overview', 'Overview'),
  view('2', 'cgroups', 'Cgroups'),
  view('3', 'slab', 'Slab'),
  view('4', 'log', 'Log'),
  view('5', 'oom', 'OOM'),
  view('6', 'alerts', 'Alerts'),
  {
    keys: ['tab'],
    label: 'tab',
    help: 'next panel, Shift-Tab back',
    footer: 'next',
    effect: { type: 'focus-next' },
  },
  { keys: ['shift-tab'], effect: { type: 'focus-previous' } },
  { keys: ['z'], help: 'panel on the whole screen', footer: 'zoom', effect: { type: 'zoom' } },
  {
    keys: ['space'],
    help: 'pause; sampling goes on',
    footer: 'pause',
    effect: { type: 'pause' },
  },
  {
    keys: ['a'],
    help: 'acknowledge loudest, chosen',
    footer: 'ack',
    effect: { type: 'acknowledge' },
    works: ({ alerts }) =>
      alerts.some(({ resolvedAt, acknowledgedAt }) => resolvedAt === undefined && acknowledgedAt === undefined),
  },
  { keys: ['A'], help: 'list of all alerts', effect: { type: 'view', panel: 'alerts' } },
  {
    keys: ['return'],
    help: 'details of a row or alert',
    footer: 'details',
    effect: { type: 'open' },
  },
  { keys: ['escape'], help: 'back', effect: { type: 'back' } },
  {
    keys: ['/'],
    help: 'filter; Enter keeps it',
    footer: 'filter',
    effect: { type: 'filter' },
    works: list,
  },
  {
    keys: ['S', '>'],
    label: 'S < >',
    help: 'sort by another column',
    footer: 'sort',
    effect: { type: 'column' },
    works: sorted,
  },
  { keys: ['<'], effect: { type: 'column-back' }, works: sorted },
  { keys: ['r'], help: 'reverse the order', footer: 'reverse', effect: { type: 'reverse' }, works: sorted },
  { keys: ['t'], help: 'cgroups as tree or list', footer: 'tree', effect: { type: 'tree' }, works: onCgroups },
  {
    keys: ['f'],
    help: 'fold what is below',
    effect: { type: 'fold' },
    works: state => onCgroups(state) && (state.ui.panels.cgroups?.tree ?? false),
  },
  {
    keys: ['b'],
    help: 'growth since now or 15 min',
    footer: 'base',
    effect: { type: 'baseline' },
    works: ({ ui }) => ui.focus === 'slab' || !ui.zoomed,
  },
  {
    keys: ['up', 'k'],
    label: '↑ ↓ k j',
    help: 'move; PgUp PgDn, g G ends',
    effect: { type: 'move', by: -1 },
  },
  { keys: ['down', 'j'], effect: { type: 'move', by: 1 } },
  { keys: ['pageup'], effect: { type: 'move', by: '-page' } },
  { keys: ['pagedown'], effect: { type: 'move', by: 'page' } },
  { keys: ['g', 'home'], effect: { type: 'move', by: 'first' } },
  { keys: ['G', 'end'], effect: { type: 'move', by: 'last' } },
  { keys: ['ctrl-l'], help: 'draw anew', effect: { type: 'redraw' } },
  { keys: ['ctrl-z'], help: 'suspend (fg comes back)', effect: { type: 'suspend' } },
  { keys: ['?', 'h'], help: 'this help', footer: 'help', effect: { type: 'help' } },
  { keys: ['q', 'ctrl-c'], help: 'quit', footer: 'quit', effect: { type: 'quit' } },
]

/** The command of a key in this state; undefined when the key means nothing here. */
export function commandFor(key: string, state: State): Command | undefined {
  return commands.find(({ keys, works }) => keys.includes(key) && (works?.(state) ?? true))
}
