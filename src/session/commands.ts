// The table of commands: keys, what they do in words, and the action. Help, footer and key handling all come from here.
import type { PlayerCommand } from './player.ts'
import type { Action, PanelId, State } from './state.ts'

/** What a key press does: an action of the reducer, or something that only the screen can do. */
export type Effect =
  | Action
  | { readonly type: 'quit' | 'redraw' | 'suspend' | 'open' }
  | { readonly type: 'move'; readonly by: number | 'first' | 'last' | 'page' | '-page' }
  | { readonly type: 'column' | 'column-back' | 'focus-next' | 'focus-previous' }
  | { readonly type: 'view-next'; readonly by: 1 | -1 }
  | { readonly type: 'match'; readonly by: 1 | -1 }
  | { readonly type: 'record' }
  | { readonly type: 'player'; readonly command: PlayerCommand }

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
  ...(panel === 'overview' ? { label: '1 … 6', help: 'views while live, else v' } : {}),
  footer: name,
  effect: { type: 'view', panel },
  works: ({ player }) => !player,
})

const played = ({ player }: State): boolean => player !== undefined
const live = ({ player }: State): boolean => !player || player.rewound

/** A key that moves the player. */
const move = (keys: readonly string[], command: PlayerCommand, words: Partial<Command> = {}): Command => ({
  keys,
  effect: { type: 'player', command },
  ...words,
})

const tenths = Array.from({ length: 10 }, (_, tenth) =>
  move(
    [String(tenth)],
    { type: 'tenth', tenth },
    { works: played, ...(tenth === 0 ? { label: '0 … 9', help: 'tenths of a recording' } : {}) },
  ),
)

const LISTS: ReadonlySet<PanelId> = new Set(['cgroups', 'slab', 'log', 'oom', 'alerts'])
const SORTED: ReadonlySet<PanelId> = new Set(['cgroups', 'slab'])
const list = ({ ui }: State): boolean => LISTS.has(ui.focus) && !ui.help && ui.detail === undefined
const inLog = (state: State): boolean => list(state) && state.ui.focus === 'log'
const sorted = (state: State): boolean => list(state) && SORTED.has(state.ui.focus)

const seeks = (state: State): boolean => {
  const { filter, sought } = state.ui.panels[state.ui.focus] ?? {}
  return list(state) && Boolean(filter || sought)
}

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
  { keys: ['v'], help: 'next view, V back', footer: 'view', effect: { type: 'view-next', by: 1 }, works: played },
  { keys: ['v'], effect: { type: 'view-next', by: 1 } },
  { keys: ['V'], effect: { type: 'view-next', by: -1 } },
  { keys: ['z'], help: 'panel on the whole screen', footer: 'zoom', effect: { type: 'zoom' } },
  {
    keys: ['L'],
    help: 'back to live',
    footer: 'live',
    effect: { type: 'live' },
    works: ({ player }) => player?.rewound === true,
  },
  {
    keys: ['space'],
    help: 'play, pause a recording',
    footer: 'play',
    effect: { type: 'player', command: { type: 'play' } },
    works: played,
  },
  {
    keys: ['space'],
    help: 'pause; sampling goes on',
    footer: 'pause',
    effect: { type: 'pause' },
    works: ({ player }) => !player,
  },
  move(
    ['left'],
    { type: 'seek', by: -5000 },
    { label: '← →', help: '5 s back, on; Shift 10 %', footer: '5 s', works: played },
  ),
  move(['left'], { type: 'seek', by: -5000 }),
  move(['right'], { type: 'seek', by: 5000 }, { works: played }),
  move(['shift-left'], { type: 'seek-share', by: -0.1 }),
  move(['shift-right'], { type: 'seek-share', by: 0.1 }, { works: played }),
  move([','], { type: 'step', by: -1 }, { label: ', .', help: 'one look back, on' }),
  move(['.'], { type: 'step', by: 1 }, { works: played, footer: 'step' }),
  move(['['], { type: 'event', by: -1 }, { label: '[ ]', help: 'alert, kill, mark before, on' }),
  move([']'], { type: 'event', by: 1 }, { works: played, footer: 'event' }),
  move(
    ['+'],
    { type: 'speed', by: 1 },
    { label: '+ - =', help: 'speed: more, less, normal', works: played, footer: 'speed' },
  ),
  move(['-'], { type: 'speed', by: -1 }, { works: played }),
  move(['='], { type: 'speed', by: 'normal' }, { works: played }),
  ...tenths,
  {
    keys: [':'],
    help: 'go to: 14:05, -10m, 50%',
    footer: 'go',
    effect: { type: 'prompt', prompt: 'go' },
    works: played,
  },
  { keys: [':'], effect: { type: 'prompt', prompt: 'go' } },
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
  { keys: ['escape'], help: 'back; lifts a filter', effect: { type: 'back' } },
  {
    keys: ['/'],
    label: '/ n N',
    help: 'filter; next match in all',
    footer: 'filter',
    effect: { type: 'prompt', prompt: 'filter' },
    works: list,
  },
  { keys: ['n'], effect: { type: 'match', by: 1 }, works: seeks },
  { keys: ['N'], effect: { type: 'match', by: -1 }, works: seeks },
  { keys: ['o'], help: 'log: memory only, or all', footer: 'all', effect: { type: 'everything' }, works: inLog },
  { keys: ['l'], help: 'log: all, warnings, errors', footer: 'level', effect: { type: 'level' }, works: inLog },
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
  { keys: ['w'], help: 'record, with the last 15 min', footer: 'record', effect: { type: 'record' }, works: live },
  { keys: ['m'], help: 'put a mark here', footer: 'mark', effect: { type: 'prompt', prompt: 'mark' }, works: live },
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

/** What is said of a key that means something elsewhere, but not here; undefined of one that never does. */
export function elsewhere(key: string, state: State): string | undefined {
  const { help } = commands.find(({ keys, help }) => keys.includes(key) && help !== undefined) ?? {}
  return help === undefined || commandFor(key, state) ? undefined : `${key} (${help}) does nothing here`
}
