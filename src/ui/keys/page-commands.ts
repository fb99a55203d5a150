// Key commands of pages and of the time window.
import { hasDetail, type KeyCommand } from './key-command.ts'

export const pageCommands: readonly KeyCommand[] = [
  { keys: ['tab'], footer: 'link', effect: { type: 'next-link', by: 1 }, isAvailable: hasDetail },
  { keys: ['shift-tab'], effect: { type: 'next-link', by: -1 }, isAvailable: hasDetail },
  {
    keys: ['-'],
    group: 'time',
    label: '- + =',
    help: 'longer, shorter, fitting window',
    footer: 'window',
    effect: { type: 'zoom-window', by: 1 },
  },
  { keys: ['+'], effect: { type: 'zoom-window', by: -1 } },
  {
    keys: ['('],
    group: 'time',
    label: '( )',
    help: 'read a chart at an earlier, later time',
    effect: { type: 'move-cursor', by: -1 },
  },
  { keys: [')'], effect: { type: 'move-cursor', by: 1 } },
  { keys: ['='], effect: { type: 'window', span: undefined } },
]
