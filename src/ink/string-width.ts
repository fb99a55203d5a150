// Replaces string-width: the width of a simple line is its length without colors.
import { countCells, isSimpleLine } from './simple-text.ts'

/** The options of the library string-width. */
export interface WidthOptions {
  readonly ambiguousIsNarrow?: boolean
  readonly countAnsiEscapeCodes?: boolean
}

/** The function of the library string-width. */
export type StringWidth = (text: string, options?: WidthOptions) => number

/** Creates the replacement. @param original string-width itself, for other texts and options */
export function swapStringWidth(original: StringWidth): StringWidth {
  return (text, options) =>
    options === undefined && typeof text === 'string' && isSimpleLine(text) ? countCells(text) : original(text, options)
}
