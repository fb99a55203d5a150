// Reads one text: lines to the log, other texts in it to snapshots.
import { MiB } from '../../base/units.ts'
import { describeGuessedYear, guessYear, HEAD_SIZE } from './detect-format.ts'
import type { TextStream } from './files/open-archive.ts'
import { describeCutLines, describeExcess, LineFinder } from './lines/line-finder.ts'
import type { LogParser } from './log-parser.ts'
import { type Piece, PieceSplitter } from './pieces/piece-splitter.ts'
import type { InputFile, SavedSnapshot } from './saved-files.ts'
import { ContinuedLines, hasContinuedLines } from './text/continued-lines.ts'
import { CrashParts, hasPartsNewestFirst } from './text/crash-parts.ts'
import { FlatJson, flattenJson, hasJsonDocument } from './text/flat-json.ts'
import { GluedLines, hasGluedLines, splitGluedLines } from './text/glued-lines.ts'
import { isNewestFirst, NewestFirst } from './text/newest-first.ts'
import { hasPaddedLines, PaddedLines, stripPadding } from './text/padded-lines.ts'
import { findQuoting, QuotedLines, unquoteText } from './text/quoted-lines.ts'
import { decodeQuotedPrintable, isQuotedPrintable, QuotedPrintable } from './text/quoted-printable.ts'
import { findRefoldWidth, joinRefolded, RefoldedQuotes } from './text/refolded-quotes.ts'
import { detectLayout } from './text/text-layout.ts'

const MAX_DOCUMENT = 4 * MiB // of a whole log on one line

/** A text, its first bytes, and how to get the further ones. */
export interface TextSource {
  readonly member: TextStream
  readonly head: Buffer
  readonly readPiece: () => Promise<Buffer | undefined>
}

/** What a text says. */
export type ParsedText = Omit<InputFile, 'pieces'> & {
  readonly isLog: boolean
  readonly pieces: readonly Piece[]
  readonly snapshots: readonly SavedSnapshot[]
}

/** Reads a log, and the pieces of other texts in it. */
export async function parseText({ member, head, readPiece }: TextSource, parser: LogParser): Promise<ParsedText> {
  const { name, modifiedAt } = member
  const rawHead = head.toString('latin1', 0, HEAD_SIZE)
  const isMail = isQuotedPrintable(rawHead)
  const isJson = !isMail && hasJsonDocument(rawHead)
  const isGlued = !isJson && hasGluedLines(rawHead)
  const isPadded = !isMail && hasPaddedLines(rawHead)
  const cutHead = isPadded ? stripPadding(rawHead) : rawHead
  const plainHead = isMail ? decodeQuotedPrintable(rawHead) : cutHead
  const splitHead = isGlued ? splitGluedLines(plainHead) : plainHead
  const refoldWidth = isJson ? null : findRefoldWidth(splitHead)
  const lineHead = refoldWidth === null ? splitHead : joinRefolded(splitHead, refoldWidth)
  const quoting = isJson ? null : findQuoting(lineHead)
  const unquotedHead = quoting ? unquoteText(lineHead, quoting) : lineHead
  const headText = isJson ? flattenJson(lineHead) : unquotedHead
  const isContinued = hasContinuedLines(headText)
  parser.startFile(
    name,
    guessYear(headText, modifiedAt),
    detectLayout(headText, isMail || isContinued || refoldWidth !== null || quoting?.isSpaced === true),
  )
  const splitter = new PieceSplitter(parser)
  const reversed = isNewestFirst(headText) ? new NewestFirst(splitter) : undefined
  const whole = reversed ?? (hasPartsNewestFirst(headText) ? new CrashParts(splitter) : splitter)
  const joined = isContinued ? new ContinuedLines(whole) : whole
  const unquoted = quoting ? new QuotedLines(joined, quoting) : joined
  const refolded = refoldWidth === null ? unquoted : new RefoldedQuotes(unquoted, refoldWidth)
  const split = isGlued ? new GluedLines(refolded) : refolded
  const stripped = isPadded ? new PaddedLines(split) : split
  const decoded = isMail ? new QuotedPrintable(split) : stripped
  const finder = new LineFinder(isJson ? new FlatJson(decoded) : decoded, isJson || isGlued ? MAX_DOCUMENT : undefined)
  for (let piece: Buffer | undefined = head; piece && describeExcess(finder) === null; piece = await readPiece())
    finder.push(piece)
  finder.finish()
  const { pieces } = splitter
  if (!reversed && pieces.at(-1)?.last !== finder.lineCount) parser.readLastLine(finder.lastLine)
  const snapshots = pieces.flatMap(({ snapshot }) => (snapshot ? [{ file: name, modifiedAt, snapshot }] : []))
  const kinds = [...new Set(pieces.map(({ kind }) => kind))]
  const [logFormat] = [...parser.formats].toSorted((a, b) => b[1] - a[1])[0] ?? []
  const isLog = parser.hasContents || [...parser.formats.keys()].some(format => format !== 'plain')
  const format = isLog || kinds.length === 0 ? (logFormat ?? 'plain') : kinds.join(', ')
  const guessedYear = isLog ? describeGuessedYear(headText, modifiedAt) : undefined
  return {
    file: name,
    format,
    records: finder.lineCount,
    untrustedLines: parser.untrustedLines,
    unread: parser.unreadLines,
    skipped: describeExcess(finder) ?? describeCutLines(finder) ?? reversed?.problem ?? null,
    ...(guessedYear === undefined ? {} : { guessedYear }),
    isLog,
    pieces,
    snapshots,
  }
}
