// In place of string-width: the width of a simple line is its length without colours.
import { countCells, isSimpleLine } from './simple-text.ts'

export interface WidthOptions {
  readonly ambiguousIsNarrow?: boolean
  readonly countAnsiEscapeCodes?: boolean
}

export type StringWidth = (text: string, options?: WidthOptions) => number

/** @param original string-width itself, for other text and for other widths than the usual ones */
export function swapStringWidth(original: StringWidth): StringWidth {
  return (text, options) =>
    options === undefined && typeof text === 'string' && isSimpleLine(text) ? countCells(text) : original(text, options)
}
