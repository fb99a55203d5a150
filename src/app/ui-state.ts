// View state: what is focused, zoomed, typed and selected. `updateUi` is its part of the reducer.
import type { History } from '../history.ts'

/** The id of an entry in the table of panels (panels/index.ts). */
export type PanelId = string

/** The settings of one panel. `selected` is the key of a row, so the selection stays on that row when the order changes. */
export interface PanelState {
  /** undefined: no selection; the log follows its end */
  readonly selected?: string | undefined
  readonly column?: string
  readonly reverse?: boolean
  readonly filter?: string
  /** what `n` searches for among all rows: the filter before it was cleared */
  readonly search?: string
  /** log only: hides records less severe than this level; undefined shows all */
  readonly level?: number | undefined
  /** log only: true shows all records, false those about memory; undefined: all of them on the whole screen only */
  readonly everything?: boolean
  /** cgroups only: show the hierarchy; `folded` lists the paths whose children are hidden */
  readonly tree?: boolean
  readonly folded?: readonly string[]
}

export type Prompt = 'filter' | 'go' | 'mark'

export interface UiState {
  readonly focus: PanelId
  /** the focused panel has the whole screen */
  readonly zoomed: boolean
  /** key of the alert whose details are shown */
  readonly detail: string | undefined
  readonly help: boolean
  /** what is being typed in the footer: the filter of the focused panel, a time to jump to, the text of a mark */
  readonly typing: Prompt | undefined
  /** the text typed so far; a filter is kept in its panel instead */
  readonly input: string
  readonly panels: Readonly<Record<PanelId, PanelState | undefined>>
  /** the history on the screen while it is paused or rewound; sampling continues */
  readonly frozen: History | undefined
  /** session time in ms that growth is measured from; undefined: the last 15 minutes */
  readonly baseline: number | undefined
  /** a message to the user, shown until the next key press */
  readonly notice: string | undefined
  /** shown in place of LIVE when no readings arrive */
  readonly stallNotice: string | undefined
  /** lines that a long page (help, details) is scrolled down */
  readonly scroll: number
}

/** Actions without a payload. */
type SimpleAction<Type> = Type extends string ? { readonly type: Type } : never

/** Actions that change only the view state. */
export type UiAction =
  | { readonly type: 'view'; readonly panel: PanelId | 'overview' }
  | { readonly type: 'focus'; readonly by: 1 | -1; readonly among: readonly PanelId[] }
  | SimpleAction<'zoom' | 'pause' | 'help' | 'back' | 'reverse' | 'baseline' | 'level' | 'everything' | 'tree' | 'fold'>
  | { readonly type: 'prompt'; readonly prompt: Prompt }
  | { readonly type: 'detail'; readonly key: string }
  | { readonly type: 'select'; readonly key: string | undefined }
  | { readonly type: 'found'; readonly key: string; readonly search: string }
  | { readonly type: 'sort'; readonly columns: readonly string[]; readonly by: 1 | -1 }
  | { readonly type: 'type'; readonly text: string }
  | { readonly type: 'typed'; readonly keep: boolean }
  | { readonly type: 'notice' | 'silence'; readonly text: string | undefined }
  | { readonly type: 'scroll'; readonly by: number }

export const initialUi: UiState = {
  focus: 'cgroups',
  zoomed: false,
  detail: undefined,
  help: false,
  typing: undefined,
  input: '',
  panels: {},
  frozen: undefined,
  baseline: undefined,
  notice: undefined,
  stallNotice: undefined,
  scroll: 0,
}

/** Returns the view state after an action. */
export function updateUi(ui: UiState, action: UiAction, history: History): UiState {
  const closed: UiState = { ...ui, help: false, detail: undefined, notice: undefined, scroll: 0 }
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
      return { ...closed, help: !ui.help }
    case 'detail':
      return { ...closed, detail: action.key }
    case 'back':
      if (ui.help || ui.detail !== undefined) return closed
      if (ui.panels[ui.focus]?.filter) return updatePanel(ui, { filter: '' })
      return updateUi(ui, { type: 'view', panel: 'overview' }, history)
    case 'baseline':
      return { ...ui, baseline: ui.baseline === undefined ? (ui.frozen ?? history).time : undefined }
    case 'notice':
      return { ...ui, notice: action.text }
    case 'silence':
      return { ...ui, stallNotice: action.text }
    case 'scroll':
      return { ...ui, scroll: Math.max(0, ui.scroll + action.by) }
    case 'everything': // by default the overview shows memory records only, the log view all of them
      return updatePanel(ui, { everything: !(ui.panels[ui.focus]?.everything ?? ui.zoomed) })
    case 'prompt':
      return { ...ui, typing: action.prompt, input: '' }
    case 'typed':
      return {
        ...(action.keep || ui.typing !== 'filter' ? ui : updatePanel(ui, { filter: '' })),
        typing: undefined,
        input: '',
      }
    case 'type':
      return ui.typing === 'go' || ui.typing === 'mark'
        ? { ...ui, input: action.text }
        : updatePanel(ui, { filter: action.text })
    default:
      return updatePanel(ui, computePanelChange(ui.panels[ui.focus] ?? {}, action))
  }
}

const updatePanel = (ui: UiState, change: PanelState): UiState => ({
  ...ui,
  panels: { ...ui.panels, [ui.focus]: { ...ui.panels[ui.focus], ...change } },
})

// all levels, warnings and worse, errors and worse
const LEVELS: readonly (number | undefined)[] = [undefined, 4, 3]

function computePanelChange(
  panel: PanelState,
  action: Extract<UiAction, { type: 'select' | 'found' | 'sort' | 'reverse' | 'level' | 'tree' | 'fold' }>,
): PanelState {
  switch (action.type) {
    case 'select':
      return { selected: action.key }
    case 'found':
      return { selected: action.key, search: action.search, filter: '' }
    case 'sort':
      return { column: getNeighbour(action.columns, panel.column ?? action.columns[0]!, action.by) }
    case 'reverse':
      return { reverse: !panel.reverse }
    case 'level':
      return { level: LEVELS[(LEVELS.indexOf(panel.level) + 1) % LEVELS.length] }
    case 'tree':
      return { tree: !panel.tree }
    case 'fold':
      return panel.selected === undefined ? {} : { folded: toggleItem(panel.folded ?? [], panel.selected) }
  }
}

const toggleItem = (all: readonly string[], item: string): readonly string[] =>
  all.includes(item) ? all.filter(other => other !== item) : [...all, item]

function getNeighbour<T>(items: readonly T[], current: T, by: 1 | -1): T {
  const index = items.indexOf(current)
  return items[(index < 0 ? 0 : index + by + items.length) % items.length]!
}
