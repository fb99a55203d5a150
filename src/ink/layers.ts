// Layers: where on the screen each line of a frame's writes lands, after clipping and transforming, as Ink's Output does it.
import { cut, linesOf } from './runs.ts'
import { areSimple, cellsOf } from './simple.ts'
import type { Styles } from './styles.ts'

export type Transformer = (line: string, index: number) => string

/** A part of the screen; the ends do not belong to it, an absent bound is none. */
export interface Clip {
  readonly x1: number | undefined
  readonly x2: number | undefined
  readonly y1: number | undefined
  readonly y2: number | undefined
}

/** A text to write. */
export interface Write {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly transformers: readonly Transformer[]
}

/** Gets a finished line and where it goes. Rows outside the screen never come. */
export type Put = (x: number, y: number, line: string) => void

/** The part that two clips share. */
export function sharedBy(outer: Clip | undefined, inner: Clip): Clip {
  if (!outer) return inner
  const tighter = (a: number | undefined, b: number | undefined, of: (a: number, b: number) => number) =>
    a === undefined ? b : b === undefined ? a : of(a, b)
  return {
    x1: tighter(outer.x1, inner.x1, Math.max),
    x2: tighter(outer.x2, inner.x2, Math.min),
    y1: tighter(outer.y1, inner.y1, Math.max),
    y2: tighter(outer.y2, inner.y2, Math.min),
  }
}

/** Whether `layer` can take a write: simple text on whole cells. What its transformers give may be anything. */
export function canLayer({ x, y, text }: Write, clip: Clip | undefined): boolean {
  const whole = (bound: number | undefined) => bound === undefined || Number.isInteger(bound)
  if (!Number.isInteger(x) || !Number.isInteger(y)) return false
  return (!clip || (whole(clip.x1) && whole(clip.x2) && whole(clip.y1) && whole(clip.y2))) && areSimple(text)
}

// Bounds of an axis that count: an axis is clipped only when both its ends are given.
type Bounds = readonly [low: number, high: number] | undefined

const boundsOf = (low: number | undefined, high: number | undefined): Bounds =>
  low === undefined || high === undefined ? undefined : [low, high]

const misses = (bounds: Bounds, at: number, size: number): boolean =>
  bounds !== undefined && (bounds[0] >= bounds[1] || at + size < bounds[0] || at > bounds[1])

/** Puts the lines of one write on a screen of `height` rows. */
export function layer(styles: Styles, write: Write, clip: Clip | undefined, height: number, put: Put): void {
  const { x, y, text, transformers } = write
  const across = boundsOf(clip?.x1, clip?.x2)
  const down = boundsOf(clip?.y1, clip?.y2)
  const lines = linesOf(styles, text)
  if (misses(down, y, lines.length) || (across && misses(across, x, widest(lines)))) return
  const top = Math.max(0, y, down?.[0] ?? 0)
  const bottom = Math.min(height, y + lines.length, down?.[1] ?? height)
  for (let row = top; row < bottom; row++) {
    const index = row - y
    const line = lines[index]!
    const visible = across ? clipped(styles, line, x, across) : line
    put(across ? Math.max(x, across[0]) : x, row, transformed(visible, index, transformers))
  }
}

const widest = (lines: readonly string[]): number => lines.reduce((most, line) => Math.max(most, cellsOf(line)), 0)

function clipped(styles: Styles, line: string, x: number, [left, right]: readonly [number, number]): string {
  const cells = cellsOf(line)
  return cut(styles, line, Math.max(0, left - x), Math.min(cells, right - x))
}

const transformed = (line: string, index: number, transformers: readonly Transformer[]): string =>
  transformers.reduce((text, transformer) => transformer(text, index), line)
