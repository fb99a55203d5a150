// Keys: converts Ink's key presses to the names in the command table, and effects of commands to actions.
import type { Key } from 'ink'
import { findMostUrgent } from '../../app/banner-alerts.ts'
import type { AppAction, AppState, PanelId } from '../../app/state.ts'
import { getAlertKey } from '../../detectors/alerts.ts'
import { moveCursor } from '../../panels/chart-cursor.ts'
import { findDefaultRow } from '../../panels/default-row.ts'
import { getPanel, numberedPanels, panelIds } from '../../panels/index.ts'
import { getChartRange, getNextWindow } from '../../panels/time-window.ts'
import { listPanels } from '../layout.ts'
import { getSelectedLink } from '../pages/page-links.ts'
import { computeLayout, findOpenDetail, listRowKeys, listSortColumns } from '../screen.tsx'
import { findEnterAlert } from './enter-alert.ts'
import type { KeyEffect, Step } from './key-command.ts'

const NAMED_KEYS = ['return', 'escape', 'tab', 'backspace', 'delete', 'home', 'end'] as const

/** Returns the name of a key: `a`, `S`, `space`, `return`, `up`, `pagedown`, `shift-tab`, `ctrl-c`, `alt-5`. */
export function getKeyName(input: string, key: Key): string {
  if (key.tab && key.shift) return 'shift-tab'
  if (key.upArrow) return 'up'
  if (key.downArrow) return 'down'
  if (key.leftArrow) return key.shift ? 'shift-left' : 'left'
  if (key.rightArrow) return key.shift ? 'shift-right' : 'right'
  if (key.pageUp) return 'pageup'
  if (key.pageDown) return 'pagedown'
  if (input === '\n') return 'return' // Enter that was pressed before the terminal was in raw mode
  const named = NAMED_KEYS.find(name => key[name])
  if (named) return named
  if (key.ctrl) return `ctrl-${input}`
  if (key.meta && /^\d$/.test(input)) return `alt-${input}`
  return input === ' ' ? 'space' : input
}

/** Returns the action of an effect in this state and size; undefined if there is nothing to do or only the screen can do it. */
export function toAction(effect: KeyEffect, state: AppState, columns: number, rows: number): AppAction | undefined {
  switch (effect.type) {
    case 'move':
      return toMoveAction(effect.by, state, rows)
    case 'match':
      return toMatchAction(effect.by, state)
    case 'column':
    case 'column-back':
      return { type: 'sort', columns: listSortColumns(state), by: effect.type === 'column' ? 1 : -1 }
    case 'focus-next':
    case 'focus-previous':
      return { type: 'focus', by: effect.type === 'focus-next' ? 1 : -1, among: getTabOrder(state, columns, rows) }
    case 'open':
      return toOpenAction(state)
    case 'zoom-window':
      return { type: 'window', span: getNextWindow(state, effect.by) }
    case 'move-cursor':
      return {
        type: 'cursor',
        time: moveCursor(state, findOpenDetail(state)?.range ?? getChartRange(state), effect.by),
      }
    case 'next-link':
      return { type: 'select-link', by: effect.by, count: findOpenDetail(state)?.links?.length ?? 0 }
    case 'next-item':
      return toNextItemAction(effect.by, state)
    case 'view-next':
      return { type: 'view', panel: getNextView(state, effect.by) }
    case 'sort-by':
      return toSortAction(effect.column, state)
    case 'quit':
    case 'quit-now':
    case 'copy':
    case 'seek':
    case 'save':
    case 'add-mark':
    case 'redraw':
    case 'suspend':
    case 'record':
    case 'player':
      return undefined
    default:
      return effect
  }
}

// A list that was not sorted by hand is sorted by the first of its columns.
function toSortAction(column: string, { ui }: AppState): AppAction {
  const current = ui.panels[ui.focus]?.column ?? getPanel(ui.focus).sortColumns?.[0] ?? ''
  return { type: 'sort-by', column, current }
}

const VIEWS: readonly (PanelId | 'overview')[] = ['overview', ...numberedPanels.map(({ id }) => id)]

