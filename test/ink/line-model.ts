// A terminal line as a model: cells with a style each, changed by the few sequences that line updates are made of.
import {
  ansiCodesToString,
  diffAnsiCodes,
  reduceAnsiCodesIncremental,
  tokenize,
} from '../../node_modules/@alcalzone/ansi-tokenize/build/index.js'
import { type Ansi, createStyleTable, type Style } from '../../src/ink/styles.ts'

export const ansi: Ansi = { tokenize, reduceAnsiCodesIncremental, diffAnsiCodes, ansiCodesToString } as unknown as Ansi

const styles = createStyleTable(ansi)

/** A cell of the line. */
export interface LineCell {
  readonly character: string
  readonly style: Style
}

/** Writes texts over a blank line one after the other; returns its cells to the last that is not blank. */
export function writeToLine(...texts: readonly string[]): readonly LineCell[] {
  const cells: LineCell[] = []
  for (const text of texts) writeText(cells, text)
  const last = cells.findLastIndex(({ character, style }) => character !== ' ' || style !== styles.none)
  return cells.slice(0, last + 1)
}

function writeText(cells: LineCell[], text: string): void {
  let column = 0
  let style = styles.none
  for (const [part, number, final] of text.matchAll(/\x1b\[([\d;]*)([GKm])|[^\x1b]/g)) {
    if (final === 'm') style = styles.applySgr(style, part)
    else if (final === 'G') column = Number(number) - 1
    else if (final === 'K') cells.splice(column)
    else {
      while (cells.length < column) cells.push({ character: ' ', style: styles.none })
      cells[column++] = { character: part, style }
    }
  }
  if (style !== styles.none) throw new Error(`the text leaves a style open: ${JSON.stringify(text)}`)
}
