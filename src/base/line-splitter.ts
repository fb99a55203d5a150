// Splits text that comes in pieces into lines of bounded length.

/** Returns a function that takes the next piece and calls back for each whole line. A longer line is cut, its rest skipped. */
export function createLineSplitter(maxLength: number, onLine: (line: string) => void): (piece: string) => void {
  let pending = ''
  let isSkipping = false
  const take = (piece: string): void => {
    if (!isSkipping) pending += piece.slice(0, maxLength - pending.length)
    if (pending.length >= maxLength) isSkipping = true
  }
  return text => {
    const pieces = text.split('\n')
    for (const [i, piece] of pieces.entries()) {
      take(piece)
      if (i === pieces.length - 1) return
      onLine(pending.replace(/\r$/, ''))
      pending = ''
      isSkipping = false
    }
  }
}
