// What the frame of a panel says at its top right: its own note, and how many rows a filter leaves.
import type { AppState } from '../app/state.ts'
import { formatCount } from '../base/format.ts'
import type { Panel } from '../panels/panel.ts'
import type { StyledText } from '../widgets/cells.ts'

/** Builds the note of a panel. The filter of the focused panel is in the footer; of the others it is named here. */
export function buildPanelNote(panel: Panel, state: AppState, focused: boolean): readonly StyledText[] {
  const note = panel.getNote?.(state)
  const filter = state.ui.panels[panel.id]?.filter
  const shown = `${formatCount(panel.listKeys?.(state).length ?? 0)} shown`
  return [
    ...(note ? [{ text: note, tone: 'muted' as const }] : []),
    ...(filter
      ? [{ text: `${note ? ' · ' : ''}${focused ? shown : `filter: ${filter}, ${shown}`}`, tone: 'warning' as const }]
      : []),
  ]
}
