// Layout: the rectangles of the panels. Arithmetic only.
import type { PanelId } from '../app/state.ts'

/** The size of a panel on the screen in cells, with its border. */
export interface Rectangle {
  readonly panel: PanelId
  readonly width: number
  readonly height: number
}

/** Rows of rectangles from top to bottom, each from left to right. Rectangles of a row have one height and fill its width. */
export type Layout = readonly (readonly Rectangle[])[]

/** The smallest screen that is drawn, in cells. A smaller one says so. */
export const MIN_SIZE = { columns: 40, rows: 10 } as const
const WIDE_SIZE = { columns: 110, rows: 24 } as const

/** The largest screen that is drawn. A terminal may claim 65,535 columns and rows: four billion cells. */
const MAX_SIZE = { columns: 1000, rows: 500 } as const

/** Returns the part of a terminal that is drawn on. */
export const limitSize = ({ columns, rows }: { readonly columns: number; readonly rows: number }) => ({
  columns: Math.min(columns, MAX_SIZE.columns),
  rows: Math.min(rows, MAX_SIZE.rows),
})

/**
 * Returns the rectangles of the overview in `columns` × `rows` cells.
 * @param urgent the panel of the most severe alert: it is kept if there is room for two panels only
 */
export function computeOverviewLayout(columns: number, rows: number, urgent: PanelId): Layout {
  return columns >= WIDE_SIZE.columns && rows >= WIDE_SIZE.rows
    ? computeWideLayout(columns, rows)
    : computeNarrowLayout(columns, rows, urgent)
}

/** Returns one panel that fills the whole area. */
export const computeZoomedLayout = (panel: PanelId, columns: number, rows: number): Layout => [
  [{ panel, width: columns, height: rows }],
]

const MAX_LOG_HEIGHT = 11 // all rows of pressure

// Memory with its chart has the whole width; below it slab and cgroups, then the log and pressure.
function computeWideLayout(columns: number, rows: number): Layout {
  const memory = Math.max(9, Math.round(rows * 0.4))
  const log = Math.min(MAX_LOG_HEIGHT, Math.max(5, Math.round((rows - memory) * 0.42)))
  const left = Math.round(columns * 0.55)
  const createRow = (a: PanelId, b: PanelId, height: number): readonly Rectangle[] => [
    { panel: a, width: left, height },
    { panel: b, width: columns - left, height },
  ]
  return [
    [{ panel: 'memory', width: columns, height: memory }],
    createRow('slab', 'cgroups', rows - memory - log),
    createRow('log', 'pressure', log),
  ]
}

// A small screen: memory, then the panel of the most severe alert, then one more for every 8 rows.
function computeNarrowLayout(columns: number, rows: number, urgent: PanelId): Layout {
  const order = [...new Set<PanelId>(['memory', urgent, 'cgroups', 'slab', 'log', 'pressure'])]
  const visible = order.slice(0, Math.max(1, Math.min(order.length, Math.floor((rows + 2) / 8))))
  const first = visible.length === 1 ? rows : Math.min(13, Math.round(rows * 0.5))
  const others = visible.slice(1)
  const each = Math.floor((rows - first) / Math.max(1, others.length))
  const heights = others.map((_, i) => (i === others.length - 1 ? rows - first - each * (others.length - 1) : each))
  return [
    [{ panel: 'memory', width: columns, height: first }],
    ...others.map((panel, i) => [{ panel, width: columns, height: heights[i]! }]),
  ]
}

/** Returns the panels of a layout in reading order, which is the order of Tab. */
export const listPanels = (layout: Layout): readonly PanelId[] => layout.flat().map(({ panel }) => panel)
