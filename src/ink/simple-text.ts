// Simple text: one cell and one grapheme per character, and colors (SGR). An index is a column, and nothing needs segmentation.

// Printable ASCII, box drawing, blocks, braille, and signs; the tests check each pair of them.
const CELLS = ' -~\\u2500-\\u259f\\u2800-\\u28ff·°µ×–—−…•‹›“”‘’←↑→↓▲▼●○▾▴✖'

/** Characters of `CELLS` and common SGR codes; everything else is left to Ink. */
const SGR = '\\x1b\\[(?:\\d{1,3}(?:;\\d{1,3})*)?m'

const NOT_SIMPLE = new RegExp(`[^${CELLS}\\x1b]|\\x1b(?!${SGR.slice(4)})`)
const NOT_SIMPLE_TEXT = new RegExp(`[^${CELLS}\\n\\x1b]|\\x1b(?!${SGR.slice(4)})`)

/** All characters in `CELLS`; for tests. */
export const SIMPLE_CHARACTER = new RegExp(`^[${CELLS}]$`)

/** One line of simple text. */
export const isSimpleLine = (line: string): boolean => !NOT_SIMPLE.test(line)

/** Simple text of any number of lines. */
export const isSimpleText = (lines: string): boolean => !NOT_SIMPLE_TEXT.test(lines)

/** Returns the number of cells of a simple line. */
export function countCells(line: string): number {
  let cells = line.length
  for (let start = line.indexOf('\x1b'); start >= 0; start = line.indexOf('\x1b', start)) {
    const end = findSgrEnd(line, start)
    cells -= end - start
    start = end
  }
  return cells
}

/** Returns where the SGR that begins at `start` ends. */
export const findSgrEnd = (text: string, start: number): number => text.indexOf('m', start) + 1
