// What shares the screen with a list: the page of its selected row, beside it on a wide screen, else below it where there is room.
import type { AppState } from '../app/state.ts'
import { isOngoing } from '../detectors/alerts.ts'
import { findDefaultRow, findLitRow, findSelectedRow } from '../panels/default-row.ts'
import type { Detail, Panel } from '../panels/panel.ts'
import { drawBorder } from '../widgets/border.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'
import { drawDetailBody } from './pages/detail-page.ts'
import { drawSidePanel } from './side-column.ts'

const MIN_WIDE = { width: 150, height: 24 } as const
const LIST_SHARE = 0.5
const PAGE_SHARE = 0.62

const isWide = ({ width, height }: Size): boolean => width >= MIN_WIDE.width && height >= MIN_WIDE.height

/** Returns the page of the row that is selected, or that Enter opens; undefined for a panel that shows none beside its list. */
export function findPreview(panel: Panel, state: AppState): Detail | undefined {
  if (panel.beside !== 'page') return undefined
  const key = findDefaultRow(panel, state)
  return key === undefined ? undefined : panel.getDetail?.(state, key)
}

/** Returns the cells of a list on the whole screen; what is left of the width shows what belongs beside it. */
export function getListWidth({ beside }: Panel, preview: Detail | undefined, size: Size): number {
  const isAlone = !isWide(size) || !beside || (beside === 'page' && !preview)
  return isAlone ? size.width : Math.round(size.width * LIST_SHARE)
}

/** Returns the cells of a page; the list that it belongs to is beside it where the screen is wide. */
export const getPageWidth = (size: Size): number => (isWide(size) ? Math.round(size.width * PAGE_SHARE) : size.width)

const MIN_PREVIEW_HEIGHT = 12 // a border, and a chart with its head

/**
 * Returns the lines of a list of `rows` lines that has the whole width; what is left of `height` shows the page of its row.
 * The charts of the list stay where it has an alert that is about none of its rows, and none is selected.
 */
export function getListHeight(panel: Panel, state: AppState, height: number, rows: number): number {
  const least = Math.max(rows, panel.minHeight ?? 0) + 2
  return areChartsWanted(panel, state) || height - least < MIN_PREVIEW_HEIGHT ? height : least
}

// An alert about the view as a whole, such as one about the number of cgroups.
function areChartsWanted(panel: Panel, state: AppState): boolean {
  const isAbout = state.alerts.some(alert => isOngoing(alert) && panel.detectors.includes(alert.detector))
  const isAsked = typeof panel.graphs === 'function' && isAbout
  return isAsked && (findSelectedRow(panel, state) ?? findLitRow(panel, state)) === undefined
}

/** Draws what is beside a list: the page of its selected row, or another panel. */
export function drawBeside(
  { panel: { beside }, preview }: { readonly panel: Panel; readonly preview: Detail | undefined },
  state: AppState,
  pen: Pen,
  size: Size,
): readonly string[] {
  if (typeof beside === 'object') return drawSidePanel(beside.panel, state, pen, { ...size, fill: true }).lines
  if (!preview) return []
  const inner = { width: size.width - 2, height: size.height - 2 }
  const lines = drawDetailBody({ ...preview, links: [] }, state, pen, inner).slice(0, inner.height)
  const options = { title: preview.title, note: [{ text: 'Enter opens', tone: 'muted' as const }], focused: false }
  return drawBorder(pen, options, lines, size)
}
