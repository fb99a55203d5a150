// A recording that is read part by part, and can be extended when its file has grown.
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { ByteSource } from './byte-source.ts'
import type { FrameSummary } from './frame-index.ts'
import { NdjsonRecording } from './ndjson-recording.ts'
import type { RecordingPart } from './part.ts'
import { createPartReader, type PartReader, readWhole } from './part-reader.ts'
import { createUnreadPart, openFrame } from './recording-part.ts'
import { describeTail, type ScannedPart, type ScanResult, scanParts } from './scan-parts.ts'
import {
  computeOffsets,
  isSameSession,
  type PartTimes,
  type SessionOffset,
  shiftPart,
  shiftSummary,
} from './session-offsets.ts'

/** Facts about a part before it is read. */
export interface PartInfo {
  /** session time at which it begins */
  readonly begin: number
  /** absent: it has no summary and must be read */
  readonly summary?: FrameSummary
  /** the part before it is lost */
  readonly afterGap: boolean
  /** offset in the file, in bytes */
  readonly offset: number
  readonly length: number
}

/** A recording as a list of parts. All times are milliseconds of `session`, the session of the first part. */
export interface Recording {
  readonly session: RecordingHeader
  readonly parts: readonly PartInfo[]
  /** problems of the recording */
  readonly problems: readonly string[]
  /** bytes of the file or stream */
  readonly bytes: number
  /** true: it was finished, and nothing will follow */
  readonly complete: boolean
  readPart(part: number): RecordingPart
  /** opens a part, to decode as much of it as is needed */
  openPart(part: number): PartReader
  /** returns the recording after its file has grown; reads only the added part */
  extend(bytes: ByteSource): Recording | undefined
}

/** Parses a recording of zstd frames or of plain lines; undefined if it is neither. */
export const parseRecording = (bytes: ByteSource): Recording | undefined =>
  bytes.readAt(0, 1)[0] === '{'.charCodeAt(0)
    ? readNdjson(bytes, new NdjsonRecording())
    : buildFromFrames(bytes, scanParts(bytes))

type ReadablePart = ScannedPart & { readonly header: NonNullable<ScannedPart['header']> }

function buildFromFrames(bytes: ByteSource, scan: ScanResult): Recording | undefined {
  const parts = scan.parts.filter((part): part is ReadablePart => part.header !== undefined)
  const [first] = parts
  if (!first) return undefined
  const openPart = ({ frame, header }: ReadablePart, session?: RecordingHeader): PartReader =>
    frame.length > RECORDING_BOUNDS.packedPart
      ? createPartReader(createUnreadPart(header, `it has ${frame.length} bytes`))
      : openFrame(bytes.readAt(frame.offset, frame.length), frame, session)
  const decodePart = (part: ReadablePart): RecordingPart => readWhole(openPart(part))
  const offsets = computeOffsets(parts.map((part, i) => toPartTimes(part, parts[i + 1], decodePart)))
  const unread = scan.parts.filter(({ header }) => !header)
  const unreadableParts = unread.map(
    ({ frame }) => `the part at byte ${frame.offset} is damaged at its beginning: left out`,
  )
  return {
    session: first.header.session,
    bytes: bytes.size,
    problems: [...scan.problems, ...describeTail(scan, bytes.size), ...unreadableParts, ...listProblems(offsets)],
    complete: scan.complete,
    parts: parts.map((part, i) => buildPartInfo(part, offsets[i]!, scan.parts)),
    readPart: i => shiftPart(decodePart(parts[i]!), offsets[i]!),
    openPart: i =>
      offsets[i]!.offset === 0
        ? openPart(parts[i]!, offsets[i]!.session)
        : createPartReader(shiftPart(decodePart(parts[i]!), offsets[i]!)),
    extend: source => buildFromFrames(source, scanParts(source, scan)),
  }
}

// The summary of a part has its end. Without one the part must be read, which is only done before another session.
function toPartTimes(
  part: ReadablePart,
  next: ReadablePart | undefined,
  decodePart: (part: ReadablePart) => RecordingPart,
): PartTimes {
  const { header, summary } = part
  const isContinued = !next || (isSameSession(next.header.session, header.session) && next.header.begin > header.begin)
  return { header, end: summary?.end ?? (isContinued ? undefined : decodePart(part).readings.at(-1)?.time) }
}

const listProblems = (offsets: readonly SessionOffset[]): readonly string[] =>
  offsets.flatMap(({ problem }) => problem ?? [])

function buildPartInfo(
  { frame, header, summary }: ReadablePart,
  { offset: shift, isNew }: SessionOffset,
  all: readonly ScannedPart[],
): PartInfo {
  const index = all.findIndex(part => part.frame === frame)
  const { offset, length } = frame
  const afterGap = isNew || frame.afterDamage || (index > 0 && all[index - 1]!.header === undefined)
  return {
    begin: header.begin + shift,
    afterGap,
    offset,
    length,
    ...(summary ? { summary: shiftSummary(summary, shift) } : {}),
  }
}

/** Builds a recording of the plain lines read so far; undefined if they do not begin with a header. */
export function buildFromNdjson(ndjson: NdjsonRecording): Recording | undefined {
  const parts = ndjson.listParts()
  const session = parts[0]?.session
  if (!session) return undefined
  const offsets = computeOffsets(
    parts.map(({ begin, end, session: partSession }) => ({ header: { session: partSession ?? session, begin }, end })),
  )
  return {
    session,
    bytes: ndjson.size,
    problems: [...ndjson.describeProblems(), ...listProblems(offsets)],
    complete: false,
    parts: parts.map(({ begin, offset, bytes: length }, i) => ({
      begin: begin + offsets[i]!.offset,
      afterGap: offsets[i]!.isNew,
      offset,
      length,
    })),
    readPart: i => shiftPart(ndjson.readPart(i), offsets[i]!),
    openPart: i => createPartReader(shiftPart(ndjson.readPart(i), offsets[i]!)),
    extend: source => readNdjson(source, ndjson),
  }
}

function readNdjson(bytes: ByteSource, ndjson: NdjsonRecording): Recording | undefined {
  ndjson.read(bytes)
  return buildFromNdjson(ndjson)
}
