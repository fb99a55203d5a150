// Splits simple text into runs of one style, and formats runs as Ink does.
import { countCells, findSgrEnd } from './simple-text.ts'
import type { Style, StyleTable } from './styles.ts'

/** Characters of one style; never empty. */
export interface StyledRun {
  readonly style: Style
  readonly text: string
}

/** Splits a simple text into runs. */
export function parseRuns(styles: StyleTable, text: string): readonly StyledRun[] {
  const runs: StyledRun[] = []
  let style = styles.none
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('\x1b', at)
    const end = next < 0 ? text.length : next
    if (end > at) runs.push({ style, text: text.slice(at, end) })
    if (next < 0) break
    at = findSgrEnd(text, next)
    style = styles.applySgr(style, text.slice(next, at))
  }
  return runs
}

/** Formats runs as text that begins and ends without a style. */
export function formatRuns(styles: StyleTable, runs: readonly StyledRun[]): string {
  let text = ''
  let style = styles.none
  for (const run of runs) {
    text += styles.getTransition(style, run.style) + run.text
    style = run.style
  }
  return text + styles.getTransition(style, styles.none)
}

/** Splits a simple text into lines: a color that spans a newline is closed and opened again. */
export function splitStyledLines(styles: StyleTable, text: string): readonly string[] {
  if (!text.includes('\x1b')) return text.split('\n')
  const lines: StyledRun[][] = [[]]
  for (const { style, text: piece } of parseRuns(styles, text)) {
    piece.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([])
      if (part !== '') lines.at(-1)!.push({ style, text: part })
    })
  }
  return lines.map(runs => formatRuns(styles, runs))
}

/** Returns the cells `from` to `to` of a simple line. */
export function cutCells(styles: StyleTable, line: string, from: number, to: number): string {
  if (from >= to) return ''
  if (!line.includes('\x1b')) return line.slice(from, to)
  let column = 0
  const within: StyledRun[] = []
  for (const { style, text } of parseRuns(styles, line)) {
    const part = text.slice(Math.max(0, from - column), Math.max(0, to - column))
    if (part !== '') within.push({ style, text: part })
    column += text.length
  }
  return formatRuns(styles, within)
}

/** A simple line without its first and last codes, which depend on its neighbours. */
export interface StyledLine {
  readonly first: Style
  readonly last: Style
  readonly inner: string
  readonly cells: number
}

/** Converts a simple line to a strip. */
export function parseStyledLine(styles: StyleTable, line: string): StyledLine {
  const runs = parseRuns(styles, line)
  const first = runs[0]?.style ?? styles.none
  let last = first
  let inner = ''
  for (const { style, text } of runs) {
    inner += styles.getTransition(last, style) + text
    last = style
  }
  return { first, last, inner, cells: countCells(line) }
}
