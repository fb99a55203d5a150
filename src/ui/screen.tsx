// The screen: state and size to elements. Pure; panels are drawn by `regions`, which is also how frames are tested.
import { Box } from 'ink'
import type { ReactNode } from 'react'
import { listActiveBySeverity } from '../detectors/alerts.ts'
import { panels } from '../panels/index.ts'
import type { Panel } from '../panels/panel.ts'
import type { PanelId, AppState } from '../session/state.ts'
import { Body } from '../widgets/body.tsx'
import { fitTo } from '../widgets/cells.ts'
import { frame } from '../widgets/frame.ts'
import type { Pen } from '../widgets/pen.ts'
import { bannerLines } from './banner.ts'
import { footerLine } from './footer.ts'
import { headerLine } from './header.ts'
import { type Layout, LEAST, overview, panelsOf, type Rectangle, single } from './layout.ts'
import { detailPage, helpPage } from './pages.ts'
import { timelineLine } from './timeline.ts'

/** A part of the screen: lines of exact width. */
export interface Region {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly lines: readonly string[]
}

/** The rows of regions, from top to bottom; together exactly `columns` × `rows` cells. */
export function regions(state: AppState, pen: Pen, columns: number, rows: number): readonly (readonly Region[])[] {
  return allRegions(state, pen, columns, rows).map(row =>
    row.map(region => ({ ...region, lines: region.lines.map(pen.finish) })),
  )
}

function allRegions(given: AppState, pen: Pen, columns: number, rows: number): readonly (readonly Region[])[] {
  const focus = visibleFocus(given, columns, rows)
  const state = focus === given.ui.focus ? given : { ...given, ui: { ...given.ui, focus } }
  const strip = (id: string, lines: readonly string[]): readonly Region[][] =>
    lines.length > 0 ? [[{ id, width: columns, height: lines.length, lines }]] : []
  const banner = bannerLines(state, pen, columns, rows)
  if (columns < LEAST.columns || rows < LEAST.rows) return strip('small', smallScreen(banner, pen, columns, rows))
  const { player } = state
  const timeline = player ? [timelineLine(player, state.history.session.wallClock, pen, columns)] : []
  const room = rows - 2 - banner.length - timeline.length
  return [
    ...strip('header', [headerLine(state, pen, columns)]),
    ...strip('banner', banner),
    ...bodyRegions(state, pen, columns, room),
    ...strip('timeline', timeline),
    ...strip('footer', [footerLine(state, pen, columns)]),
  ]
}

function bodyRegions(state: AppState, pen: Pen, columns: number, rows: number): readonly (readonly Region[])[] {
  const page = (id: string, lines: readonly string[]): readonly (readonly Region[])[] => [
    [{ id, width: columns, height: rows, lines }],
  ]
  if (state.ui.help) return page('help', helpPage(state, pen, columns, rows))
  const detail = openDetail(state)
  if (detail) return page('detail', detailPage(detail, state, pen, columns, rows))
  return layoutOf(state, columns, rows).map(row => row.map(place => panelRegion(state, pen, place)))
}

// A detail key is a row of the focused panel, or an alert's; a row that is gone closes the page by itself.
function openDetail(state: AppState): ReturnType<NonNullable<Panel['detail']>> {
  const { detail, focus } = state.ui
  if (detail === undefined) return undefined
  return panels[focus].detail?.(state, detail) ?? panels.alerts.detail?.(state, detail)
}

/** The focused panel, or, where the screen has no room for it, the one that stands in its place. */
export function visibleFocus(state: AppState, columns: number, rows: number): PanelId {
  if (state.ui.zoomed) return state.ui.focus
  const there = panelsOf(layoutOf(state, columns, rows - 2))
  return there.includes(state.ui.focus) ? state.ui.focus : (there[1] ?? there[0]!)
}

/** The layout of a state on `columns` × `rows` cells: what Tab goes through, too. */
export function layoutOf(state: AppState, columns: number, rows: number): Layout {
  return state.ui.zoomed ? single(state.ui.focus, columns, rows) : overview(columns, rows, urgentPanel(state))
}

const ABOUT: Readonly<Record<string, PanelId>> = { 'oom-kill': 'log', 'slab-growth': 'slab' }

function urgentPanel({ alerts, ui }: AppState): PanelId {
  const [first] = listActiveBySeverity(alerts)
  return (first && ABOUT[first.detector]) ?? (ui.focus === 'memory' ? 'cgroups' : ui.focus)
}

function panelRegion(state: AppState, pen: Pen, { panel: id, width, height }: Rectangle): Region {
  const panel = panels[id]
  const focused = state.ui.focus === id
  const place = { pen, width: width - 2, height: height - 2, full: state.ui.zoomed, focused }
  const note = panel.note?.(state)
  const filter = focused ? '' : state.ui.panels[id]?.filter // the footer tells that of the focused one
  const options = {
    title: panel.title,
    note: [
      ...(note ? [{ text: note, tone: 'muted' as const }] : []),
      ...(filter ? [{ text: `${note ? ' · ' : ''}filter: ${filter}`, tone: 'warning' as const }] : []),
    ],
    focused,
  }
  return { id, width, height, lines: frame(pen, options, panel.draw(state, place), width, height) }
}

function smallScreen(banner: readonly string[], pen: Pen, columns: number, rows: number): readonly string[] {
  const words = `too small: ${columns}x${rows}, needs ${LEAST.columns}x${LEAST.rows}`
  const lines = [...banner, fitTo(words, columns, 'left', pen.glyphs.ellipsis)].slice(0, rows)
  return [...lines, ...Array.from({ length: rows - lines.length }, () => ' '.repeat(columns))]
}

export interface ScreenProps {
  readonly state: AppState
  readonly pen: Pen
  readonly columns: number
  readonly rows: number
  /** for screen readers: text, not drawings */
  readonly plain?: boolean
}

/** The whole screen. */
export function Screen({ state, pen, columns, rows, plain = false }: ScreenProps): ReactNode {
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {regions(state, pen, columns, rows).map(row => (
        <Box key={row.map(({ id }) => id).join(' ')} width={columns} height={row[0]!.height} flexShrink={0}>
          {row.map(({ id, ...body }) => (
            <Body key={id} {...body} plain={plain} />
          ))}
        </Box>
      ))}
    </Box>
  )
}

/** The frame as plain lines: what a golden frame holds. */
export function frameText(state: AppState, pen: Pen, columns: number, rows: number): readonly string[] {
  return regions(state, pen, columns, rows).flatMap(row =>
    Array.from({ length: row[0]!.height }, (_, i) => row.map(({ lines }) => lines[i] ?? '').join('')),
  )
}

/** Rows in the focused panel, for moving the selection. */
export const keysOf = (state: AppState): readonly string[] => panels[state.ui.focus].keys?.(state) ?? []

/** What the focused panel can be sorted by. */
export const columnsOf = (state: AppState): readonly string[] => panels[state.ui.focus].columns ?? []
