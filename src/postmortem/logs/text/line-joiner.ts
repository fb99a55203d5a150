// LineJoiner: puts lines together again that a mail program, a terminal or `fold` wrapped. Pure.
import type { LogLine } from '../lines/log-line.ts'
import type { TextLayout } from '../lines/loose-prefix.ts'
import { isEndOfName, isKnownLine, isMiddle, isOpenLine, isWholeLine } from './wrapped-text.ts'

/** A line of the file, and how many characters it had there. */
interface Piece {
  readonly line: LogLine
  readonly number: number
  readonly width: number
}

const MAX_PIECES = 40
const MAX_LENGTH = 4096
const MAX_ATTEMPTS = 120
// The words that a first piece of interest has: only then is the next line wanted for its sake.
const INTEREST = /oom|[Oo]ut of|[Mm]emory|[Kk]ill|alloc|gfp|SLUB|SLAB|Unable|cache:|Linux version|CPU: /

/** Takes messages in the order of the file. A piece without a stamp is held back until it is known where it belongs. */
export class LineJoiner {
  private run: readonly Piece[] = []
  // the last piece of the last message, and all of it: further lines come with the piece only
  private joined: { readonly piece: string; readonly text: string } | undefined
  private further: Piece | undefined
  private readonly hardWidth: number | null
  private readonly isJoined: boolean

  /** See TextLayout for the parameters. */
  constructor({ hardWidth, isJoined }: Pick<TextLayout, 'hardWidth' | 'isJoined'>) {
    this.hardWidth = hardWidth
    this.isJoined = isJoined
  }

  /** The next line may be the rest of the one that is held back. */
  get isWaiting(): boolean {
    return this.run.length > 0 && INTEREST.test(this.run[0]!.line.text)
  }

  /** Returns the messages that are known to be over. @param width characters of the line with its prefix */
  add(line: LogLine, number: number, width: number): readonly LogLine[] {
    if (line.amends) return this.addFurtherLine(line, number, width)
    const piece = { line, number, width }
    const last = this.run.at(-1)
    if (last && line.isUnstamped && this.isNext(number, last) && this.canJoin(piece)) {
      this.run = [...this.run, piece]
      return []
    }
    const further = this.lengthenFurther(piece)
    if (further) return [further]
    const before = this.flush()
    this.joined = undefined
    this.further = undefined
    this.run = [piece]
    return before
  }

  /** Returns what is held back: nothing more comes. */
  flush(): readonly LogLine[] {
    const { run } = this
    this.run = []
    return run.length === 0 ? [] : this.joinRun(run)
  }

  // A line far to the right is the next line of the same record, or the end of a row that was broken before its blanks.
  private addFurtherLine(line: LogLine, number: number, width: number): readonly LogLine[] {
    const { amends: _, ...own } = line
    const last = this.run.at(-1)
    if (last && this.run.length > 1) this.joined = { piece: last.line.text, text: this.joinTexts(this.run) }
    const rest = line.text.slice(line.text.lastIndexOf('\n') + 1).trimStart()
    const run = [...this.run, { line: { ...own, text: ` ${rest}` }, number, width }]
    const isSameRecord = run.length === 1 || isWholeLine(line.text) || !isOpenLine(this.joinTexts(this.run))
    if (isSameRecord || !isWholeLine(this.joinTexts(run))) {
      this.further = { line: this.restoreStart(line), number, width }
      return [...this.flush(), this.further.line]
    }
    this.run = run
    return []
  }

  // A further line of a record that was itself broken in a word.
  private lengthenFurther({ line, number, width }: Piece): LogLine | undefined {
    const { further } = this
    if (!further || !line.isUnstamped || this.run.length > 0) return undefined
    if (further.width !== this.hardWidth || !this.isNext(number, further)) return undefined
    const text = further.line.text + line.text
    this.further = { line: { ...further.line, text }, number, width }
    this.joined = { piece: line.text, text }
    return this.further.line
  }

  private restoreStart(line: LogLine): LogLine {
    const { joined } = this
    if (!joined || !line.text.startsWith(`${joined.piece}\n`)) return line
    return { ...line, text: joined.text + line.text.slice(joined.piece.length) }
  }

  private isNext(number: number, before: Piece): boolean {
    return this.isJoined || number === before.number + 1
  }

