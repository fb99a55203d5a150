// Text that comes in pieces, and is waited for up to a line. Each piece is searched once: an answer may be many megabytes.

const MAX_LINE_REST = 64 // characters between the marker and the end of its line

/** Text that was received and is not yet taken. */
export class Inbox {
  private pieces: string[] = []
  /** the end of what was searched, in which a marker may have begun */
  private tail = ''
  private fresh = ''
  /** characters that wait */
  length = 0

  add(text: string): void {
    if (text !== '') this.pieces.push(text)
    this.fresh += text
    this.length += text.length
  }

  /** Takes the text before `marker` and the rest of the marker's line; undefined while that has not come. */
  takeUntil(marker: string): { readonly before: string; readonly rest: string } | undefined {
    const recent = this.tail + this.fresh
    const at = recent.indexOf(marker)
    const lineEnd = at < 0 ? -1 : recent.indexOf('\n', at + marker.length)
    this.fresh = ''
    this.tail = at < 0 ? recent.slice(-(marker.length + MAX_LINE_REST)) : recent.slice(at)
    if (lineEnd < 0) return undefined
    const whole = this.pieces.join('')
    const from = whole.length - recent.length + at
    const to = whole.length - recent.length + lineEnd
    this.clear()
    this.add(whole.slice(to + 1))
    return { before: whole.slice(0, from), rest: whole.slice(from + marker.length, to) }
  }

  /** What came last, as far as it waits. */
  peekEnd(): string {
    return this.pieces.at(-1) ?? ''
  }

  /** All that waits. */
  peek(): string {
    return this.pieces.join('')
  }

  clear(): void {
    this.pieces = []
    this.tail = ''
    this.fresh = ''
    this.length = 0
  }
}
