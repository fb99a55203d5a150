// What a click or a turn of the wheel is about: the row, head, word or time at its cell.
import type { AppState, PanelId } from '../../app/state.ts'
import { getAlertKey } from '../../detectors/alerts.ts'
import { getPanel, panelIds } from '../../panels/index.ts'
import { locateInPlacedTable } from '../../panels/placed-table.ts'
import type { Pen } from '../../widgets/pen.ts'
import type { TableTarget } from '../../widgets/table.ts'
import { placeBanner } from '../banner.ts'
import { findCommand } from '../commands.ts'
import { findFooterKey } from '../footer.ts'
import { findPageLink } from '../pages/detail-page.ts'
import { buildPanelArea, findHiddenText } from '../panel-area.ts'
import type { Region } from '../region.ts'
import { drawRegions, findOpenDetail } from '../screen.tsx'
import { findSideTarget } from '../side-column.ts'
import { findTimelineTime } from '../timeline.ts'
import type { KeyEffect } from './key-command.ts'
import type { MouseEvent } from './mouse-event.ts'

/** The screen as it is drawn. */
export interface ScreenView {
  readonly pen: Pen
  readonly columns: number
  readonly rows: number
}

/** A region that is hit; column and line count from its corner. */
interface Hit {
  readonly region: Region
  readonly column: number
  readonly line: number
}

const WHEEL_ROWS = 3

/** Returns the effects of a mouse event, in their order; none where nothing is at its cell. */
export function findMouseEffects(event: MouseEvent, state: AppState, view: ScreenView): readonly KeyEffect[] {
  const regions = drawRegions(state, view.pen, view.columns, view.rows)
  const hit = findHit(event, regions)
  if (!hit) return []
  const isPanel = panelIds.includes(hit.region.id)
  const focused = isPanel ? focusPanel(hit.region.id, state) : []
  if (event.kind === 'click' && hit.region.id === 'detail') return clickPage(hit, state, view.pen)
  if (event.kind === 'click' && hit.region.id === 'beside') return clickPreview(state)
  if (hit.region.id === 'side') return aimAtSideColumn(event, hit, state, view.pen)
  if (event.kind === 'click' && isPanel) return [...focused, ...clickPanel(hit, state, view)]
  if (event.kind === 'click') return clickStrip(hit, state, view, findHiddenText(state, view.pen, regions))
  return [...focused, { type: 'move', by: event.kind === 'wheel-up' ? -WHEEL_ROWS : WHEEL_ROWS }]
}

function findHit({ column, row }: MouseEvent, regions: readonly (readonly Region[])[]): Hit | undefined {
  let top = 0
  for (const regionRow of regions) {
    const height = regionRow[0]?.height ?? 0
    let left = 0
    for (const region of row < top + height ? regionRow : []) {
      if (column < left + region.width) return { region, column: column - left, line: row - top }
      left += region.width
    }
    top += height
  }
  return undefined
}

const focusPanel = (id: PanelId, { ui }: AppState): readonly KeyEffect[] =>
  ui.focus === id ? [] : [{ type: 'focus', by: 1, among: [id] }]

// The first click on a row selects it, the second opens it. A click on a head sorts.
function clickPanel({ region, column, line }: Hit, state: AppState, { pen }: ScreenView): readonly KeyEffect[] {
  const target = locate({ region, column: column - 1, line: line - 1 }, state, pen)
  if (!target) return []
  const panel = getPanel(region.id)
  if ('column' in target)
    return panel.sortColumns?.includes(target.column) ? [{ type: 'sort-by', column: target.column }] : []
  const isSelected = state.ui.focus === region.id && state.ui.panels[region.id]?.selected === target.key
  return isSelected ? [{ type: 'open' }] : [{ type: 'select', key: target.key }]
}

// A click on a link opens it.
function clickPage({ region, column, line }: Hit, state: AppState, pen: Pen): readonly KeyEffect[] {
  const detail = findOpenDetail(state)
  const { width, height } = region
  const link = detail && findPageLink(detail, state, pen, { width, height, column, line })
  return link ? [{ type: 'detail', key: link.key, panel: link.panel }] : []
}

// Beside a page: a click on a row opens its page, elsewhere the view. The wheel goes through the pages of the list.
function aimAtSideColumn(
  { kind }: MouseEvent,
  { region, column, line }: Hit,
  state: AppState,
  pen: Pen,
): readonly KeyEffect[] {
  const { width, height } = region
  const target = findSideTarget(state, pen, { width, height, column, line })
  const isOwn = target?.panel === state.ui.focus
  if (kind !== 'click') {
    const by = kind === 'wheel-up' ? -1 : 1
    return [isOwn ? { type: 'next-item', by } : { type: 'move', by: by * WHEEL_ROWS }]
  }
  if (!target) return []
  const { key, panel } = target
  return [key === undefined ? { type: 'view', panel } : { type: 'detail', key, panel, replace: isOwn }]
}

// Beside a list: the page of its selected row, or another panel.
function clickPreview({ ui }: AppState): readonly KeyEffect[] {
  const { beside } = getPanel(ui.focus)
  return typeof beside === 'object' ? [{ type: 'view', panel: beside.panel }] : [{ type: 'open' }]
}

// Inside the border.
function locate({ region, column, line }: Hit, state: AppState, pen: Pen): TableTarget | undefined {
  const panel = getPanel(region.id)
  const area = buildPanelArea(state, pen, { panel: region.id, width: region.width, height: region.height })
  const table = panel.placeTable?.(state, area)
  if (table) return locateInPlacedTable(table, column, line)
  const key = panel.findRowAt?.(state, area, line)
  return key === undefined ? undefined : { key }
}

function clickStrip(
  { region, column, line }: Hit,
  state: AppState,
  { columns, rows }: ScreenView,
  hiddenText: string | undefined,
): readonly KeyEffect[] {
  switch (region.id) {
    case 'footer': {
      const key = findFooterKey(state, { width: columns, column }, hiddenText)
      const command = key === undefined ? undefined : findCommand(key, state)
      return command ? [command.effect] : []
    }
    case 'timeline': {
      const time = state.player && findTimelineTime(state.player, state.history.session, { width: columns, column })
      return time === undefined ? [] : [{ type: 'player', command: { type: 'go', time } }]
    }
    case 'banner':
      return clickBanner(line, state, rows)
    case 'candidates':
      return [{ type: 'choose', choice: line }]
    default:
      return []
  }
}

function clickBanner(line: number, state: AppState, rows: number): readonly KeyEffect[] {
  const entry = placeBanner(state, rows).entries[line]
  const [alert, ...others] = entry?.alerts ?? []
  if (!alert) return []
  if (others.length > 0) return [{ type: 'view', panel: 'alerts' }]
  return [{ type: 'detail', key: getAlertKey(alert), panel: 'alerts' }]
}
