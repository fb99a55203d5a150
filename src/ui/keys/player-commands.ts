// Key commands of the player.
import type { PlayerCommand } from '../../playback/player.ts'
import { hasPlayer, type KeyCommand } from './key-command.ts'

/** Creates a command that moves the player. */
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
    [`alt-${tenth}`],
    { type: 'tenth', tenth },
    {
      isAvailable: hasPlayer,
      ...(tenth === 0
        ? { group: 'time', only: 'replay', label: 'Alt-0 … 9', help: 'jump to a tenth of the recording' }
        : {}),
    },
  ),
)

export const playerCommands: readonly KeyCommand[] = [
  createPlayerCommand(
    ['left'],
    { type: 'seek', by: -5000 },
    { group: 'time', label: '← →', help: '−5 s, +5 s; Shift: 10 %', footer: '5 s', isAvailable: hasPlayer },
  ),
  createPlayerCommand(['left'], { type: 'seek', by: -5000 }, { isAvailable: state => !hasPlayer(state) }),
  createPlayerCommand(['right'], { type: 'seek', by: 5000 }, { isAvailable: hasPlayer }),
  createPlayerCommand(['shift-left'], { type: 'seek-share', by: -0.1 }),
  createPlayerCommand(['shift-right'], { type: 'seek-share', by: 0.1 }, { isAvailable: hasPlayer }),
  createPlayerCommand([','], { type: 'step', by: -1 }, { group: 'time', label: ', .', help: 'previous, next sample' }),
  createPlayerCommand(['.'], { type: 'step', by: 1 }, { isAvailable: hasPlayer, footer: 'step' }),
  createPlayerCommand(
    ['['],
    { type: 'event', by: -1 },
    { group: 'time', label: '[ ]', help: 'previous, next alert, kill, mark' },
  ),
  createPlayerCommand([']'], { type: 'event', by: 1 }, { isAvailable: hasPlayer, footer: 'event' }),
  createPlayerCommand(
    ['>'],
    { type: 'speed', by: 1 },
    {
      group: 'time',
      only: 'replay',
      label: '< > \\',
      help: 'slower, faster, normal speed',
      isAvailable: hasPlayer,
      footer: 'speed',
    },
  ),
  createPlayerCommand(['<'], { type: 'speed', by: -1 }, { isAvailable: hasPlayer }),
  createPlayerCommand(['\\'], { type: 'speed', by: 'normal' }, { isAvailable: hasPlayer }),
  ...tenthCommands,
]
