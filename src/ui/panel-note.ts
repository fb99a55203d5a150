// What the frame of a panel says at its top right: its own note, the baseline, and how many rows a filter leaves.
import type { AppState } from '../app/state.ts'
import { filterMap } from '../base/filter-map.ts'
import { formatCount } from '../base/format.ts'
import { describeBaseline } from '../panels/baseline.ts'
import type { Panel } from '../panels/panel.ts'
import type { StyledText } from '../widgets/cells.ts'

/** Builds the note of a panel. The filter of the focused panel is in the footer; of the others it is named here. */
export function buildPanelNote(panel: Panel, state: AppState, focused: boolean): readonly StyledText[] {
  const note = panel.getNote?.(state)
  const baseline = describeBaseline(state, panel.id)
  const filter = state.ui.panels[panel.id]?.filter
  const formatShown = (): string => `${formatCount(panel.listKeys?.(state).length ?? 0)} shown`
  const parts: readonly (StyledText | undefined)[] = [
    note ? { text: note, tone: 'muted' } : undefined,
    baseline ? { text: baseline, tone: 'key' } : undefined,
    filter ? { text: focused ? formatShown() : `filter: ${filter}, ${formatShown()}`, tone: 'warning' } : undefined,
  ]
  return filterMap(parts, part => part).map((part, i) => (i === 0 ? part : { ...part, text: ` · ${part.text}` }))
}
