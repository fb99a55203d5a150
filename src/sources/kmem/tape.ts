// Tape: a recording, to be read part by part; again when it has grown.
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { ReadAt } from './frames.ts'
import { decodeFrame, type Part } from './part.ts'
import { isSameSession, type Place, partLater, placesOf, summaryLater, type ToPlace } from './placing.ts'
import { PlainText } from './plain.ts'
import { type Found, type FoundPart, scan, tailOf } from './scan.ts'
import type { Summary } from './trailer.ts'

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

/** A recording of `parts`; times are milliseconds of `session`, the one of the first part. Each part has its own, told in these. */
export interface Tape {
  readonly session: RecordingHeader
  readonly parts: readonly PartInfo[]
  /** what is wrong with the recording, in words */
  readonly problems: readonly string[]
  /** bytes of the file or stream */
  readonly bytes: number
  /** whether it was completed: nothing will follow */
  readonly complete: boolean
  read(part: number): Part
  /** the same recording when its file has grown: only what was added is looked at */
  grown(bytes: Bytes): Tape | undefined
}

/** What a tape is read from. */
export interface Bytes {
  readonly name: string
  readonly size: number
  readonly readAt: ReadAt
}

/** A recording of zstd frames or of plain lines; undefined when it is neither. */
export const openTape = (bytes: Bytes): Tape | undefined =>
  bytes.readAt(0, 1)[0] === '{'.charCodeAt(0) ? plainTape(bytes, new PlainText()) : framedTape(bytes, scan(bytes))

type Headed = FoundPart & { readonly header: NonNullable<FoundPart['header']> }

function framedTape(bytes: Bytes, found: Found): Tape | undefined {
  const parts = found.parts.filter((part): part is Headed => part.header !== undefined)
  const [first] = parts
  if (!first) return undefined
  const decoded = ({ frame }: Headed): Part => decodeFrame(bytes.readAt(frame.offset, frame.length), frame)
  const places = placesOf(parts.map((part, i) => toPlace(part, parts[i + 1], decoded)))
  const unread = found.parts.filter(({ header }) => !header)
  const lost = unread.map(({ frame }) => `the part at byte ${frame.offset} is damaged at its beginning: left out`)
  return {
    session: first.header.session,
    bytes: bytes.size,
    problems: [...found.problems, ...tailOf(found, bytes.size), ...lost, ...problemsOf(places)],
    complete: found.complete,
    parts: parts.map((part, i) => infoOf(part, places[i]!, found.parts)),
    read: i => partLater(decoded(parts[i]!), places[i]!),
    grown: now => framedTape(now, scan(now, found)),
  }
}

// When a part ended is asked of its summary; without one it must be read, which is worth it only before another session.
function toPlace(part: Headed, next: Headed | undefined, decoded: (part: Headed) => Part): ToPlace {
  const { header, summary } = part
  const goesOn = !next || (isSameSession(next.header.session, header.session) && next.header.begin > header.begin)
  return { header, end: summary?.end ?? (goesOn ? undefined : decoded(part).readings.at(-1)?.time) }
}

const problemsOf = (places: readonly Place[]): readonly string[] => places.flatMap(({ problem }) => problem ?? [])

function infoOf({ frame, header, summary }: Headed, { by, isNew }: Place, all: readonly FoundPart[]): PartInfo {
  const at = all.findIndex(part => part.frame === frame)
  const { offset, length } = frame
  const afterGap = isNew || frame.afterDamage || (at > 0 && all[at - 1]!.header === undefined)
  return {
    begin: header.begin + by,
    afterGap,
    offset,
    length,
    ...(summary ? { summary: summaryLater(summary, by) } : {}),
  }
}

/** A recording of plain lines, as far as they have come; undefined when they do not begin with a header. */
export function tapeOfText(text: PlainText): Tape | undefined {
  const parts = text.parts()
  const session = parts[0]?.session
  if (!session) return undefined
  const places = placesOf(
    parts.map(({ begin, end, session: own }) => ({ header: { session: own ?? session, begin }, end })),
  )
  return {
    session,
    bytes: text.size,
    problems: [...text.problems(), ...problemsOf(places)],
    complete: false,
    parts: parts.map(({ begin, offset, bytes: length }, i) => ({
      begin: begin + places[i]!.by,
      afterGap: places[i]!.isNew,
      offset,
      length,
    })),
    read: i => partLater(text.part(i), places[i]!),
    grown: now => plainTape(now, text),
  }
}

function plainTape(bytes: Bytes, text: PlainText): Tape | undefined {
  text.read(bytes)
  return tapeOfText(text)
}
