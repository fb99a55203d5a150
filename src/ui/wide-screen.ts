// A wide screen: beside a list the page of its selected row, beside a page the list that it belongs to, and the node.
import type { AppState, PanelId } from '../app/state.ts'
import { getPanel } from '../panels/index.ts'
import type { Panel } from '../panels/panel.ts'
import { getSparklineSpan } from '../panels/time-window.ts'
import { drawBorder } from '../widgets/border.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'
import { drawDetailBody } from './detail-page.ts'

const MIN_WIDE = { width: 150, height: 24 } as const
const LIST_SHARE = 0.5
const PAGE_SHARE = 0.62

const isWide = ({ width, height }: Size): boolean => width >= MIN_WIDE.width && height >= MIN_WIDE.height

/** Returns the cells of a list on the whole screen; what is left of the width shows what belongs beside it. */
export function getListWidth(panel: Panel, state: AppState, size: Size): number {
  const { beside } = panel
  const isAlone = !isWide(size) || !beside || (beside === 'page' && !findPreviewed(panel, state))
  return isAlone ? size.width : Math.round(size.width * LIST_SHARE)
}

/** Returns the cells of a page; the list that it belongs to is beside it where the screen is wide. */
export const getPageWidth = (size: Size): number => (isWide(size) ? Math.round(size.width * PAGE_SHARE) : size.width)

// The selected row; without one the row that Enter opens.
function findPreviewed(panel: Panel, state: AppState): ReturnType<NonNullable<Panel['getDetail']>> {
  const keys = panel.listKeys?.(state) ?? []
  const selected = state.ui.panels[panel.id]?.selected
  const first = panel.id === 'log' ? keys.at(-1) : keys[0]
  const key = selected !== undefined && keys.includes(selected) ? selected : first
  return key === undefined ? undefined : panel.getDetail?.(state, key)
}

/** Draws what is beside a list: the page of its selected row, or another panel. */
export function drawBeside(panel: Panel, state: AppState, pen: Pen, size: Size): readonly string[] {
  if (typeof panel.beside === 'object') return drawSidePanel(panel.beside.panel, state, pen, { ...size, fill: true })
  const detail = findPreviewed(panel, state)
  if (!detail) return []
  const inner = { width: size.width - 2, height: size.height - 2 }
  const lines = drawDetailBody({ ...detail, links: [] }, state, pen, inner).slice(0, inner.height)
  const options = { title: detail.title, note: [{ text: 'Enter opens', tone: 'muted' as const }], focused: false }
  return drawBorder(pen, options, lines, size)
}

const LIST_HEIGHT = 0.4 // share of the side column that the list may take
const LOG_HEIGHT = 0.25

/** Draws the list that the open page belongs to, with its row selected; below it the memory of the node and its log. */
export function drawSideColumn(state: AppState, pen: Pen, size: Size): readonly string[] {
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
  const rest = size.height - fixed.reduce((sum, [, lines]) => sum + lines.length, 0)
  const panels = new Map([...fixed, [filler, drawSidePanel(filler, state, pen, { ...size, height: rest, fill: true })]])
  return ids.flatMap(id => panels.get(id)!)
}

interface SideSize extends Size {
  /** the panel takes all of the height, else only as much as its lines need */
  readonly fill: boolean
}

function drawSidePanel(id: PanelId, state: AppState, pen: Pen, { width, height, fill }: SideSize): readonly string[] {
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
  const lines = panel.draw(isOwn ? selectOpenRow(state) : state, area)
  const used = fill ? height : Math.min(height, lines.length + 2)
  return drawBorder(pen, { title: panel.title, focused: false }, lines, { width, height: used })
}

function selectOpenRow(state: AppState): AppState {
  const { ui } = state
  const panels = { ...ui.panels, [ui.focus]: { ...ui.panels[ui.focus], selected: ui.detail } }
  return { ...state, ui: { ...ui, panels } }
}
