// The row that Enter opens where none is selected, and whose page is shown beside or below its list.
import type { AppState } from '../app/state.ts'
import type { Panel } from './panel.ts'

/** Returns the key of the selected row, if its list has it. */
export function findSelectedRow({ id, listKeys }: Panel, state: AppState): string | undefined {
  const selected = state.ui.panels[id]?.selected
  return selected !== undefined && listKeys?.(state).includes(selected) ? selected : undefined
}

/** Returns the key of the row that the most severe alert is about, if the list has one. */
export function findLitRow({ listKeys, listLitKeys }: Panel, state: AppState): string | undefined {
  const lit = listLitKeys?.(state) ?? []
  if (lit.length === 0) return undefined
  const keys = new Set(listKeys?.(state))
  return lit.find(key => keys.has(key))
}

/** Returns the key of the selected row, else of the row that an alert is about, else of the first; of the log the newest. */
export function findDefaultRow(panel: Panel, state: AppState): string | undefined {
  const getFirst = (): string | undefined => panel.listKeys?.(state).at(panel.id === 'log' ? -1 : 0)
  return findSelectedRow(panel, state) ?? findLitRow(panel, state) ?? getFirst()
}
