// Tape: a recording, to be read part by part. Opened from its seek table and index, or by walking its frames.
import type { Session } from '../../collectors/collector.ts'
import { type Frame, type ReadAt, walkFrames } from './frames.ts'
import { decodeFrame, decodeLines, headerOf, type Part } from './part.ts'
import { decodeIndex, decodeSummary, readSeekTable, SKIPPABLE, type Summary } from './trailer.ts'

/** A part as it is known before it is read. */
export interface PartInfo {
  /** session time at which it begins */
  readonly begin: number
  /** absent: it was not summed up, it must be read */
  readonly summary?: Summary
  /** what stood before it is lost */
  readonly afterGap: boolean
  /** where it stands in the file: bytes */
  readonly offset: number
  readonly length: number
}

/** A recording of `parts`; times are milliseconds of `session`, the one of the first part. */
export interface Tape {
  readonly session: Session
  readonly parts: readonly PartInfo[]
  /** what is wrong with the recording, in words */
  readonly problems: readonly string[]
  /** bytes of the file or stream */
  readonly bytes: number
  /** whether it was completed: nothing will follow */
  readonly complete: boolean
  read(part: number): Part
}

/** What a tape is read from. */
export interface Bytes {
  readonly name: string
  readonly size: number
  readonly readAt: ReadAt
}

const NEWLINE = 0x0a

/** A recording of zstd frames or of plain lines; undefined when it is neither. */
export function openTape(bytes: Bytes): Tape | undefined {
  if (bytes.readAt(0, 1)[0] === '{'.charCodeAt(0)) return plainTape(bytes)
  const found = fromSeekTable(bytes) ?? fromWalk(bytes)
  const parts = found.parts.flatMap((part, i) => placed(part, found.parts[i - 1]))
  const [first] = parts
  if (!first) return undefined
  const { session } = first.header
  const unread = found.parts.filter(({ header }) => !header)
  const lost = unread.map(({ frame }) => `the part at byte ${frame.offset} is damaged at its beginning: left out`)
  return {
    session,
    bytes: bytes.size,
    problems: [...found.problems, ...lost],
    complete: found.complete,
    parts: parts.map(part => inTime(part, session)),
    read: i => {
      const { frame, header } = parts[i]!
      const part = decodeFrame(bytes.readAt(frame.offset, frame.length), frame)
      return shifted(part, header.session.wallClock - session.wallClock)
    },
  }
}

interface Header {
  readonly session: Session
  readonly begin: number
}

/** A data frame with what is known of it. */
interface FoundPart {
  readonly frame: Frame
  readonly header: Header | undefined
  readonly summary: Summary | undefined
}

interface Found {
  readonly parts: readonly FoundPart[]
  readonly problems: readonly string[]
  readonly complete: boolean
}

// A recorder wrote it in one go: one session, and the index tells when each part begins.
function fromSeekTable(bytes: Bytes): Found | undefined {
  const entries = readSeekTable(bytes.readAt, bytes.size)
  const last = entries?.at(-1)
  if (!entries || !last?.skippable) return undefined
  const head = bytes.readAt(last.offset, 8)
  if (head.length < 8 || head.readUInt32LE(0) !== SKIPPABLE.index) return undefined
  const summaries = decodeIndex(bytes.readAt(last.offset + 8, last.length - 8))
  const data = entries.filter(({ skippable }) => !skippable)
  const [first] = data
  const header = first && headerOf(bytes.readAt(first.offset, Math.min(first.length, PEEK)))
  if (!header || summaries?.length !== data.length) return undefined
  const parts = data.map(({ offset, length }, i) => ({
    frame: { offset, length, whole: true, afterDamage: false, blocks: [] },
    header: { session: header.session, begin: summaries[i]!.begin },
    summary: summaries[i],
  }))
  return { parts, problems: [], complete: true }
}

const PEEK = 256 * 1024 // more than the largest first block

