// Simple text: one cell and one grapheme per character, and colours (SGR). In it an index is a column, nothing needs segmenting.

// Printable ASCII, box drawing, blocks, braille, and signs; test/ink/simple.test.ts looks at each pair of them.
const CELLS = ' -~\\u2500-\\u259f\\u2800-\\u28ff·°µ×–—−…•‹›“”‘’←↑→↓▲▼●▾✖'

/** Signs of `CELLS` and SGR as programs write it; anything longer or odder is Ink's business. */
const SGR = '\\x1b\\[(?:\\d{1,3}(?:;\\d{1,3})*)?m'

const NOT_SIMPLE = new RegExp(`[^${CELLS}\\x1b]|\\x1b(?!${SGR.slice(4)})`)
const NOT_SIMPLE_TEXT = new RegExp(`[^${CELLS}\\n\\x1b]|\\x1b(?!${SGR.slice(4)})`)

/** All that `CELLS` permits; for tests. */
export const SIMPLE_CHARACTER = new RegExp(`^[${CELLS}]$`)

/** One line of simple text. */
export const isSimpleLine = (line: string): boolean => !NOT_SIMPLE.test(line)

/** Simple text of any number of lines. */
export const isSimpleText = (lines: string): boolean => !NOT_SIMPLE_TEXT.test(lines)

const ESC = 0x1b

/** Cells of a simple line. */
export function countCells(line: string): number {
  let cells = line.length
  for (let start = line.indexOf('\x1b'); start >= 0; start = line.indexOf('\x1b', start)) {
    const end = findSgrEnd(line, start)
    cells -= end - start
    start = end
  }
  return cells
}

/** Where the SGR that begins at `start` of a simple text ends. */
export const findSgrEnd = (text: string, start: number): number => text.indexOf('m', start) + 1

/** Whether an SGR begins at `index`. */
export const isSgrAt = (text: string, index: number): boolean => text.charCodeAt(index) === ESC