  private canJoin(piece: Piece): boolean {
    if (this.run.length >= MAX_PIECES) return false
    const text = this.hardWidth === null ? piece.line.text.trimStart() : piece.line.text
    const before = this.joinTexts(this.run)
    if (before.length > MAX_LENGTH) return false
    const isBroken = this.run.at(-1)!.width === this.hardWidth
    if (isMiddle(text) || (!this.run[0]!.line.isUnstamped && isEndOfName(before, text))) return true
    if (isBroken && (!isWholeLine(text) || isWholeLine(this.joinTexts([...this.run, piece])))) return true
    if (!isOpenLine(before) && isKnownLine(before)) return false
    const isJoinedWhole = isWholeLine(this.joinTexts([...this.run, piece]))
    return isWholeLine(text) ? isOpenLine(before) && isJoinedWhole : isOpenLine(before) || isJoinedWhole
  }

  // The longest beginning of the run that makes a whole line, else one that says something; the rest in the same way.
  private joinRun(run: readonly Piece[], attempts = MAX_ATTEMPTS): readonly LogLine[] {
    if (run.length === 1) return [toNumbered(run[0]!, run[0]!.line.text)]
    let left = attempts
    for (const isGood of [isWholeLine, isKnownLine]) {
      for (let count = run.length; count > 1 && left > 0; count--, left--) {
        const text = this.joinTexts(run.slice(0, count), isGood)
        if (!isGood(text)) continue
        const rest = run.slice(count)
        return [toNumbered(run[0]!, text), ...(rest.length > 0 ? this.joinRun(rest, left) : [])]
      }
    }
    if (left === 0) return run.map(piece => toNumbered(piece, piece.line.text))
    return [toNumbered(run[0]!, run[0]!.line.text), ...this.joinRun(run.slice(1), left)]
  }

  // At a blank the blank is gone, unless the text still has it. In the middle of a word nothing is.
  private joinTexts(run: readonly Piece[], isGood: (text: string) => boolean = isWholeLine): string {
    const spaced = this.joinWith(run, ' ')
    if (!isEven(run) || this.hardWidth !== null || (isGood(spaced) && !spaced.includes('oom-kill:'))) return spaced
    const tight = this.joinWith(run, '')
    return isGood(tight) ? tight : spaced
  }

  private joinWith(run: readonly Piece[], separator: string): string {
    let text = run[0]!.line.text
    for (const [i, { line }] of run.entries()) {
      if (i === 0) continue
      const { width } = run[i - 1]!
      if (this.hardWidth !== null && width <= this.hardWidth) {
        // blanks at the end of a line may be lost
        text += ' '.repeat(Math.min(this.hardWidth - width, 40)) + line.text
        continue
      }
      const isAtBlank = text === '' || text.endsWith(' ')
      const isIndented = /^\s/.test(line.text) // by whoever pasted it
      const gap = isIndented ? ' ' : separator
      text += (isAtBlank ? '' : gap) + line.text.trimStart()
    }
    return text
  }
}

// All pieces but the last have one width: they may have been broken in words.
const isEven = (run: readonly Piece[]): boolean => run.slice(0, -1).every(({ width }) => width === run[0]!.width)

const toNumbered = ({ line, number }: Piece, text: string): LogLine => ({ ...line, text, lineNumber: number })

const MIN_BROKEN = 2
const MOST = 0.8
const NEAR = 12 // characters: the length of a word

/**
 * Returns the width at which all long lines of a text were broken; null when they were broken at blanks, or not at all. Lines
 * that are broken at blanks end somewhere in the last word's length, those that are broken in words all at the same column.
 */
export function findHardWidth(head: string, hasStamp: (line: string) => boolean): number | null {
  const lines = head.split('\n', 2000).map(line => line.replace(/\r+$/, ''))
  const widest = lines.reduce((most, { length }) => Math.max(most, length), 0)
  const isUnmarkedWhole = (line: string): boolean => isWholeLine(line.replace(/^[>\s]+/, ''))
  const near = lines.flatMap((line, i) => {
    const next = lines[i + 1]
    return line.length > widest - NEAR && next && !hasStamp(next) ? [{ line, next }] : []
  })
  // the longest lines of two reports are often equally long; they are whole, and so is what follows them
  const full = near.filter(
    ({ line, next }) => line.length === widest && !(isUnmarkedWhole(line) && isUnmarkedWhole(next)),
  ).length
  return full >= MIN_BROKEN && full >= near.length * MOST ? widest : null
}
