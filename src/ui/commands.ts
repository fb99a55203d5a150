// The table of key commands. Help, footer, key handling and docs/screen.md are built from it.

import type { AppState, PanelId } from '../app/state.ts'
import { numberedPanels } from '../panels/index.ts'
import { alertCommands } from './keys/alert-commands.ts'
import { hasDetail, hasPage, hasPlayer, isLive, type KeyCommand } from './keys/key-command.ts'
import { listCommands } from './keys/list-commands.ts'
import { moveCommands } from './keys/move-commands.ts'
import { pageCommands } from './keys/page-commands.ts'
import { playerCommands } from './keys/player-commands.ts'
import { findSortCommand } from './keys/sort-letters.ts'

const createViewCommand = (key: string, panel: PanelId | 'overview', name: string): KeyCommand => ({
  keys: [key],
  ...(panel === 'overview'
    ? { group: 'views', label: `1 … ${numberedPanels.at(-1)!.key}`, help: 'views: 1 overview, 2 cgroups, 3 slab, …' }
    : {}),
  footer: name,
  effect: { type: 'view', panel },
  isAvailable: ({ player }) => !player,
})

/** Every key of the screen. Help, footer, palette and `docs/screen.md` are made from it. */
export const commands: readonly KeyCommand[] = [
  createViewCommand('1', 'overview', 'Overview'),
  ...numberedPanels.map(({ key, id, name }) => createViewCommand(key, id, name)),
  // in a replay the footer has the keys of the player instead
  ...['overview', ...numberedPanels.map(({ id }) => id)].map(
    (panel, i): KeyCommand => ({
      keys: [String(i + 1)],
      effect: { type: 'view', panel },
      isAvailable: hasPlayer,
    }),
  ),
  {
    keys: ['tab'],
    group: 'views',
    help: 'next panel or link, Shift-Tab back',
    footer: 'next',
    effect: { type: 'focus-next' },
    isAvailable: state => !hasDetail(state),
  },
  { keys: ['shift-tab'], effect: { type: 'focus-previous' }, isAvailable: state => !hasDetail(state) },
  ...pageCommands,
  {
    keys: ['v'],
    group: 'views',
    help: 'next view, V previous',
    footer: 'view',
    effect: { type: 'view-next', by: 1 },
    isAvailable: hasPlayer,
  },
  { keys: ['v'], effect: { type: 'view-next', by: 1 }, isAvailable: state => !hasPlayer(state) },
  { keys: ['V'], effect: { type: 'view-next', by: -1 } },
  { keys: ['z'], group: 'views', help: 'zoom panel to the whole screen', footer: 'zoom', effect: { type: 'zoom' } },
  ...moveCommands,
  {
    keys: ['L'],
    group: 'time',
    only: 'live',
    help: 'back to live',
    footer: 'live',
    effect: { type: 'live' },
    isAvailable: ({ player }) => player?.rewound === true,
  },
  {
    keys: ['space'],
    group: 'time',
    only: 'replay',
    help: 'play or pause the recording',
    footer: 'play',
    effect: { type: 'player', command: { type: 'play' } },
    isAvailable: hasPlayer,
  },
  {
    keys: ['space'],
    group: 'time',
    only: 'live',
    help: 'pause the screen, not sampling',
    footer: 'pause',
    effect: { type: 'pause' },
    isAvailable: ({ player }) => !player,
  },
  ...playerCommands,
  ...alertCommands,
  ...listCommands,
  {
    keys: ['w'],
    group: 'record',
    only: 'live',
    help: 'record, with the last 15 min',
    footer: 'record',
    effect: { type: 'record' },
    isAvailable: isLive,
  },
  {
    keys: ['m'],
    group: 'record',
    only: 'live',
    help: 'add a mark',
    footer: 'mark',
    effect: { type: 'prompt', prompt: 'mark' },
    isAvailable: isLive,
  },
  {
    keys: ['b'],
    group: 'time',
    help: 'set growth baseline, or clear it',
    footer: 'base',
    effect: { type: 'baseline' },
  },
  {
    keys: [':'],
    group: 'views',
    help: 'command or time; Tab completes it',
    footer: 'command',
    effect: { type: 'prompt', prompt: 'command' },
  },
  {
    keys: ['mouse'],
    group: 'views',
    help: 'select, open, sort; Shift: text',
    effect: { type: 'redraw' },
  },
  { keys: ['ctrl-l'], group: 'program', help: 'redraw', effect: { type: 'redraw' } },
  { keys: ['ctrl-z'], group: 'program', help: 'suspend (fg resumes)', effect: { type: 'suspend' } },
  { keys: ['?', 'h', 'f1'], group: 'program', help: 'this help', footer: 'help', effect: { type: 'help' } },
  { keys: ['q'], effect: { type: 'back' }, isAvailable: hasPage },
  { keys: ['ctrl-c', 'f10'], group: 'program', help: 'quit at once', effect: { type: 'quit-now' } },
  {
    keys: ['q'],
    group: 'program',
    help: 'close the page, or quit',
    footer: 'quit',
    effect: { type: 'quit' },
    isAvailable: state => !hasPage(state),
  },
]

/** Returns the command of a key in this state, or undefined if the key does nothing here. */
export function findCommand(key: string, state: AppState): KeyCommand | undefined {
  return (
    commands.find(({ keys, isAvailable }) => keys.includes(key) && (isAvailable?.(state) ?? true)) ??
    findSortCommand(key, state)
  )
}

/** Returns the message for a key that does nothing here; undefined if there was no key that can be named. */
export function getUnavailableHint(key: string, state: AppState): string | undefined {
  if (key === '' || findCommand(key, state)) return undefined
  if (key === 'f9') return 'F9 kills processes in htop; kmemtop only reads'
  const { help } = commands.find(({ keys, help }) => keys.includes(key) && help !== undefined) ?? {}
  return help === undefined ? `no key ${getKeyLabel(key)} here; ? shows all keys` : `${key} (${help}) does nothing here`
}

const KEY_LABELS: Readonly<Record<string, string>> = {
  return: 'enter',
  escape: 'esc',
  left: '← →',
  '.': ', .',
  ']': '[ ]',
  '-': '- +',
  '>': '< >',
}

/** Returns how a key is written on the screen. */
export const getKeyLabel = (key: string): string =>
  KEY_LABELS[key] ?? (/^f\d+$/.test(key) ? key.toUpperCase() : key.slice(0, MAX_KEY_LABEL))

const MAX_KEY_LABEL = 12 // an unknown escape sequence may be long
