// Panel: a subject of the screen. It turns state into lines of exact size; it never measures itself.

import type { AppState, PanelId } from '../app/state.ts'
import type { Series } from '../base/series.ts'
import { MINUTE } from '../base/units.ts'
import type { History } from '../history.ts'
import type { Pen, Tone } from '../widgets/pen.ts'

/** Where a panel is drawn. */
export interface PanelArea {
  readonly pen: Pen
  /** cells inside the border */
  readonly width: number
  readonly height: number
  /** the panel has the whole screen: more columns, everything, not the most telling only */
  readonly full: boolean
  /** keys go to it: the selection is drawn */
  readonly focused: boolean
}

/** A named fact of a detail page. */
export type Fact = readonly [name: string, value: string]

/** What stands behind a row, on Enter. */
export interface Detail {
  readonly title: string
  readonly tone: Tone
  /** sentences first */
  readonly introduction: readonly string[]
  readonly graphs: readonly {
    readonly name: string
    readonly series: Series
    readonly format: (value: number) => string
  }[]
  /** milliseconds that the graphs look back, where it is not the usual */
  readonly span?: number
  readonly facts: readonly Fact[]
  readonly remedies: readonly { readonly text: string; readonly command?: string; readonly risk: string }[]
}

export interface Panel {
  readonly id: PanelId
  readonly title: string
  /** at the right of the title */
  getNote?(state: AppState): string
  /** `place.height` lines at most, each of `place.width` cells */
  draw(state: AppState, area: PanelArea): readonly string[]
  /** rows in the order they are shown, for the selection; absent: nothing to select */
  listKeys?(state: AppState): readonly string[]
  /** what it can be sorted by */
  readonly sortColumns?: readonly string[]
  getDetail?(state: AppState, key: string): Detail | undefined
}

/** Milliseconds that growth and "per hour" look back, when no baseline is set. */
export const GROWTH_WINDOW = 15 * MINUTE

const SPARKLINE_SPANS = [1, 2, 5, 15].map(minutes => minutes * MINUTE)

/** Milliseconds that sparklines look back: 15 minutes, less in a young session, so that they are not mostly blank. */
export const getSparklineSpan = (history: History): number =>
  SPARKLINE_SPANS.find(span => history.time <= span) ?? GROWTH_WINDOW

/** Rows whose text has the filter in it; all of them without a filter. Case does not matter. */
export function filterRows<T>(
  rows: readonly T[],
  filter: string | undefined,
  getText: (row: T) => string,
): readonly T[] {
  if (!filter) return rows
  const wanted = filter.toLowerCase()
  return rows.filter(row => getText(row).toLowerCase().includes(wanted))
}

/** What rows are put in order by; nothing where there is no value. */
export type SortValue = number | string | null | undefined

/** A time by which the nearest stands first. */
export const toSoonestFirst = (time: number | undefined): SortValue => (time === undefined ? undefined : -time)

/** Rows by a number or a name, largest or first in the alphabet on top; `reverse` turns it round. Without a value they stand last. Stable. */
export function sortRows<T>(rows: readonly T[], getValue: (row: T) => SortValue, reverse = false): readonly T[] {
  const direction = reverse ? -1 : 1
  const compareValues = (x: number | string, y: number | string): number =>
    typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y)) : y - x || 0
  const values = rows.map(row => getValue(row) ?? undefined)
  const compare = (i: number, j: number): number => {
    const [x, y] = [values[i], values[j]]
    return x === undefined || y === undefined
      ? Number(x === undefined) - Number(y === undefined)
      : direction * compareValues(x, y)
  }
  return [...rows.keys()].sort(compare).map(index => rows[index]!)
}
