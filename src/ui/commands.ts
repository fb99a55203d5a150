// The table of key commands. Help, footer and key handling are built from it.

import type { AppState, PanelId } from '../app/state.ts'
import { numberedPanels } from '../panels/index.ts'
import { hasDetail, hasPage, hasPlayer, type KeyCommand } from './key-command.ts'
import { listCommands } from './list-commands.ts'
import { pageCommands } from './page-commands.ts'
import { playerCommands } from './player-commands.ts'

// While a recording is played, the footer has room for the keys of the player only.
const createViewCommands = (key: string, panel: PanelId | 'overview', name: string): readonly KeyCommand[] => [
  {
    keys: [key],
    ...(panel === 'overview' ? { label: '1 … 8', help: 'views' } : {}),
    footer: name,
    effect: { type: 'view', panel },
    isAvailable: ({ player }) => !player,
  },
  { keys: [key], effect: { type: 'view', panel }, isAvailable: hasPlayer },
]

const isLive = ({ player }: AppState): boolean => !player || player.rewound

export const commands: readonly KeyCommand[] = [
  ...createViewCommands('1', 'overview', 'Overview'),
  ...numberedPanels.flatMap(({ key, id, name }) => createViewCommands(key, id, name)),
  {
    keys: ['tab'],
    label: 'tab',
    help: 'next panel or link, Shift-Tab back',
    footer: 'next',
    effect: { type: 'focus-next' },
    isAvailable: state => !hasDetail(state),
  },
  { keys: ['shift-tab'], effect: { type: 'focus-previous' }, isAvailable: state => !hasDetail(state) },
  ...pageCommands,
  {
    keys: ['v'],
    help: 'next view, V previous',
    footer: 'view',
    effect: { type: 'view-next', by: 1 },
    isAvailable: hasPlayer,
  },
  { keys: ['v'], effect: { type: 'view-next', by: 1 } },
  { keys: ['V'], effect: { type: 'view-next', by: -1 } },
  { keys: ['z'], help: 'zoom panel to the whole screen', footer: 'zoom', effect: { type: 'zoom' } },
  {
    keys: ['L'],
    help: 'back to live',
    footer: 'live',
    effect: { type: 'live' },
    isAvailable: ({ player }) => player?.rewound === true,
  },
  {
    keys: ['space'],
    help: 'play or pause the recording',
    footer: 'play',
    effect: { type: 'player', command: { type: 'play' } },
    isAvailable: hasPlayer,
  },
  {
    keys: ['space'],
    help: 'pause the screen, not sampling',
    footer: 'pause',
    effect: { type: 'pause' },
    isAvailable: ({ player }) => !player,
  },
  ...playerCommands,
  {
    keys: ['a'],
    help: 'acknowledge selected alert',
    footer: 'ack',
    effect: { type: 'acknowledge' },
    isAvailable: ({ alerts }) =>
      alerts.some(({ resolvedAt, acknowledgedAt }) => resolvedAt === undefined && acknowledgedAt === undefined),
  },
  { keys: ['A'], help: 'list of all alerts', effect: { type: 'view', panel: 'alerts' } },
  {
    keys: ['return'],
    help: 'open the row, alert or link',
    footer: 'open',
    effect: { type: 'open' },
  },
  { keys: ['escape'], help: 'back, or clear the filter', effect: { type: 'back' } },
  ...listCommands,
  {
    keys: ['b'],
    help: 'set growth baseline, or clear it',
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
    help: 'add a mark',
    footer: 'mark',
    effect: { type: 'prompt', prompt: 'mark' },
    isAvailable: isLive,
  },
  {
    keys: ['up', 'k'],
    label: '↑ ↓ k j',
    help: 'move; PgUp PgDn page, g G ends',
    effect: { type: 'move', by: -1 },
  },
  { keys: ['down', 'j'], effect: { type: 'move', by: 1 } },
  { keys: ['pageup'], effect: { type: 'move', by: '-page' } },
  { keys: ['pagedown'], effect: { type: 'move', by: 'page' } },
  { keys: ['g', 'home'], effect: { type: 'move', by: 'first' } },
  { keys: ['G', 'end'], effect: { type: 'move', by: 'last' } },
  { keys: ['ctrl-l'], help: 'redraw', effect: { type: 'redraw' } },
  { keys: ['ctrl-z'], help: 'suspend (fg resumes)', effect: { type: 'suspend' } },
  { keys: ['?', 'h'], help: 'this help', footer: 'help', effect: { type: 'help' } },
  { keys: ['q'], effect: { type: 'back' }, isAvailable: hasPage },
  { keys: ['ctrl-c'], effect: { type: 'quit' } },
  {
    keys: ['q'],
    help: 'close the page, or quit',
    footer: 'quit',
    effect: { type: 'quit' },
    isAvailable: state => !hasPage(state),
  },
]

/** Returns the command of a key in this state, or undefined if the key does nothing here. */
export function findCommand(key: string, state: AppState): KeyCommand | undefined {
  return commands.find(({ keys, isAvailable }) => keys.includes(key) && (isAvailable?.(state) ?? true))
}

/** Returns the message for a key that works elsewhere but not here; undefined for a key without any command. */
export function getUnavailableHint(key: string, state: AppState): string | undefined {
  const { help } = commands.find(({ keys, help }) => keys.includes(key) && help !== undefined) ?? {}
  return help === undefined || findCommand(key, state) ? undefined : `${key} (${help}) does nothing here`
}
