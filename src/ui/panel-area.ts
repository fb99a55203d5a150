// The area of a panel inside its border, and the text of its selected row that the list cuts.
import type { AppState } from '../app/state.ts'
import { getPanel } from '../panels/index.ts'
import type { PanelArea } from '../panels/panel.ts'
import { listCutTextsOf } from '../panels/placed-table.ts'
import { getSparklineSpan } from '../panels/time-window.ts'
import type { Pen } from '../widgets/pen.ts'
import type { Rectangle } from './layout.ts'

/** Returns the area of a panel inside its border. */
export function buildPanelArea(state: AppState, pen: Pen, { panel, width, height }: Rectangle): PanelArea {
  const { zoomed: full, focus } = state.ui
  return { pen, width: width - 2, height: height - 2, full, focused: focus === panel, ...getSparklineSpan(state) }
}

/** A part of the screen. */
interface SizedRegion {
  readonly id: string
  readonly width: number
  readonly height: number
}

/** Returns the whole text of the selected row, if its list shows only a part of it. */
export function findHiddenText(
  state: AppState,
  pen: Pen,
  regions: readonly (readonly SizedRegion[])[],
): string | undefined {
  const { focus, panels, detail, help } = state.ui
  const selected = panels[focus]?.selected
  const region = regions.flat().find(({ id }) => id === focus)
  if (selected === undefined || detail !== undefined || help || !region) return undefined
  const panel = getPanel(focus)
  const area = buildPanelArea(state, pen, { panel: focus, width: region.width, height: region.height })
  if (panel.findHiddenText) return panel.findHiddenText(state, area, selected)
  const table = panel.placeTable?.(state, area)
  const texts = table ? listCutTextsOf(table, selected) : []
  return texts.length > 0 ? texts.join('  ') : undefined
}
