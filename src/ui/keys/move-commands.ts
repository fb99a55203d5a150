// Key commands that move the selection, or scroll a page.
import type { KeyCommand } from './key-command.ts'

export const moveCommands: readonly KeyCommand[] = [
  {
    keys: ['up', 'k'],
    group: 'views',
    label: '↑ ↓ k j',
    help: 'move, or scroll a page',
    effect: { type: 'move', by: -1 },
  },
  { keys: ['down', 'j'], effect: { type: 'move', by: 1 } },
  {
    keys: ['pageup'],
    group: 'views',
    label: 'PgUp PgDn',
    help: 'a page; Ctrl-U Ctrl-D half a page',
    effect: { type: 'move', by: '-page' },
  },
  { keys: ['pagedown'], effect: { type: 'move', by: 'page' } },
  { keys: ['ctrl-u'], effect: { type: 'move', by: '-half' } },
  { keys: ['ctrl-d'], effect: { type: 'move', by: 'half' } },
  {
    keys: ['g', 'home'],
    group: 'views',
    label: 'g G',
    help: 'first, last row; also Home, End',
    effect: { type: 'move', by: 'first' },
  },
  { keys: ['G', 'end'], effect: { type: 'move', by: 'last' } },
]
