// The screen: turns state and size into elements. Pure. `drawRegions` draws the lines, for the tests too.
import { Box } from 'ink'
import type { ReactNode } from 'react'
import { findMostUrgent } from '../app/banner-alerts.ts'
import type { AppState, PanelId } from '../app/state.ts'
import { findPanelOfDetector, getPanel } from '../panels/index.ts'
import type { Detail } from '../panels/panel.ts'
import { Body } from '../widgets/body.tsx'
import { drawBorder } from '../widgets/border.ts'
import type { Size } from '../widgets/chart/chart-options.ts'
import type { Pen } from '../widgets/pen.ts'
import { drawBanner } from './banner.ts'
import { drawFooter } from './footer.ts'
import { drawHeader } from './header.ts'
import {
  computeOverviewLayout,
  computeZoomedLayout,
  type Layout,
  listPanels,
  MIN_SIZE,
  type Rectangle,
} from './layout.ts'
import { drawOutputPane, getOutputHeight } from './output-pane.ts'
import { drawDetailPage } from './pages/detail-page.ts'
import { drawHelpPage } from './pages/help-page.ts'
import { addCharts } from './pages/list-charts.ts'
import { drawCandidates } from './palette/candidates.ts'
import { buildPanelArea, findHiddenText } from './panel-area.ts'
import { buildPanelNote } from './panel-note.ts'
import { joinRegions, type Region } from './region.ts'
import { drawSideColumn } from './side-column.ts'
import { drawSmallScreen } from './small-screen.ts'
import { drawTimeline } from './timeline.ts'
import { drawBeside, findPreview, getListHeight, getListWidth, getPageWidth } from './wide-screen.ts'

/** Returns the rows of regions from top to bottom; together they fill exactly `columns` × `rows` cells. */
export function drawRegions(state: AppState, pen: Pen, columns: number, rows: number): readonly (readonly Region[])[] {
  return drawUnencodedRegions(state, pen, columns, rows).map(row =>
    row.map(region => ({ ...region, lines: region.lines.map(pen.encodeLine) })),
  )
}

function drawUnencodedRegions(
  initial: AppState,
  pen: Pen,
  columns: number,
  rows: number,
): readonly (readonly Region[])[] {
  // a page keeps its panel, also where the overview has no room for it
  const focus = initial.ui.detail === undefined ? getVisibleFocus(initial, columns, rows) : initial.ui.focus
  const state = focus === initial.ui.focus ? initial : { ...initial, ui: { ...initial.ui, focus } }
  const createStrip = (id: string, lines: readonly string[]): readonly Region[][] =>
    lines.length > 0 ? [[{ id, width: columns, height: lines.length, lines }]] : []
  const banner = drawBanner(state, pen, columns, rows)
  if (columns < MIN_SIZE.columns || rows < MIN_SIZE.rows)
    return createStrip('small', drawSmallScreen(banner, pen, columns, rows))
  const { player } = state
  const timeline = player ? [drawTimeline(player, state.history.session, pen, columns)] : []
  const outputHeight = getOutputHeight(state.output, rows)
  const candidates = drawCandidates(state, pen, columns, rows)
  const room = rows - 2 - banner.length - timeline.length - outputHeight - candidates.length
  const body = drawBodyRegions(state, pen, columns, room)
  return [
    ...createStrip('header', [drawHeader(state, pen, columns)]),
    ...createStrip('banner', banner),
    ...body,
    ...(state.output && outputHeight > 0
      ? createStrip('output', drawOutputPane(state.output, pen, { width: columns, height: outputHeight }))
      : []),
    ...createStrip('timeline', timeline),
    ...createStrip('candidates', candidates),
    ...createStrip('footer', [drawFooter(state, pen, columns, findHiddenText(state, pen, body))]),
  ]
}

function drawBodyRegions(state: AppState, pen: Pen, columns: number, rows: number): readonly (readonly Region[])[] {
  const createPage = (id: string, lines: readonly string[]): readonly (readonly Region[])[] => [
    [{ id, width: columns, height: rows, lines }],
  ]
  if (state.ui.help) return createPage('help', drawHelpPage(state, pen, { width: columns, height: rows }))
  const detail = findOpenDetail(state)
  if (detail) return [drawPageRegions(detail, state, pen, { width: columns, height: rows })]
  if (state.ui.zoomed) return drawZoomedRegions(state, pen, { width: columns, height: rows })
  return computeLayout(state, columns, rows).map(row => row.map(rectangle => drawPanelRegion(state, pen, rectangle)))
}

function drawPageRegions(detail: Detail, state: AppState, pen: Pen, { width, height }: Size): readonly Region[] {
  const pageWidth = getPageWidth({ width, height })
  const page = drawDetailPage(detail, state, pen, { width: pageWidth, height })
  const side = { width: width - pageWidth, height }
  return [
    { id: 'detail', width: pageWidth, height, lines: page },
    ...(side.width > 0 ? [{ id: 'side', ...side, lines: drawSideColumn(state, pen, side) }] : []),
  ]
}

