// What a chart is drawn from: its series, events and time span, and the geometry of its parts.

import type { Series } from '../../base/series.ts'
import type { SessionClock } from '../../base/wall-time.ts'
import type { Tone } from '../pen.ts'
import type { ValueFormat, ValueScale } from './value-scale.ts'

/** A series with its name in the legend. */
export interface ChartSeries {
  readonly name: string
  readonly series: Series
  readonly tone: Tone
}

/** A layer of stacked areas. `read` returns its value at a session time, or undefined if it is unknown. */
export interface StackLayer {
  readonly name: string
  readonly tone: Tone
  readonly fill: string
  /** what the other layers leave: it has no edge of its own */
  readonly isRest?: boolean
  readonly read: (time: number) => number | undefined
}

/** Stacked areas, from bottom to top. Each column is read at the moment when `lowest` was lowest in it. */
export interface Stack {
  readonly layers: readonly StackLayer[]
  readonly lowest: Series
}

/** Something that happened, marked on the time axis. */
export interface ChartEvent {
  /** session time in ms */
  readonly time: number
  readonly sign: string
  readonly tone: Tone
  readonly text: string
}

/** What a chart shows: series, their time span, their unit, and events. */
export interface ChartOptions {
  /** the first is an area, the others are lines */
  readonly series: readonly ChartSeries[]
  /** a larger whole: a line, shaded below, behind the area of its part */
  readonly backdrop?: ChartSeries
  /** drawn instead of an area */
  readonly stack?: Stack
  /** session times in ms */
  readonly begin: number
  readonly end: number
  /** the newest sample, where the axis goes on behind it: what follows is blank */
  readonly newest?: number
  /** wall clock of session time 0, and where it was set */
  readonly wallClock: number
  readonly clockSteps?: SessionClock['clockSteps']
  readonly format: ValueFormat
  /** upper end of the value axis, where it is known: all RAM, a limit */
  readonly top?: number
  /** a horizontal line at a value of the axis: the limit of a cgroup */
  readonly limit?: number
  /** oldest event first; a later and more severe one covers the others of its column */
  readonly events?: readonly ChartEvent[]
  /** session time whose values the legend shows; absent: the newest */
  readonly cursor?: number
  /** writes the time of the cursor into the legend */
  formatCursor?(time: number): string
}

/** A size in cells. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** A chart with its geometry: what its parts are drawn from. */
export interface Plot extends ChartOptions {
  /** cells of the value labels, and of the plot beside them */
  readonly labelWidth: number
  readonly plotWidth: number
  readonly plotHeight: number
  readonly scale: ValueScale
}
