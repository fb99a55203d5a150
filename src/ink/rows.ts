// Joins the lines on one row of the screen to the text of that row.
import { formatRuns, parseRuns, parseStyledLine, type StyledLine, type StyledRun } from './runs.ts'
import { isSimpleLine } from './simple-text.ts'
import type { Style, StyleTable } from './styles.ts'

/** A finished line at a column. Computed facts about it are kept while it is on the screen. */
export interface PlacedLine {
  readonly x: number
  readonly line: string
  styled?: StyledLine | undefined
  isComplex?: boolean
}

/** Returns the text of a row of `width` cells; undefined if a part of it is not simple or not on the row. */
export function renderRow(styles: StyleTable, placed: readonly PlacedLine[], width: number): string | undefined {
  if (!placed.every(piece => canRender(styles, piece, width))) return undefined
  return joinLines(styles, placed) ?? overlayLines(styles, placed, width)
}

function canRender(styles: StyleTable, piece: PlacedLine, width: number): boolean {
  piece.isComplex ??= !isSimpleLine(piece.line)
  if (piece.isComplex || !Number.isInteger(piece.x)) return false
  piece.styled ??= parseStyledLine(styles, piece.line)
  const { cells } = piece.styled
  return cells === 0 || (piece.x >= 0 && piece.x + cells <= width)
}

// Joins lines beside each other with the codes between their styles; undefined if they overlap.
function joinLines(styles: StyleTable, placed: readonly PlacedLine[]): string | undefined {
  let text = ''
  let column = 0
  let style = styles.none
  for (const { x, styled: strip } of sortByColumn(placed)) {
    const { first, last, inner, cells } = strip!
    if (cells === 0) continue
    if (x < column) return undefined
    if (x > column) {
      text += styles.getTransition(style, styles.none) + ' '.repeat(x - column)
      style = styles.none
    }
    text += styles.getTransition(style, first) + inner
    style = last
    column = x + cells
  }
  return (text + styles.getTransition(style, styles.none)).trimEnd()
}

function sortByColumn(placed: readonly PlacedLine[]): readonly PlacedLine[] {
  for (let i = 1; i < placed.length; i++) {
    if (placed[i]!.x < placed[i - 1]!.x) return placed.toSorted((a, b) => a.x - b.x)
  }
  return placed
}

// Joins overlapping lines cell by cell: the later one wins.
function overlayLines(styles: StyleTable, placed: readonly PlacedLine[], width: number): string {
  const characters = new Array<string>(width).fill(' ')
  const cellStyles = new Array<Style>(width).fill(styles.none)
  for (const { x, line } of placed) {
    let column = x
    for (const { style, text } of parseRuns(styles, line)) {
      for (const character of text) {
        characters[column] = character
        cellStyles[column] = style
        column += 1
      }
    }
  }
  return formatRuns(styles, buildRuns(characters, cellStyles)).trimEnd()
}

function buildRuns(characters: readonly string[], cellStyles: readonly Style[]): readonly StyledRun[] {
  const runs: StyledRun[] = []
  let start = 0
  for (let column = 1; column <= characters.length; column++) {
    if (column < characters.length && cellStyles[column] === cellStyles[start]) continue
    runs.push({ style: cellStyles[start]!, text: characters.slice(start, column).join('') })
    start = column
  }
  return runs
}
