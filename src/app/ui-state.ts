// View state: what is focused, zoomed, typed and selected. `updateUi` is its part of the reducer.
import type { History } from '../history.ts'
import { computePanelChange, getNeighbour, type PanelAction, type PanelState } from './panel-state.ts'

export type { PanelState } from './panel-state.ts'

/** The id of an entry in the table of panels (panels/index.ts). */
export type PanelId = string

/** What the line at the bottom is typed for. */
export type Prompt = 'filter' | 'command' | 'mark'

/** A place that Esc returns to: a page, or a panel where `detail` is undefined. */
export type PageLocation = Pick<UiState, 'focus' | 'detail' | 'scroll' | 'link'>

/** What is focused, open, typed and selected. It holds nothing of the node. */
export interface UiState {
  readonly focus: PanelId
  /** the focused panel has the whole screen */
  readonly zoomed: boolean
  /** key of the row whose page is open: a row of the focused panel */
  readonly detail: string | undefined
  /** where the open page was opened from, the last one first to go back to */
  readonly trail: readonly PageLocation[]
  /** index of the selected link on the open page */
  readonly link: number
  readonly help: boolean
  /** what is being typed in the footer: the filter of the focused panel, a time to jump to, the text of a mark */
  readonly typing: Prompt | undefined
  /** the text typed so far; a filter is kept in its panel instead */
  readonly input: string
  /** index of the chosen candidate of a command; -1 where none is chosen */
  readonly choice: number
  readonly panels: Readonly<Record<PanelId, PanelState | undefined>>
  /** the history on the screen while it is paused or rewound; sampling continues */
  readonly frozen: History | undefined
  /** session time in ms that growth is measured from; undefined: the last 15 minutes */
  readonly baseline: number | undefined
  /** ms that charts and sparklines cover; undefined: as much as fits */
  readonly window: number | undefined
  /** session time in ms whose values the charts show; undefined: the newest */
  readonly cursor: number | undefined
  /** the theme chosen with `:theme`; undefined: that of the start */
  readonly theme: string | undefined
  /** a message to the user, shown until the next key press */
  readonly notice: string | undefined
  /** shown in place of LIVE when no readings arrive */
  readonly stallNotice: string | undefined
  /** keys of alerts that were acknowledged here, the last together first to be taken back */
  readonly acknowledged: readonly (readonly string[])[]
  /** how often `c` copied from this page: it goes through the commands of the page */
  readonly copies: number
  /** quitting was asked about once, and is not asked about again */
  readonly isAskedToQuit: boolean
  /** lines that a long page (help, details) is scrolled down */
  readonly scroll: number
}

/** Actions without a payload. */
type SimpleAction<Type> = Type extends string ? { readonly type: Type } : never

/** Actions that change only the view state. */
export type UiAction =
  | PanelAction
  | { readonly type: 'view'; readonly panel: PanelId | 'overview' }
  | { readonly type: 'focus'; readonly by: 1 | -1; readonly among: readonly PanelId[] }
  | SimpleAction<'zoom' | 'pause' | 'help' | 'back' | 'baseline' | 'everything' | 'empty'>
  | { readonly type: 'prompt'; readonly prompt: Prompt }
  | { readonly type: 'detail'; readonly key: string; readonly panel?: PanelId; readonly replace?: boolean }
  | { readonly type: 'select-link'; readonly by: 1 | -1; readonly count: number }
  | { readonly type: 'type'; readonly text: string }
  | { readonly type: 'choose'; readonly choice: number }
  | { readonly type: 'theme'; readonly theme: string }
  | { readonly type: 'copied'; readonly text: string }
  | { readonly type: 'asked-to-quit'; readonly text: string | undefined }
  | { readonly type: 'typed'; readonly keep: boolean }
  | { readonly type: 'notice' | 'silence'; readonly text: string | undefined }
  | { readonly type: 'scroll'; readonly by: number }
  | { readonly type: 'window'; readonly span: number | undefined }
  | { readonly type: 'cursor'; readonly time: number | undefined }

/** The overview, as at the start. */
export const initialUi: UiState = {
  focus: 'cgroups',
  zoomed: false,
  detail: undefined,
  trail: [],
  link: 0,
  help: false,
  typing: undefined,
  input: '',
  choice: -1,
  theme: undefined,
  cursor: undefined,
  panels: {},
  frozen: undefined,
  baseline: undefined,
  window: undefined,
  notice: undefined,
  stallNotice: undefined,
  acknowledged: [],
  copies: 0,
  isAskedToQuit: false,
  scroll: 0,
}

