// The table of commands: keys, what they do in words, and the action. Help, footer and key handling all come from here.

import type { AppAction, AppState, PanelId } from '../app/state.ts'
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

const createViewCommand = (key: string, panel: PanelId | 'overview', name: string): KeyCommand => ({
  keys: [key],
  ...(panel === 'overview' ? { label: '1 … 6', help: 'views while live, else v' } : {}),
  footer: name,
  effect: { type: 'view', panel },
  isAvailable: ({ player }) => !player,
})

const hasPlayer = ({ player }: AppState): boolean => player !== undefined
const isLive = ({ player }: AppState): boolean => !player || player.rewound

/** A key that moves the player. */
const createPlayerCommand = (
  keys: readonly string[],
  command: PlayerCommand,
  options: Partial<KeyCommand> = {},
): KeyCommand => ({
  keys,
  effect: { type: 'player', command },
  ...options,
})

const tenthCommands = Array.from({ length: 10 }, (_, tenth) =>
  createPlayerCommand(
    [String(tenth)],
    { type: 'tenth', tenth },
    { isAvailable: hasPlayer, ...(tenth === 0 ? { label: '0 … 9', help: 'tenths of a recording' } : {}) },
  ),
)

const LIST_PANELS: ReadonlySet<PanelId> = new Set(['cgroups', 'slab', 'log', 'oom', 'alerts'])
const SORTABLE_PANELS: ReadonlySet<PanelId> = new Set(['cgroups', 'slab'])
const isListFocused = ({ ui }: AppState): boolean => LIST_PANELS.has(ui.focus) && !ui.help && ui.detail === undefined
const isLogFocused = (state: AppState): boolean => isListFocused(state) && state.ui.focus === 'log'
const isSortable = (state: AppState): boolean => isListFocused(state) && SORTABLE_PANELS.has(state.ui.focus)

const hasSearch = (state: AppState): boolean => {
  const { filter, search } = state.ui.panels[state.ui.focus] ?? {}
  return isListFocused(state) && Boolean(filter || search)
}

const isCgroupsZoomed = (state: AppState): boolean =>
  isListFocused(state) && state.ui.zoomed && state.ui.focus === 'cgroups'