function fromWalk(bytes: Bytes): Found {
  const parts: FoundPart[] = []
  const problems: string[] = []
  let complete = false
  let end = 0
  const lost = (until: number): void => {
    if (until > end) problems.push(`${until - end} bytes at ${end} are no part of a recording: left out`)
  }
  for (const frame of walkFrames(bytes.readAt, bytes.size)) {
    lost(frame.offset)
    end = frame.offset + frame.length
    const last = parts.at(-1)
    if (frame.skippable === SKIPPABLE.summary && frame.whole && last && !last.summary)
      parts[parts.length - 1] = { ...last, summary: decodeSummary(bytes.readAt(frame.offset + 8, frame.length - 8)) }
    else if (frame.skippable === SKIPPABLE.seekTable) complete = true
    else if (frame.skippable === undefined) {
      const block = bytes.readAt(frame.offset, frame.blocks[0] ?? frame.length)
      parts.push({ frame, header: headerOf(block), summary: undefined })
    }
  }
  lost(bytes.size)
  return { parts, problems, complete }
}

interface Placed {
  readonly frame: Frame
  readonly header: Header
  readonly info: PartInfo
}

function placed({ frame, header, summary }: FoundPart, before: FoundPart | undefined): readonly Placed[] {
  if (!header) return []
  const afterGap = frame.afterDamage || (before !== undefined && !before.header)
  const { offset, length } = frame
  const info = { begin: header.begin, afterGap, offset, length, ...(summary ? { summary } : {}) }
  return [{ frame, header, info }]
}

// Recordings that were put one after the other: the clock on the wall tells how far apart they are.
function inTime({ info, header }: Placed, first: Session): PartInfo {
  const by = header.session.wallClock - first.wallClock
  if (by === 0) return info
  const { summary } = info
  return { ...info, begin: info.begin + by, afterGap: true, ...(summary ? { summary: summaryLater(summary, by) } : {}) }
}

function summaryLater(summary: Summary, by: number): Summary {
  const later = ([time, ...rest]: readonly (number | null)[]): (number | null)[] => [(time ?? 0) + by, ...rest]
  const marks = summary.marks.map(([time, text]) => [time + by, text] as const)
  return {
    ...summary,
    begin: summary.begin + by,
    end: summary.end + by,
    marks,
    minutes: summary.minutes.map(later),
    alerts: [],
  }
}

function shifted(part: Part, by: number): Part {
  if (by === 0) return part
  const later = <T extends { readonly time: number }>(reading: T): T => ({ ...reading, time: reading.time + by })
  return { ...part, begin: part.begin + by, keyframe: part.keyframe.map(later), readings: part.readings.map(later) }
}

/** Plain lines: each header begins a part. */
function plainTape(bytes: Bytes): Tape | undefined {
  const all = bytes.readAt(0, bytes.size)
  const starts = headersIn(all)
  const texts = starts.map((start, i) => all.subarray(start, starts[i + 1] ?? all.length))
  const parts = texts.map(text => decodeLines(text, false))
  const session = parts[0]?.session
  if (!session) return undefined
  const lost = texts.reduce((sum, text, i) => sum + text.length - parts[i]!.bytes, 0)
  return {
    session,
    bytes: bytes.size,
    problems: lost > 0 ? [`${lost} bytes of text are no lines of a recording: left out`] : [],
    complete: false,
    parts: parts.map(({ begin }, i) => ({ begin, afterGap: false, offset: starts[i]!, length: texts[i]!.length })),
    read: i => shifted(parts[i]!, parts[i]!.session!.wallClock - session.wallClock),
  }
}

function headersIn(all: Buffer): readonly number[] {
  const starts = [0]
  for (let at = all.indexOf('\n{"kmemtop":'); at >= 0; at = all.indexOf('\n{"kmemtop":', at + 1)) starts.push(at + 1)
  return starts.filter(start => all[start] !== NEWLINE)
}