/** Returns the view state after an action. */
export function updateUi(ui: UiState, action: UiAction, history: History): UiState {
  const closed: UiState = { ...ui, help: false, detail: undefined, trail: [], link: 0, notice: undefined, scroll: 0 }
  switch (action.type) {
    case 'view':
      return action.panel === 'overview'
        ? { ...closed, zoomed: false }
        : { ...closed, focus: action.panel, zoomed: true }
    case 'focus':
      return { ...closed, focus: getNeighbour(action.among, ui.focus, action.by) }
    case 'zoom':
      return ui.zoomed ? updateUi(ui, { type: 'view', panel: 'overview' }, history) : { ...closed, zoomed: true }
    case 'pause':
      return { ...ui, frozen: ui.frozen ? undefined : history }
    case 'help':
      return { ...ui, help: !ui.help, notice: undefined, scroll: 0 }
    case 'detail':
      return openPage(ui, action)
    case 'back':
      return goBack(ui, history)
    case 'baseline':
      return { ...ui, baseline: ui.baseline === undefined ? (ui.frozen ?? history).time : undefined }
    case 'copied':
      return { ...ui, copies: ui.copies + 1, notice: action.text }
    case 'asked-to-quit':
      return { ...ui, isAskedToQuit: true, notice: action.text }
    case 'theme':
      return { ...ui, theme: action.theme }
    case 'cursor':
      return { ...ui, cursor: action.time }
    case 'window':
      return { ...ui, window: action.span }
    case 'notice':
      return { ...ui, notice: action.text }
    case 'silence':
      return { ...ui, stallNotice: action.text }
    case 'select-link':
      return { ...ui, link: action.count > 0 ? (ui.link + action.by + action.count) % action.count : 0 }
    case 'scroll':
      return { ...ui, scroll: Math.max(0, ui.scroll + action.by) }
    case 'everything': // by default the overview shows memory records only, the log view all of them
      return updatePanel(ui, { everything: !(ui.panels[ui.focus]?.everything ?? ui.zoomed) })
    case 'empty':
      return updatePanel(ui, { hideEmpty: !(ui.panels[ui.focus]?.hideEmpty ?? true) })
    case 'prompt':
      return { ...ui, typing: action.prompt, input: '', choice: -1 }
    case 'typed':
      return {
        ...(action.keep || ui.typing !== 'filter' ? ui : updatePanel(ui, { filter: '' })),
        typing: undefined,
        input: '',
      }
    case 'type':
      return ui.typing === 'command' || ui.typing === 'mark'
        ? { ...ui, input: action.text, choice: -1 }
        : updatePanel(ui, { filter: action.text })
    case 'choose':
      return { ...ui, choice: action.choice }
    default:
      return updatePanel(ui, computePanelChange(ui.panels[ui.focus] ?? {}, action))
  }
}

// Closes what was opened last: the help, the cursor of the charts, a page, the filter, the view.
function goBack(ui: UiState, history: History): UiState {
  if (ui.help) return { ...ui, help: false, scroll: 0 }
  if (ui.cursor !== undefined) return { ...ui, cursor: undefined }
  if (ui.detail !== undefined) return returnToPlace(ui)
  if (ui.panels[ui.focus]?.filter) return updatePanel(ui, { filter: '' })
  return updateUi(ui, { type: 'view', panel: 'overview' }, history)
}

const MAX_TRAIL = 50

function openPage(ui: UiState, { key, panel = ui.focus, replace = false }: UiAction & { type: 'detail' }): UiState {
  const { focus, detail, scroll, link } = ui
  const trail = replace ? ui.trail : [...ui.trail, { focus, detail, scroll, link }].slice(-MAX_TRAIL)
  return { ...ui, help: false, notice: undefined, focus: panel, detail: key, trail, link: 0, scroll: 0, copies: 0 }
}

function returnToPlace(ui: UiState): UiState {
  const place = ui.trail.at(-1)
  const trail = ui.trail.slice(0, -1)
  return { ...ui, detail: undefined, scroll: 0, link: 0, copies: 0, ...place, trail }
}

const updatePanel = (ui: UiState, change: PanelState): UiState => ({
  ...ui,
  panels: { ...ui.panels, [ui.focus]: { ...ui.panels[ui.focus], ...change } },
})
