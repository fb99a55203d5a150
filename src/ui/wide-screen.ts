// A wide screen: beside a list the page of its selected row, beside a page the list that it belongs to, and the node.
import type { AppState } from '../app/state.ts'
import type { Panel } from '../panels/panel.ts'
import { drawBorder } from '../widgets/border.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'
import { drawDetailBody } from './detail-page.ts'
import { drawSidePanel } from './side-column.ts'

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
  if (typeof panel.beside === 'object')
    return drawSidePanel(panel.beside.panel, state, pen, { ...size, fill: true }).lines
  const detail = findPreviewed(panel, state)
  if (!detail) return []
  const inner = { width: size.width - 2, height: size.height - 2 }
  const lines = drawDetailBody({ ...detail, links: [] }, state, pen, inner).slice(0, inner.height)
  const options = { title: detail.title, note: [{ text: 'Enter opens', tone: 'muted' as const }], focused: false }
  return drawBorder(pen, options, lines, size)
}
