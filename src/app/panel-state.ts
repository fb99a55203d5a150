// The settings of one panel, and the actions that change only those of the focused panel.

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
  /** cgroups only: hide those without memory; undefined: yes */
  readonly hideEmpty?: boolean
  readonly folded?: readonly string[]
}

/** Actions on the focused panel. */
export type PanelAction =
  | { readonly type: 'select'; readonly key: string | undefined }
  | { readonly type: 'found'; readonly key: string; readonly search: string }
  | { readonly type: 'sort'; readonly columns: readonly string[]; readonly by: 1 | -1 }
  | { readonly type: 'sort-by'; readonly column: string; readonly current: string }
  | { readonly type: 'filter'; readonly text: string }
  | { readonly type: 'reverse' | 'level' | 'tree' | 'fold' }

// all levels, warnings and worse, errors and worse
const LEVELS: readonly (number | undefined)[] = [undefined, 4, 3]

/** Returns what an action changes in the focused panel. */
export function computePanelChange(panel: PanelState, action: PanelAction): PanelState {
  switch (action.type) {
    case 'select':
      return { selected: action.key }
    case 'found':
      return { selected: action.key, search: action.search, filter: '' }
    case 'sort':
      return { column: getNeighbour(action.columns, panel.column ?? action.columns[0]!, action.by) }
    case 'sort-by': // the column that the list is sorted by already turns the order
      return { column: action.column, reverse: action.current === action.column && !panel.reverse }
    case 'reverse':
      return { reverse: !panel.reverse }
    case 'filter':
      return { filter: action.text }
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

/** Returns the item after or before `current`, round and round. */
export function getNeighbour<T>(items: readonly T[], current: T, by: 1 | -1): T {
  const index = items.indexOf(current)
  return items[(index < 0 ? 0 : index + by + items.length) % items.length]!
}