function drawZoomedRegions(state: AppState, pen: Pen, size: Size): readonly (readonly Region[])[] {
  const panel = getPanel(state.ui.focus)
  const preview = findPreview(panel, state)
  const width = getListWidth(panel, preview, size)
  const rectangle = { panel: panel.id, width, height: size.height }
  const lines = drawPanelLines(state, pen, rectangle)
  const isAlone = width === size.width
  const height = isAlone && preview ? getListHeight(panel, state, size.height, lines.length) : size.height
  const rest = isAlone ? { width, height: size.height - height } : { width: size.width - width, height }
  const list = framePanel(state, pen, { ...rectangle, height }, lines)
  const beside =
    rest.height > 0 ? [{ id: 'beside', ...rest, lines: drawBeside({ panel, preview }, state, pen, rest) }] : []
  return isAlone ? [[list], beside].filter(row => row.length > 0) : [[list, ...beside]]
}

// A detail key names a row of the focused panel, or an alert. The page closes when its row no longer exists.
/** Returns the page that is open; undefined if none is, or if what it was about no longer exists. */
export function findOpenDetail(state: AppState): Detail | undefined {
  const { detail, focus } = state.ui
  if (detail === undefined) return undefined
  return getPanel(focus).getDetail?.(state, detail) ?? getPanel('alerts').getDetail?.(state, detail)
}

/** Returns the focused panel, or the one that replaces it if the screen has no room for it. */
export function getVisibleFocus(state: AppState, columns: number, rows: number): PanelId {
  if (state.ui.zoomed) return state.ui.focus
  const visiblePanels = listPanels(computeLayout(state, columns, rows - 2 - getOutputHeight(state.output, rows)))
  const { focus } = state.ui
  const wanted = [focus, getPanel(focus).overviewFocus, visiblePanels[1], visiblePanels[0]]
  return wanted.find(id => id !== undefined && visiblePanels.includes(id)) ?? focus
}

/** Returns the layout of a state on `columns` × `rows` cells; also the order of Tab. */
export function computeLayout(state: AppState, columns: number, rows: number): Layout {
  return state.ui.zoomed
    ? computeZoomedLayout(state.ui.focus, columns, rows)
    : computeOverviewLayout(columns, rows, getUrgentPanel(state))
}

function getUrgentPanel({ alerts, ui, history }: AppState): PanelId {
  const first = findMostUrgent(alerts, history.time)
  const panel = first && findPanelOfDetector(first.detector)
  const about = panel?.overviewFocus ?? panel?.id ?? ui.focus
  return about === 'memory' ? 'cgroups' : about
}

const drawPanelRegion = (state: AppState, pen: Pen, rectangle: Rectangle): Region =>
  framePanel(state, pen, rectangle, drawPanelLines(state, pen, rectangle))

const drawPanelLines = (state: AppState, pen: Pen, rectangle: Rectangle): readonly string[] =>
  getPanel(rectangle.panel).draw(state, buildPanelArea(state, pen, rectangle))

// The lines of a panel, and the charts that it has room for, in a border.
function framePanel(state: AppState, pen: Pen, rectangle: Rectangle, lines: readonly string[]): Region {
  const { panel: id, width, height } = rectangle
  const panel = getPanel(id)
  const area = buildPanelArea(state, pen, rectangle)
  const { focused } = area
  const options = { title: panel.title, note: buildPanelNote(panel, state, focused), focused }
  return { id, width, height, lines: drawBorder(pen, options, addCharts(lines, panel, state, area), { width, height }) }
}

/** What a frame is drawn from. The same props give the same frame. */
export interface ScreenProps {
  readonly state: AppState
  readonly pen: Pen
  readonly columns: number
  readonly rows: number
  /** text nodes instead of drawings, for screen readers */
  readonly plain?: boolean
}

/** The whole screen: one text, because Ink's cost grows with the number of its elements. */
export function Screen({ state, pen, columns, rows, plain = false }: ScreenProps): ReactNode {
  const regions = drawRegions(state, pen, columns, rows)
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {plain ? (
        regions.map(row => <PlainRow key={row.map(({ id }) => id).join(' ')} row={row} columns={columns} />)
      ) : (
        <Body lines={joinRegions(regions)} width={columns} height={rows} />
      )}
    </Box>
  )
}

// A screen reader reads one region after the other.
const PlainRow = ({ row, columns }: { readonly row: readonly Region[]; readonly columns: number }): ReactNode => (
  <Box width={columns} height={row[0]!.height} flexShrink={0}>
    {row.map(({ id, ...body }) => (
      <Body key={id} {...body} plain />
    ))}
  </Box>
)

/** Returns the frame as plain lines, as golden frames hold it. */
export function renderFrameText(state: AppState, pen: Pen, columns: number, rows: number): readonly string[] {
  return joinRegions(drawRegions(state, pen, columns, rows))
}

/** Returns the row keys of the focused panel. */
export const listRowKeys = (state: AppState): readonly string[] => getPanel(state.ui.focus).listKeys?.(state) ?? []

/** Returns the sort columns of the focused panel. */
export const listSortColumns = (state: AppState): readonly string[] => getPanel(state.ui.focus).sortColumns ?? []
