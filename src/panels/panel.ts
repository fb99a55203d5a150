// Panel: one subject of the screen. It turns state into lines of exact size; it never measures itself.

import type { AppState, PanelId } from '../app/state.ts'
import type { Series } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import type { DetectorId } from '../detectors/index.ts'
import type { History } from '../history.ts'
import type { StyledText } from '../widgets/cells.ts'
import type { ValueFormat } from '../widgets/chart/value-scale.ts'
import type { Pen, Tone } from '../widgets/pen.ts'
import type { TableOptions } from '../widgets/table.ts'
import { compileFilter, type FilterSubject } from './filter.ts'
import type { PageLink } from './links.ts'

/** The area that a panel is drawn in. */
export interface PanelArea {
  readonly pen: Pen
  /** cells inside the border */
  readonly width: number
  readonly height: number
  /** the panel has the whole screen: more columns, all rows */
  readonly full: boolean
  /** ms that charts and sparklines cover: the time window of the screen */
  readonly span: number
  /** ms of them after the newest sample, in a young session */
  readonly ahead?: number
  /** the panel gets the key presses and draws its selection */
  readonly focused: boolean
}

/** A named fact of a detail page. */
export type Fact = readonly [name: string, value: string]

/** Session times in ms that a chart covers. */
export interface TimeRange {
  readonly begin: number
  readonly end: number
  /** the newest sample, where the axis goes on behind it: what follows is blank */
  readonly newest?: number
}

/** A chart of a page. */
export interface Graph {
  readonly name: string
  readonly series: Series
  readonly format: ValueFormat
  /** upper end of the axis where it is known: a limit, all RAM */
  readonly top?: number
  /** all RAM as stacked areas; where there is room for one line only, the series */
  readonly isRam?: boolean
  /** gets one line beside other graphs */
  readonly isMinor?: boolean
  /** a line across the chart: the limit of a cgroup */
  readonly limit?: number
  /** a larger whole: a line, shaded below, behind it */
  readonly backdrop?: { readonly name: string; readonly series: Series }
  /** series of the same unit that are drawn as lines over it */
  readonly lines?: readonly { readonly name: string; readonly series: Series }[]
}

/** The page of a row, opened by Enter. */
export interface Detail {
  readonly title: string
  readonly tone: Tone
  /** sentences above everything else */
  readonly introduction: readonly string[]
  /** the first graph is the large one */
  readonly graphs: readonly Graph[]
  /** session times in ms that the graphs cover, if not the window of the screen */
  readonly range?: TimeRange
  /** what the page names: Enter goes there */
  readonly links?: readonly PageLink[]
  readonly facts: readonly Fact[]
  /** a list below the remedies: its lines are not wrapped */
  readonly listing?: { readonly title: string; readonly lines: readonly (readonly StyledText[])[] }
  readonly remedies: readonly { readonly text: string; readonly command?: string; readonly risk: string }[]
}

/** A table in the area of its panel. */
export interface PlacedTable {
  readonly options: TableOptions
  /** lines above it and cells left of it */
  readonly top: number
  readonly left: number
  readonly width: number
  readonly height: number
}

/** A panel: the entry of the table in `index.ts`. Everything that the screen knows of it is here. */
export interface Panel {
  readonly id: PanelId
  readonly title: string
  /** number key of its view, and the word for it in the footer */
  readonly key: string
  readonly name: string
  /** detectors whose alerts are about this panel: it is kept on a small screen while such an alert is active */
  readonly detectors: readonly DetectorId[]
  /** on the overview this panel gets the focus instead */
  readonly overviewFocus?: PanelId
  /** at the right of the title */
  getNote?(state: AppState): string
  /** lines of an area from which it draws all that it has; absent: it draws the same in any */
  readonly minHeight?: number
  /** draws at most `area.height` lines of `area.width` cells */
  draw(state: AppState, area: PanelArea): readonly string[]
  /** keys of the rows in the order of the screen; absent: nothing to select */
  listKeys?(state: AppState): readonly string[]
  /** keys of the rows that active alerts are about, the most important first; some may not be in the list */
  listLitKeys?(state: AppState): readonly string[]
  /** the panel applies `filter` to its rows */
  readonly filterable?: boolean
  /** numbers of its rows that a filter can compare */
  readonly filterNames?: readonly string[]
  /** columns that the panel can be sorted by */
  readonly sortColumns?: readonly string[]
  /** key of a column that sorts by it: a letter of its title, by the id of the column */
  readonly sortLetters?: Readonly<Record<string, string>>
  /** the table of the panel where it is drawn, for clicks and for texts that are cut */
  placeTable?(state: AppState, area: PanelArea): PlacedTable | undefined
  /** the row at a line of the area, where the panel draws no table */
  findRowAt?(state: AppState, area: PanelArea, line: number): string | undefined
  /** the whole text of a row that the list shows only a part of; absent: what the table cuts */
  findHiddenText?(state: AppState, area: PanelArea, key: string): string | undefined
  /** everything that the list says of a row, in one line */
  describeRow?(state: AppState, key: string): string | undefined
  /** charts below the list, where it leaves room for them; `ram` is the chart of all RAM */
  readonly graphs?: 'ram' | ((history: History) => readonly Graph[])
  getDetail?(state: AppState, key: string): Detail | undefined
  /** what is beside the list on a wide screen: the page of the selected row, or another panel */
  readonly beside?: 'page' | { readonly panel: PanelId }
}

/** Ms that growth and rates per hour cover when no baseline is set. */
export const GROWTH_WINDOW = 15 * MINUTE

/** Returns the rows that match the filter (see filter.ts); all rows without a filter. */
export function filterRows<T>(
  rows: readonly T[],
  filter: string | undefined,
  getSubject: (row: T) => string | FilterSubject,
): readonly T[] {
  if (!filter) return rows
  const matches = compileFilter(filter)
  return rows.filter(row => {
    const subject = getSubject(row)
    return matches(typeof subject === 'string' ? { text: subject } : subject)
  })
}

/** A value that rows are sorted by; null or undefined if a row has none. */
export type SortValue = number | string | null | undefined

/** Returns a sort value that puts the nearest time first. */
export const toSoonestFirst = (time: number | undefined): SortValue => (time === undefined ? undefined : -time)

/** Sorts rows by a number (largest first) or a name (alphabetically); `reverse` turns the order. Rows without a value come last. Stable. */
export function sortRows<T>(rows: readonly T[], getValue: (row: T) => SortValue, reverse = false): readonly T[] {
  const direction = reverse ? -1 : 1
  const compareValues = (x: number | string, y: number | string): number =>
    typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y)) : y - x || 0
  const values = rows.map(row => getValue(row) ?? undefined)
  const compare = (i: number, j: number): number => {
    const x = values[i]
    const y = values[j]
    return x === undefined || y === undefined
      ? Number(x === undefined) - Number(y === undefined)
      : direction * compareValues(x, y)
  }
  return rows
    .map((_, index) => index)
    .sort(compare)
    .map(index => rows[index]!)
}