function getNextView({ ui }: AppState, by: 1 | -1): PanelId | 'overview' {
  const index = ui.zoomed ? VIEWS.indexOf(ui.focus) : 0
  return VIEWS[(Math.max(0, index) + by + VIEWS.length) % VIEWS.length]!
}

// Tab goes through the panels on the screen; zoomed, through all panels.
function getTabOrder(state: AppState, columns: number, rows: number): ReturnType<typeof listPanels> {
  return state.ui.zoomed ? panelIds : listPanels(computeLayout(state, columns, rows - 2))
}

function toMoveAction(by: Step, state: AppState, rows: number): AppAction | undefined {
  if (state.ui.help || state.ui.detail !== undefined) return toScrollAction(by, rows)
  const keys = listRowKeys(state)
  if (keys.length === 0) return undefined
  const log = state.ui.focus === 'log'
  if (by === 'last' && log) return { type: 'select', key: undefined }
  const page = Math.max(1, rows - 6)
  const index = keys.indexOf(state.ui.panels[state.ui.focus]?.selected ?? '')
  const unselected = log ? keys.length : -1
  const target = computeTarget(by, index >= 0 ? index : unselected, page, keys.length - 1)
  return { type: 'select', key: keys[Math.min(keys.length - 1, Math.max(0, target))]! }
}

function computeTarget(by: Step, from: number, page: number, last: number): number {
  switch (by) {
    case 'first':
      return 0
    case 'last':
      return last
    case 'page':
      return from + page
    case '-page':
      return from - page
    case 'half':
      return from + Math.ceil(page / 2)
    case '-half':
      return from - Math.ceil(page / 2)
    default:
      return from + by
  }
}

// Clears the filter and selects the next row that matched it, so that the rows around it are visible. Stops at the last match.
function toMatchAction(by: 1 | -1, state: AppState): AppAction | undefined {
  const { filter, search: previous, selected } = state.ui.panels[state.ui.focus] ?? {}
  const sought = filter || previous
  if (!sought) return undefined
  const all = listRowKeys(applyFilter(state, ''))
  const hits = new Set(listRowKeys(applyFilter(state, sought)))
  const from = all.indexOf(selected ?? '')
  const firstIndex = by === 1 ? 0 : all.length - 1
  const begin = from >= 0 ? from + by : firstIndex
  for (let index = begin; index >= 0 && index < all.length; index += by)
    if (hits.has(all[index]!)) return { type: 'found', key: all[index]!, search: sought }
  return filter && selected !== undefined ? { type: 'found', key: selected, search: sought } : undefined
}

function applyFilter(state: AppState, filter: string): AppState {
  const { ui } = state
  return { ...state, ui: { ...ui, panels: { ...ui.panels, [ui.focus]: { ...ui.panels[ui.focus], filter } } } }
}

// Help and details are pages: the keys that move the selection elsewhere scroll them.
function toScrollAction(by: Step, rows: number): AppAction {
  const page = Math.max(1, rows - 6)
  if (by === 'first') return { type: 'scroll', by: -1e6 }
  return { type: 'scroll', by: computeTarget(by, 0, page, page) }
}

// The next row of the list that the page belongs to; the last one stays.
function toNextItemAction(by: 1 | -1, state: AppState): AppAction | undefined {
  const keys = listRowKeys(state)
  const index = keys.indexOf(state.ui.detail ?? '')
  const key = index < 0 ? undefined : keys[index + by]
  return key === undefined ? undefined : { type: 'detail', key, replace: true }
}

function toOpenAction(state: AppState): AppAction | undefined {
  const detail = findOpenDetail(state)
  if (detail) {
    const link = getSelectedLink(detail, state)
    return link && { type: 'detail', key: link.key, panel: link.panel }
  }
  const alert = findEnterAlert(state)
  const key = alert ? undefined : findDefaultRow(getPanel(state.ui.focus), state)
  if (key !== undefined) return { type: 'detail', key }
  const opened = alert ?? findMostUrgent(state.alerts, state.history.time)
  return opened && { type: 'detail', key: getAlertKey(opened), panel: 'alerts' }
}
