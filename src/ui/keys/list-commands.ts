// Commands of the keys that filter, sort and fold the focused list.
import type { AppState } from '../../app/state.ts'
import { getPanel } from '../../panels/index.ts'
import { hasPlayer, type KeyCommand } from './key-command.ts'

const isListFocused = ({ ui }: AppState): boolean =>
  getPanel(ui.focus).filterable === true && !ui.help && ui.detail === undefined
const isLogFocused = (state: AppState): boolean => isListFocused(state) && state.ui.focus === 'log'
const isSortable = (state: AppState): boolean =>
  isListFocused(state) && getPanel(state.ui.focus).sortColumns !== undefined

const hasSearch = (state: AppState): boolean => {
  const { filter, search } = state.ui.panels[state.ui.focus] ?? {}
  return isListFocused(state) && Boolean(filter || search)
}

const isCgroupsZoomed = (state: AppState): boolean =>
  isListFocused(state) && state.ui.zoomed && state.ui.focus === 'cgroups'

export const listCommands: readonly KeyCommand[] = [
  {
    keys: ['/', 'f4'],
    group: 'lists',
    label: '/ n N',
    help: 'filter; next, previous match',
    footer: 'filter',
    effect: { type: 'prompt', prompt: 'filter' },
    isAvailable: isListFocused,
  },
  { keys: ['n'], effect: { type: 'match', by: 1 }, isAvailable: hasSearch },
  { keys: ['f3'], effect: { type: 'match', by: 1 }, isAvailable: hasSearch },
  {
    keys: ['f3'],
    effect: { type: 'prompt', prompt: 'filter' },
    isAvailable: state => isListFocused(state) && !hasSearch(state),
  },
  { keys: ['N'], effect: { type: 'match', by: -1 }, isAvailable: hasSearch },
  {
    keys: ['o'],
    group: 'lists',
    help: 'log: memory records or all',
    footer: 'all',
    effect: { type: 'everything' },
    isAvailable: isLogFocused,
  },
  {
    keys: ['l'],
    group: 'lists',
    help: 'log: all levels, warnings, errors',
    footer: 'level',
    effect: { type: 'level' },
    isAvailable: isLogFocused,
  },
  {
    keys: ['S', 'f6'],
    group: 'lists',
    label: 'S < >',
    help: 'sort by next, previous column',
    footer: 'sort',
    effect: { type: 'column' },
    isAvailable: isSortable,
  },
  {
    keys: ['A-Z'],
    group: 'lists',
    help: 'sort by the column of that letter',
    effect: { type: 'column' },
  },
  { keys: ['>'], effect: { type: 'column' }, isAvailable: state => isSortable(state) && !hasPlayer(state) },
  { keys: ['<'], effect: { type: 'column-back' }, isAvailable: state => isSortable(state) && !hasPlayer(state) },
  {
    keys: ['r'],
    group: 'lists',
    help: 'reverse the order',
    footer: 'reverse',
    effect: { type: 'reverse' },
    isAvailable: isSortable,
  },
  {
    keys: ['t', 'f5'],
    group: 'lists',
    help: 'cgroups as tree or list',
    footer: 'tree',
    effect: { type: 'tree' },
    isAvailable: isCgroupsZoomed,
  },
  {
    keys: ['e'],
    group: 'lists',
    help: 'cgroups: hide or show empty ones',
    footer: 'empty',
    effect: { type: 'empty' },
    isAvailable: state => isListFocused(state) && state.ui.focus === 'cgroups',
  },
  {
    keys: ['f'],
    group: 'lists',
    help: 'fold or unfold children',
    effect: { type: 'fold' },
    isAvailable: state => isCgroupsZoomed(state) && (state.ui.panels.cgroups?.tree ?? false),
  },
]
