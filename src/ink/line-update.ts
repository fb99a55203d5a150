// Replaces Ink's line-update: for simple lines the first different column is counted, not measured.
import { countCells, findSgrEnd, isSgrAt, isSimpleLine } from './simple-text.ts'

/** Returns the text that changes a line of the terminal from `previous` to `next`. */
export type LineUpdate = (previous: string, next: string, columns: number | undefined) => string

const ERASE_TO_END = '\x1b[K'

/** Creates the replacement. @param original Ink's function, for lines that are not simple */
export function swapLineUpdate(original: LineUpdate): LineUpdate {
  return (previous, next, columns) => {
    if (!columns || columns < 1 || !isSimpleLine(previous) || !isSimpleLine(next))
      return original(previous, next, columns)
    const whole = `\x1b[1G${ERASE_TO_END}${next}`
    if (countCells(previous) > columns || countCells(next) > columns) return whole
    const { column, offset, styles } = findCommonPrefix(previous, next)
    if (column === 0 || column >= columns) return whole
    const part = `\x1b[${column + 1}G${ERASE_TO_END}${styles}${next.slice(offset)}`
    return part.length < whole.length ? part : whole
  }
}

// Returns how far two lines are equal: cells, characters and all SGR codes in them.
function findCommonPrefix(previous: string, next: string): { column: number; offset: number; styles: string } {
  const most = Math.min(previous.length, next.length)
  let same = 0
  while (same < most && previous.charCodeAt(same) === next.charCodeAt(same)) same += 1
  let column = 0
  let offset = 0
  let styles = ''
  while (offset < same) {
    const end = isSgrAt(next, offset) ? findSgrEnd(next, offset) : offset + 1
    if (isSgrAt(next, offset)) styles += next.slice(offset, end)
    else column += 1
    offset = end
  }
  return { column, offset, styles }
}
