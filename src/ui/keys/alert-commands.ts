// Key commands about alerts, and of what a row or page names.
import { canAcknowledge, canUndoAcknowledge } from '../../app/acknowledge.ts'
import { hasDetail, hasHelp, type KeyCommand } from './key-command.ts'

export const alertCommands: readonly KeyCommand[] = [
  {
    keys: ['return'],
    group: 'alerts',
    help: 'open the row, alert or link',
    footer: 'open',
    effect: { type: 'open' },
  },
  { keys: ['escape'], group: 'alerts', help: 'back, or clear the filter', effect: { type: 'back' } },
  {
    keys: ['n'],
    group: 'alerts',
    label: 'n p',
    help: 'on a page: next, previous item',
    footer: 'next item',
    effect: { type: 'next-item', by: 1 },
    isAvailable: hasDetail,
  },
  { keys: ['p'], effect: { type: 'next-item', by: -1 }, isAvailable: hasDetail },
  {
    keys: ['a'],
    group: 'alerts',
    help: 'acknowledge this alert, or undo that',
    footer: 'ack',
    effect: { type: 'acknowledge', scope: 'one' },
    isAvailable: canAcknowledge,
  },
  {
    keys: ['A'],
    group: 'alerts',
    help: 'acknowledge all alerts of its kind',
    effect: { type: 'acknowledge', scope: 'kind' },
    isAvailable: canAcknowledge,
  },
  {
    keys: ['u'],
    group: 'alerts',
    help: 'undo the last acknowledgement',
    effect: { type: 'undo-acknowledge' },
    isAvailable: canUndoAcknowledge,
  },
  {
    keys: ['c'],
    group: 'alerts',
    help: 'copy a command, or the row',
    effect: { type: 'copy', what: 'command' },
    isAvailable: state => !hasHelp(state),
  },
  { keys: ['y'], group: 'alerts', help: 'copy the page or view as text', effect: { type: 'copy', what: 'page' } },
]
