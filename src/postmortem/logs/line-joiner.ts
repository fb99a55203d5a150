// LineJoiner: puts lines together again that a mail program, a terminal or `fold` wrapped. Pure.
import type { LogLine } from './log-line.ts'
import { isKnownLine, isMiddle, isOpenLine, isWholeLine } from './wrapped-text.ts'

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
  private readonly hardWidth: number | null

  /** @param hardWidth characters after which every line was broken, also in the middle of a word; null: at blanks only */
  constructor(hardWidth: number | null = null) {
    this.hardWidth = hardWidth
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
    if (last && line.isUnstamped && number === last.number + 1 && this.canJoin(piece)) {
      this.run = [...this.run, piece]
      return []
    }
    const before = this.flush()
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
    const rest = line.text.slice(line.text.lastIndexOf('\n') + 1).trimStart()
    const run = [...this.run, { line: { ...own, text: ` ${rest}` }, number, width }]
    const isSameRecord = run.length === 1 || isWholeLine(line.text) || !isOpenLine(this.joinTexts(this.run))
    if (isSameRecord || !isWholeLine(this.joinTexts(run))) return [...this.flush(), line]
    this.run = run
    return []
  }

  private canJoin(piece: Piece): boolean {
    if (this.run.length >= MAX_PIECES) return false
    const { text } = piece.line
    const before = this.joinTexts(this.run)
    if (before.length > MAX_LENGTH) return false
    const isBroken = this.run.at(-1)!.width === this.hardWidth
    if (isMiddle(text) || (isBroken && !isWholeLine(text))) return true
    if (!isOpenLine(before)) return false
    return !isWholeLine(text) || isWholeLine(this.joinTexts([...this.run, piece]))
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
    if (run.length !== 2 || this.hardWidth !== null || (isGood(spaced) && !spaced.includes('oom-kill:'))) return spaced
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
      const isAtBlank = text === '' || text.endsWith(' ') || line.text.startsWith(' ')
      text += (isAtBlank ? '' : separator) + line.text
    }
    return text
  }
}

const toNumbered = ({ line, number }: Piece, text: string): LogLine => ({ ...line, text, lineNumber: number })

const MIN_BROKEN = 3

/** The width at which all long lines of a text were broken; null when they were broken at blanks, or not at all. */
export function findHardWidth(head: string, hasStamp: (line: string) => boolean): number | null {
  const lines = head.split('\n', 2000).map(line => line.replace(/\r+$/, ''))
  const widest = lines.reduce((most, { length }) => Math.max(most, length), 0)
  const stamped = lines.map(hasStamp)
  const isStampedLog = stamped.filter(Boolean).length >= lines.length / 8
  const broken = lines.filter(
    (line, i) => line !== '' && i + 1 < lines.length && lines[i + 1] !== '' && !stamped[i + 1],
  )
  const full = broken.filter(({ length }) => length === widest).length
  return full >= MIN_BROKEN && full >= broken.length * (isStampedLog ? 0.4 : 0.15) ? widest : null
}