export const commands: readonly KeyCommand[] = [
  createViewCommand('1', 'overview', 'Overview'),
  createViewCommand('2', 'cgroups', 'Cgroups'),
  createViewCommand('3', 'slab', 'Slab'),
  createViewCommand('4', 'log', 'Log'),
  createViewCommand('5', 'oom', 'OOM'),
  createViewCommand('6', 'alerts', 'Alerts'),
  {
    keys: ['tab'],
    label: 'tab',
    help: 'next panel, Shift-Tab back',
    footer: 'next',
    effect: { type: 'focus-next' },
  },
  { keys: ['shift-tab'], effect: { type: 'focus-previous' } },
  {
    keys: ['v'],
    help: 'next view, V back',
    footer: 'view',
    effect: { type: 'view-next', by: 1 },
    isAvailable: hasPlayer,
  },
  { keys: ['v'], effect: { type: 'view-next', by: 1 } },
  { keys: ['V'], effect: { type: 'view-next', by: -1 } },
  { keys: ['z'], help: 'panel on the whole screen', footer: 'zoom', effect: { type: 'zoom' } },
  {
    keys: ['L'],
    help: 'back to live',
    footer: 'live',
    effect: { type: 'live' },
    isAvailable: ({ player }) => player?.rewound === true,
  },
  {
    keys: ['space'],
    help: 'play, pause a recording',
    footer: 'play',
    effect: { type: 'player', command: { type: 'play' } },
    isAvailable: hasPlayer,
  },
  {
    keys: ['space'],
    help: 'pause; sampling goes on',
    footer: 'pause',
    effect: { type: 'pause' },
    isAvailable: ({ player }) => !player,
  },
  createPlayerCommand(
    ['left'],
    { type: 'seek', by: -5000 },
    { label: '← →', help: '5 s back, on; Shift 10 %', footer: '5 s', isAvailable: hasPlayer },
  ),
  createPlayerCommand(['left'], { type: 'seek', by: -5000 }),
  createPlayerCommand(['right'], { type: 'seek', by: 5000 }, { isAvailable: hasPlayer }),
  createPlayerCommand(['shift-left'], { type: 'seek-share', by: -0.1 }),
  createPlayerCommand(['shift-right'], { type: 'seek-share', by: 0.1 }, { isAvailable: hasPlayer }),
  createPlayerCommand([','], { type: 'step', by: -1 }, { label: ', .', help: 'one look back, on' }),
  createPlayerCommand(['.'], { type: 'step', by: 1 }, { isAvailable: hasPlayer, footer: 'step' }),
  createPlayerCommand(['['], { type: 'event', by: -1 }, { label: '[ ]', help: 'alert, kill, mark before, on' }),
  createPlayerCommand([']'], { type: 'event', by: 1 }, { isAvailable: hasPlayer, footer: 'event' }),
  createPlayerCommand(
    ['+'],
    { type: 'speed', by: 1 },
    { label: '+ - =', help: 'speed: more, less, normal', isAvailable: hasPlayer, footer: 'speed' },
  ),
  createPlayerCommand(['-'], { type: 'speed', by: -1 }, { isAvailable: hasPlayer }),
  createPlayerCommand(['='], { type: 'speed', by: 'normal' }, { isAvailable: hasPlayer }),
  ...tenthCommands,
  {
    keys: [':'],
    help: 'go to: 14:05, -10m, 50%',
    footer: 'go',
    effect: { type: 'prompt', prompt: 'go' },
    isAvailable: hasPlayer,
  },
  { keys: [':'], effect: { type: 'prompt', prompt: 'go' } },
  {
    keys: ['a'],
    help: 'acknowledge loudest, chosen',
    footer: 'ack',
    effect: { type: 'acknowledge' },
    isAvailable: ({ alerts }) =>
      alerts.some(({ resolvedAt, acknowledgedAt }) => resolvedAt === undefined && acknowledgedAt === undefined),
  },
  { keys: ['A'], help: 'list of all alerts', effect: { type: 'view', panel: 'alerts' } },
  {
    keys: ['return'],
    help: 'details of a row or alert',
    footer: 'details',
    effect: { type: 'open' },
  },
  { keys: ['escape'], help: 'back; lifts a filter', effect: { type: 'back' } },
  {
    keys: ['/'],
    label: '/ n N',
    help: 'filter; next match in all',
    footer: 'filter',
    effect: { type: 'prompt', prompt: 'filter' },
    isAvailable: isListFocused,
  },
  { keys: ['n'], effect: { type: 'match', by: 1 }, isAvailable: hasSearch },
  { keys: ['N'], effect: { type: 'match', by: -1 }, isAvailable: hasSearch },
  {
    keys: ['o'],
    help: 'log: memory only, or all',
    footer: 'all',
    effect: { type: 'everything' },
    isAvailable: isLogFocused,
  },
  {
    keys: ['l'],
    help: 'log: all, warnings, errors',
    footer: 'level',
    effect: { type: 'level' },
    isAvailable: isLogFocused,
  },
  {
    keys: ['S', '>'],
    label: 'S < >',
    help: 'sort by another column',
    footer: 'sort',
    effect: { type: 'column' },
    isAvailable: isSortable,
  },
  { keys: ['<'], effect: { type: 'column-back' }, isAvailable: isSortable },
  { keys: ['r'], help: 'reverse the order', footer: 'reverse', effect: { type: 'reverse' }, isAvailable: isSortable },
  {
    keys: ['t'],
    help: 'cgroups as tree or list',
    footer: 'tree',
    effect: { type: 'tree' },
    isAvailable: isCgroupsZoomed,
  },
  {
    keys: ['f'],
    help: 'fold what is below',
    effect: { type: 'fold' },
    isAvailable: state => isCgroupsZoomed(state) && (state.ui.panels.cgroups?.tree ?? false),
  },
  {
    keys: ['b'],
    help: 'growth since now or 15 min',
    footer: 'base',
    effect: { type: 'baseline' },
    isAvailable: ({ ui }) => ui.focus === 'slab' || !ui.zoomed,
  },
  {
    keys: ['w'],
    help: 'record, with the last 15 min',
    footer: 'record',
    effect: { type: 'record' },
    isAvailable: isLive,
  },
  {
    keys: ['m'],
    help: 'put a mark here',
    footer: 'mark',
    effect: { type: 'prompt', prompt: 'mark' },
    isAvailable: isLive,
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
export function findCommand(key: string, state: AppState): KeyCommand | undefined {
  return commands.find(({ keys, isAvailable }) => keys.includes(key) && (isAvailable?.(state) ?? true))
}

/** What is said of a key that means something elsewhere, but not here; undefined of one that never does. */
export function getUnavailableHint(key: string, state: AppState): string | undefined {
  const { help } = commands.find(({ keys, help }) => keys.includes(key) && help !== undefined) ?? {}
  return help === undefined || findCommand(key, state) ? undefined : `${key} (${help}) does nothing here`
}
