// The side column of a wide screen: beside a page the list that it belongs to, the memory of the node, and its log.
import type { AppState, PanelId } from '../app/state.ts'
import { getPanel } from '../panels/index.ts'
import type { PanelArea } from '../panels/panel.ts'
import { locateInPlacedTable } from '../panels/placed-table.ts'
import { getSparklineSpan } from '../panels/time-window.ts'
import { drawBorder } from '../widgets/border.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'

const LIST_HEIGHT = 0.4 // share of the side column that the list may take
const LOG_HEIGHT = 0.25

/** A panel of the side column: its lines, the area inside its border, and the state that it is drawn from. */
interface SidePart {
  readonly panel: PanelId
  readonly lines: readonly string[]
  readonly area: PanelArea
  readonly state: AppState
}

/** Draws the list that the open page belongs to, with its row selected; below it the memory of the node and its log. */
export const drawSideColumn = (state: AppState, pen: Pen, size: Size): readonly string[] =>
  placeSideColumn(state, pen, size).flatMap(({ lines }) => lines)

function placeSideColumn(state: AppState, pen: Pen, size: Size): readonly SidePart[] {
  const { focus } = state.ui
  const ids = [focus, ...(['memory', 'log'] as const).filter(id => id !== focus)]
  const most = { [focus]: LIST_HEIGHT, log: focus === 'log' ? LIST_HEIGHT : LOG_HEIGHT }
  const filler = ids.includes('memory') && focus !== 'memory' ? 'memory' : focus
  const fixed = ids
    .filter(id => id !== filler)
    .map(id => {
      const room = { width: size.width, height: Math.floor(size.height * most[id]!) }
      return [id, drawSidePanel(id, state, pen, { ...room, fill: false })] as const
    })
  const rest = size.height - fixed.reduce((sum, [, { lines }]) => sum + lines.length, 0)
  const parts = new Map([...fixed, [filler, drawSidePanel(filler, state, pen, { ...size, height: rest, fill: true })]])
  return ids.map(id => parts.get(id)!)
}

/** What is at a cell of the side column: a panel, and the row of its list if there is one. */
export interface SideTarget {
  readonly panel: PanelId
  readonly key?: string | undefined
}

/** Returns what is at a cell of the side column; undefined below its panels. */
export function findSideTarget(
  state: AppState,
  pen: Pen,
  { column, line, ...size }: Size & { readonly column: number; readonly line: number },
): SideTarget | undefined {
  let top = 0
  for (const part of placeSideColumn(state, pen, size)) {
    if (line < top + part.lines.length) return { panel: part.panel, key: findRow(part, column - 1, line - top - 1) }
    top += part.lines.length
  }
  return undefined
}

function findRow({ panel: id, area, state }: SidePart, column: number, line: number): string | undefined {
  const panel = getPanel(id)
  const table = panel.placeTable?.(state, area)
  const target = table && locateInPlacedTable(table, column, line)
  if (target) return 'key' in target ? target.key : undefined
  return line < 0 ? undefined : panel.findRowAt?.(state, area, line)
}

interface SideSize extends Size {
  /** the panel takes all of the height, else only as much as its lines need */
  readonly fill: boolean
}

/** Draws a panel beside a list or a page. */
export function drawSidePanel(id: PanelId, state: AppState, pen: Pen, { width, height, fill }: SideSize): SidePart {
  const panel = getPanel(id)
  const isOwn = id === state.ui.focus
  const area = {
    pen,
    width: width - 2,
    height: height - 2,
    full: fill && id === 'memory',
    focused: isOwn,
    ...getSparklineSpan(state),
  }
  const shown = isOwn ? selectOpenRow(state) : state
  const lines = panel.draw(shown, area)
  const used = fill ? height : Math.min(height, lines.length + 2)
  const options = { title: panel.title, focused: false }
  return { panel: id, lines: drawBorder(pen, options, lines, { width, height: used }), area, state: shown }
}

function selectOpenRow(state: AppState): AppState {
  const { ui } = state
  const panels = { ...ui.panels, [ui.focus]: { ...ui.panels[ui.focus], selected: ui.detail } }
  return { ...state, ui: { ...ui, panels } }
}
