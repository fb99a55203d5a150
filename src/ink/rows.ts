// Rows: lines on one row of the screen to the text of that row.
import { type Run, runsOf, type Strip, stripOf, textOf } from './runs.ts'
import { isSimple } from './simple.ts'
import type { Style, Styles } from './styles.ts'

/** A finished line at a column. What was found out about it stays with it, for as long as it is on the screen. */
export interface Placed {
  readonly x: number
  readonly line: string
  strip?: Strip | undefined
  odd?: boolean
}

/** The text of a row of `width` cells, or undefined if something in it is not simple or not on the row. */
export function rowText(styles: Styles, placed: readonly Placed[], width: number): string | undefined {
  if (!placed.every(piece => fits(styles, piece, width))) return undefined
  return joined(styles, placed) ?? overlaid(styles, placed, width)
}

function fits(styles: Styles, piece: Placed, width: number): boolean {
  piece.odd ??= !isSimple(piece.line)
  if (piece.odd || !Number.isInteger(piece.x)) return false
  piece.strip ??= stripOf(styles, piece.line)
  const { cells } = piece.strip
  return cells === 0 || (piece.x >= 0 && piece.x + cells <= width)
}

// Lines beside each other: strips joined by what leads from style to style. Undefined if they overlap.
function joined(styles: Styles, placed: readonly Placed[]): string | undefined {
  let text = ''
  let column = 0
  let style = styles.none
  for (const { x, strip } of inOrder(placed)) {
    const { first, last, inner, cells } = strip!
    if (cells === 0) continue
    if (x < column) return undefined
    if (x > column) {
      text += styles.between(style, styles.none) + ' '.repeat(x - column)
      style = styles.none
    }
    text += styles.between(style, first) + inner
    style = last
    column = x + cells
  }
  return (text + styles.between(style, styles.none)).trimEnd()
}

function inOrder(placed: readonly Placed[]): readonly Placed[] {
  for (let i = 1; i < placed.length; i++) {
    if (placed[i]!.x < placed[i - 1]!.x) return placed.toSorted((a, b) => a.x - b.x)
  }
  return placed
}

// Lines over each other: cell by cell, the later one wins.
function overlaid(styles: Styles, placed: readonly Placed[], width: number): string {
  const characters = new Array<string>(width).fill(' ')
  const cellStyles = new Array<Style>(width).fill(styles.none)
  for (const { x, line } of placed) {
    let column = x
    for (const { style, text } of runsOf(styles, line)) {
      for (const character of text) {
        characters[column] = character
        cellStyles[column] = style
        column += 1
      }
    }
  }
  return textOf(styles, runsOfCells(characters, cellStyles)).trimEnd()
}

function runsOfCells(characters: readonly string[], cellStyles: readonly Style[]): readonly Run[] {
  const runs: Run[] = []
  let start = 0
  for (let column = 1; column <= characters.length; column++) {
    if (column < characters.length && cellStyles[column] === cellStyles[start]) continue
    runs.push({ style: cellStyles[start]!, text: characters.slice(start, column).join('') })
    start = column
  }
  return runs
}
