// Computes where each line of a frame's writes is on the screen, after clipping and transforming, as Ink's Output does.
import { cutCells, splitStyledLines } from './runs.ts'
import { countCells, isSimpleText } from './simple-text.ts'
import type { StyleTable } from './styles.ts'

/** What Ink applies to each line of a text. */
export type Transformer = (line: string, index: number) => string

/** A part of the screen; the ends are exclusive, an absent bound does not clip. */
export interface Clip {
  readonly x1: number | undefined
  readonly x2: number | undefined
  readonly y1: number | undefined
  readonly y2: number | undefined
}

/** A text to write. */
export interface TextWrite {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly transformers: readonly Transformer[]
}

/** Receives a finished line and its position. Never called for rows outside the screen. */
export type LineWriter = (x: number, y: number, line: string) => void

/** Returns the intersection of two clips. */
export function intersectClips(outer: Clip | undefined, inner: Clip): Clip {
  if (!outer) return inner
  const pickTighter = (a: number | undefined, b: number | undefined, pick: (a: number, b: number) => number) => {
    if (a === undefined || b === undefined) return a ?? b
    return pick(a, b)
  }
  return {
    x1: pickTighter(outer.x1, inner.x1, Math.max),
    x2: pickTighter(outer.x2, inner.x2, Math.min),
    y1: pickTighter(outer.y1, inner.y1, Math.max),
    y2: pickTighter(outer.y2, inner.y2, Math.min),
  }
}

/** Returns whether a write is simple text on whole cells. Its transformers may return anything. */
export function canPlaceLines({ x, y, text }: TextWrite, clip: Clip | undefined): boolean {
  const isWhole = (bound: number | undefined) => bound === undefined || Number.isInteger(bound)
  if (!Number.isInteger(x) || !Number.isInteger(y)) return false
  return (!clip || (isWhole(clip.x1) && isWhole(clip.x2) && isWhole(clip.y1) && isWhole(clip.y2))) && isSimpleText(text)
}

// Returns the bounds of an axis: it is clipped only if both ends are given.
type Bounds = readonly [low: number, high: number] | undefined

const toBounds = (low: number | undefined, high: number | undefined): Bounds =>
  low === undefined || high === undefined ? undefined : [low, high]

const isOutside = (bounds: Bounds, start: number, size: number): boolean =>
  bounds !== undefined && (bounds[0] >= bounds[1] || start + size < bounds[0] || start > bounds[1])

/** A screen of `height` rows that lines are written to. */
export interface LineTarget {
  readonly height: number
  readonly writeLine: LineWriter
}

/** Puts the lines of one write on a screen. */
export function placeLines(
  styles: StyleTable,
  write: TextWrite,
  clip: Clip | undefined,
  { height, writeLine }: LineTarget,
): void {
  const { x, y, text, transformers } = write
  const columnBounds = toBounds(clip?.x1, clip?.x2)
  const rowBounds = toBounds(clip?.y1, clip?.y2)
  const lines = splitStyledLines(styles, text)
  if (isOutside(rowBounds, y, lines.length) || (columnBounds && isOutside(columnBounds, x, findWidest(lines)))) return
  const top = Math.max(0, y, rowBounds?.[0] ?? 0)
  const bottom = Math.min(height, y + lines.length, rowBounds?.[1] ?? height)
  for (let row = top; row < bottom; row++) {
    const index = row - y
    const line = lines[index]!
    const visible = columnBounds ? clipLine(styles, line, x, columnBounds) : line
    writeLine(columnBounds ? Math.max(x, columnBounds[0]) : x, row, transformLine(visible, index, transformers))
  }
}

const findWidest = (lines: readonly string[]): number =>
  lines.reduce((most, line) => Math.max(most, countCells(line)), 0)

function clipLine(styles: StyleTable, line: string, x: number, [left, right]: readonly [number, number]): string {
  const cells = countCells(line)
  return cutCells(styles, line, Math.max(0, left - x), Math.min(cells, right - x))
}

const transformLine = (line: string, index: number, transformers: readonly Transformer[]): string =>
  transformers.reduce((text, transformer) => transformer(text, index), line)
