// The words of the command line that `:` opens. Each turns its argument into effects, or says what is wrong with it.
import { canUndoAcknowledge } from '../../app/acknowledge.ts'
import type { AppState, PanelId } from '../../app/state.ts'
import { parseDuration } from '../../base/parse-time.ts'
import { DAY, MINUTE } from '../../base/units.ts'
import { getPanel, numberedPanels } from '../../panels/index.ts'
import { isThemeName, themeNames } from '../../widgets/themes.ts'
import { type CommandResult, isLive, type KeyEffect } from '../keys/key-command.ts'
import { listAlertNames, listCacheNames, listCgroupNames, listKillNames, openNamed } from './palette-names.ts'
import { listThresholds, setThreshold } from './palette-thresholds.ts'

/** A word of the command line. */
export interface PaletteWord {
  readonly word: string
  /** what may follow, as the list of candidates shows it */
  readonly argument?: string
  readonly help: string
  /** arguments to complete to */
  list?(state: AppState): Iterable<string>
  run(argument: string, state: AppState): CommandResult
}

const createViewWord = (panel: PanelId | 'overview'): PaletteWord => ({
  word: panel,
  help: panel === 'overview' ? 'Overview (key 1)' : `${getPanel(panel).title} (key ${getPanel(panel).key})`,
  run: argument => (argument === '' ? [{ type: 'view', panel }] : `${panel} takes no argument`),
})

/** @param explain says why the command has nothing to do now; undefined where it has */
const createPlainWord = (
  word: string,
  help: string,
  effect: KeyEffect,
  explain: (state: AppState) => string | undefined = () => undefined,
): PaletteWord => ({
  word,
  help,
  run: (argument, state) => (argument === '' ? (explain(state) ?? [effect]) : `${word} takes no argument`),
})

const explainUndo = (state: AppState): string | undefined =>
  canUndoAcknowledge(state) ? undefined : 'nothing to undo: no alert was acknowledged here'

const explainLive = ({ player, ui }: AppState): string | undefined => {
  if (player && !player.rewound) return 'this is a recording: there is nothing live'
  return player || ui.frozen ? undefined : 'this is live already'
}

const MIN_WINDOW = MINUTE
const MAX_WINDOW = 30 * DAY

function setWindow(argument: string): CommandResult {
  if (argument === 'fit') return [{ type: 'window', span: undefined }]
  const span = parseDuration(argument)
  if (span === undefined) return `window ${argument}: expected a time like 15m, 6h or 2d, or fit`
  if (span < MIN_WINDOW || span > MAX_WINDOW) return `window ${argument}: expected 1m to 30d`
  return [{ type: 'window', span }]
}

function sortBy(argument: string, { ui }: AppState): CommandResult {
  const { sortColumns = [], title } = getPanel(ui.focus)
  if (sortColumns.length === 0) return `${title} has one order only`
  if (!sortColumns.includes(argument)) return `${title} has no column ${argument}: ${sortColumns.join(', ')}`
  return [{ type: 'sort-by', column: argument }]
}

function applyFilter(text: string, { ui }: AppState): CommandResult {
  const { filterable, title } = getPanel(ui.focus)
  return filterable ? [{ type: 'filter', text }] : `${title} has no filter`
}

function setTheme(argument: string): CommandResult {
  return isThemeName(argument) ? [{ type: 'theme', theme: argument }] : `no theme ${argument}: ${themeNames.join(', ')}`
}

function saveHistory(file: string, state: AppState): CommandResult {
  if (file === '') return 'save FILE: expected the name of a file to create'
  if (!isLive(state)) return 'this is a recording: kmemtop cut copies a part of it'
  return [{ type: 'save', file }]
}

const WINDOWS = ['5m', '15m', '1h', '6h', '24h', '7d', 'fit']

/** All words, in the order in which candidates are listed. */
export const paletteWords: readonly PaletteWord[] = [
  createViewWord('overview'),
  ...numberedPanels.map(({ id }) => createViewWord(id)),
  {
    word: 'cgroup',
    argument: 'NAME',
    help: 'the page of a cgroup',
    list: listCgroupNames,
    run: (name, state) => openNamed('cgroups', name, state),
  },
  {
    word: 'cache',
    argument: 'NAME',
    help: 'the page of a slab cache',
    list: listCacheNames,
    run: (name, state) => openNamed('slab', name, state),
  },
  {
    word: 'kill',
    argument: 'NAME',
    help: 'the page of an OOM kill',
    list: listKillNames,
    run: (name, state) => openNamed('oom', name, state),
  },
  {
    word: 'alert',
    argument: 'NAME',
    help: 'the page of an alert',
    list: listAlertNames,
    run: (name, state) => openNamed('alerts', name, state),
  },
  {
    word: 'goto',
    argument: 'TIME',
    help: 'jump to 14:05, -10m, +90s or 50%',
    run: text => (text === '' ? 'goto TIME: expected 14:05, -10m, +90s or 50%' : [{ type: 'seek', text }]),
  },
  { word: 'window', argument: '6h', help: 'time that charts cover', list: () => WINDOWS, run: setWindow },
  {
    word: 'sort',
    argument: 'COLUMN',
    help: 'sort the list; again reverses',
    list: ({ ui }) => getPanel(ui.focus).sortColumns ?? [],
    run: sortBy,
  },
  { word: 'filter', argument: 'TEXT', help: 'words, /regex/, !not, oom>0; empty clears it', run: applyFilter },
  {
    word: 'set',
    argument: 'THRESHOLD=NUMBER',
    help: 'a threshold of this session',
    list: listThresholds,
    run: setThreshold,
  },
  { word: 'theme', argument: 'NAME', help: 'colors', list: () => themeNames, run: setTheme },
  { word: 'save', argument: 'FILE', help: 'write the last 15 minutes into a new file', run: saveHistory },
  {
    word: 'mark',
    argument: 'TEXT',
    help: 'add a mark',
    run: text => (text === '' ? 'mark TEXT: expected a label' : [{ type: 'add-mark', text }]),
  },
  createPlainWord('record', 'start or stop recording', { type: 'record' }),
  createPlainWord('baseline', 'measure growth from now on, or clear that', { type: 'baseline' }),
  createPlainWord('live', 'back to live', { type: 'live' }, explainLive),
  createPlainWord('copy', 'copy the page or view as text', { type: 'copy', what: 'page' }),
  createPlainWord('undo', 'undo the last acknowledgement', { type: 'undo-acknowledge' }, explainUndo),
  createPlainWord('help', 'all keys', { type: 'help' }),
  createPlainWord('quit', 'quit', { type: 'quit' }),
]
