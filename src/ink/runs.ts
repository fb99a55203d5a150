// Runs: simple text as pieces of one style each, and back to text as Ink writes it.
import { cellsOf, endOfSgr } from './simple.ts'
import type { Style, Styles } from './styles.ts'

/** Characters of one style; never empty. */
export interface Run {
  readonly style: Style
  readonly text: string
}

/** The runs of a simple text. */
export function runsOf(styles: Styles, text: string): readonly Run[] {
  const runs: Run[] = []
  let style = styles.none
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('\x1b', at)
    const end = next < 0 ? text.length : next
    if (end > at) runs.push({ style, text: text.slice(at, end) })
    if (next < 0) break
    at = endOfSgr(text, next)
    style = styles.after(style, text.slice(next, at))
  }
  return runs
}

/** Runs as text, from no style to no style. */
export function textOf(styles: Styles, runs: readonly Run[]): string {
  let text = ''
  let style = styles.none
  for (const run of runs) {
    text += styles.between(style, run.style) + run.text
    style = run.style
  }
  return text + styles.between(style, styles.none)
}

/** The lines of a simple text, each written anew: a colour that goes over a newline is closed and opened again. */
export function linesOf(styles: Styles, text: string): readonly string[] {
  if (!text.includes('\x1b')) return text.split('\n')
  const lines: Run[][] = [[]]
  for (const { style, text: piece } of runsOf(styles, text)) {
    piece.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([])
      if (part !== '') lines.at(-1)!.push({ style, text: part })
    })
  }
  return lines.map(runs => textOf(styles, runs))
}

/** The cells `from` to `to` of a simple line, written anew. */
export function cut(styles: Styles, line: string, from: number, to: number): string {
  if (from >= to) return ''
  if (!line.includes('\x1b')) return line.slice(from, to)
  let column = 0
  const within: Run[] = []
  for (const { style, text } of runsOf(styles, line)) {
    const part = text.slice(Math.max(0, from - column), Math.max(0, to - column))
    if (part !== '') within.push({ style, text: part })
    column += text.length
  }
  return textOf(styles, within)
}

/** A simple line ready to be joined with its neighbours: what is around it decides how it is opened and closed. */
export interface Strip {
  readonly first: Style
  readonly last: Style
  readonly inner: string
  readonly cells: number
}

/** The strip of a simple line. */
export function stripOf(styles: Styles, line: string): Strip {
  const runs = runsOf(styles, line)
  const first = runs[0]?.style ?? styles.none
  let last = first
  let inner = ''
  for (const { style, text } of runs) {
    inner += styles.between(last, style) + text
    last = style
  }
  return { first, last, inner, cells: cellsOf(line) }
}
