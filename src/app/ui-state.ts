// How things are looked at: what is focused, zoomed, typed, chosen. `updateUi` is its part of the one reducer.
import type { History } from '../history.ts'

/** Panels in the order of their number keys; `memory` and `pressure` have none and are reached by Tab. */
export const panelIds = ['memory', 'pressure', 'cgroups', 'slab', 'log', 'oom', 'alerts'] as const
export type PanelId = (typeof panelIds)[number]

/** What the user made of one panel. `selected` is the key of a row: the selection stays on it when the order changes. */
export interface PanelState {
  /** undefined: the first row, and the log follows */
  readonly selected?: string | undefined
  readonly column?: string
  readonly reverse?: boolean
  readonly filter?: string
  /** what `n` looks for among all rows: the filter that was lifted for it */
  readonly search?: string
  /** the log: only records of this level and worse; undefined: all */
  readonly level?: number | undefined
  /** the log: true everything, false what is about memory; undefined: as the place has room */
  readonly everything?: boolean
  /** cgroups stand below those they are in; of the folded ones nothing below is shown */
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
  /** what is being typed in the footer: the filter of the focused panel, a time to go to, the words of a mark */
  readonly typing: Prompt | undefined
  /** what was typed so far, but for a filter, which is the panel's */
  readonly input: string
  readonly panels: Readonly<Partial<Record<PanelId, PanelState>>>
  /** paused: what is shown stands still, sampling goes on */
  readonly frozen: History | undefined
  /** session time that growth is measured from; undefined: the last 15 minutes */
  readonly baseline: number | undefined
  /** a word to the user, shown until the next key */
  readonly notice: string | undefined
  /** readings do not come any more: said in place of LIVE */
  readonly stallNotice: string | undefined
  /** lines that a long page (help, details) is scrolled by */
  readonly scroll: number
}

/** Actions without details, one member each. */
type SimpleAction<Type> = Type extends string ? { readonly type: Type } : never

/** What changes only how things are looked at. */
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

// Panels that the overview does not have, and the one that is focused there instead.
const OVERVIEW_FOCUS: Partial<Record<PanelId, PanelId>> = { oom: 'log', alerts: 'cgroups' }

/** The ways of looking after an action. */
export function updateUi(ui: UiState, action: UiAction, history: History): UiState {
  const closed: UiState = { ...ui, help: false, detail: undefined, notice: undefined, scroll: 0 }
  switch (action.type) {
    case 'view':
      return action.panel === 'overview'
        ? { ...closed, zoomed: false, focus: OVERVIEW_FOCUS[ui.focus] ?? ui.focus }
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
    case 'everything': // on the overview the log begins with memory only, on a screen of its own with everything
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

// all, warnings and worse, errors and worse
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
