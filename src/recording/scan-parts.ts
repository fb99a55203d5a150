// Finds the parts of a recording in its file: with its seek table and index, or by walking its frames.
import { RECORDING_BOUNDS } from '../base/bounds.ts'
import { MiB } from '../base/units.ts'
import type { ByteSource } from './byte-source.ts'
import { decodeIndex, decodeSummary, FRAME_MAGIC, type FrameSummary, readSeekTable } from './frame-index.ts'
import type { PartHeader } from './part.ts'
import { decodeHeader } from './recording-part.ts'
import { type Frame, walkFrames } from './zstd-frames.ts'

/** A data frame and the facts known about it. */
export interface ScannedPart {
  readonly frame: Frame
  readonly header: PartHeader | undefined
  readonly summary: FrameSummary | undefined
}

/** The parts of a file, and the offset from which it must be scanned again when it has grown. */
export interface ScanResult {
  readonly parts: readonly ScannedPart[]
  readonly problems: readonly string[]
  readonly complete: boolean
  readonly resumeAt: number
  /** bytes of the summaries that were read one by one */
  readonly summaryBytes: number
  /** where the last frame ends */
  readonly end: number
}

const emptyScan: ScanResult = { parts: [], problems: [], complete: false, resumeAt: 0, summaryBytes: 0, end: 0 }

/** Finds the parts of a file. `before`: the result for the shorter file; only the added part is scanned. */
export const scanParts = (bytes: ByteSource, before?: ScanResult): ScanResult =>
  before ? walkParts(bytes, before) : (readIndexedParts(bytes) ?? walkParts(bytes, emptyScan))

// The index has the begin of each part, and its session where that changes.
function readIndexedParts(bytes: ByteSource): ScanResult | undefined {
  const entries = readSeekTable(bytes.readAt, bytes.size)
  const last = entries?.at(-1)
  if (!entries || !last?.skippable) return undefined
  const head = bytes.readAt(last.offset, 8)
  if (head.length < 8 || head.readUInt32LE(0) !== FRAME_MAGIC.index) return undefined
  if (last.length > RECORDING_BOUNDS.index) return undefined
  const summaries = decodeIndex(bytes.readAt(last.offset + 8, last.length - 8))
  const data = entries.filter(({ skippable }) => !skippable)
  const [first] = data
  const header = first && decodeHeader(bytes.readAt(first.offset, Math.min(first.length, FIRST_BLOCK_LIMIT)))
  if (!header || summaries?.length !== data.length) return undefined
  let { session } = header
  const parts = data.map(({ offset, length }, i) => {
    session = summaries[i]!.session ?? session
    const frame = { offset, length, whole: true, afterDamage: false, blocks: [] }
    return { frame, header: { session, begin: summaries[i]!.begin }, summary: summaries[i] }
  })
  return { parts, problems: [], complete: true, resumeAt: bytes.size, summaryBytes: 0, end: bytes.size }
}

const FIRST_BLOCK_LIMIT = 256 * 1024 // more than the largest first block

function walkParts(bytes: ByteSource, before: ScanResult): ScanResult {
  const from = before.resumeAt
  const parts = before.parts.filter(({ frame }) => frame.offset < from)
  const rescanned = before.parts.find(({ frame }) => frame.offset === from)
  const problems = [...before.problems]
  let { complete, summaryBytes } = before
  let [end, resumeAt] = [from, from]
  for (const frame of walkFrames(bytes.readAt, bytes.size, from)) {
    if (parts.length >= RECORDING_BOUNDS.parts) {
      problems.push(`only the first ${RECORDING_BOUNDS.parts} parts are read`)
      break
    }
    if (frame.offset > end) problems.push(describeLoss(end, frame.offset))
    end = frame.offset + frame.length
    if (frame.whole || end < bytes.size) resumeAt = end
    const last = parts.at(-1)
    if (frame.skippable === FRAME_MAGIC.summary && frame.whole && last && !last.summary) {
      if (isWithinSummaries(summaryBytes) && !isWithinSummaries(summaryBytes + frame.length))
        problems.push(`the summaries are larger than ${RECORDING_BOUNDS.summaries / MiB} MiB: the others are not used`)
      summaryBytes += frame.length
      if (isWithinSummaries(summaryBytes)) parts[parts.length - 1] = { ...last, summary: readSummary(bytes, frame) }
    } else if (frame.skippable === FRAME_MAGIC.seekTable) complete = frame.whole
    else if (frame.skippable === undefined) {
      const header = rescanned && frame.offset === from ? rescanned.header : undefined
      const block = header ? undefined : bytes.readAt(frame.offset, frame.blocks[0] ?? FIRST_BLOCK_LIMIT)
      const afterDamage = frame.afterDamage || (frame.offset === from && rescanned?.frame.afterDamage === true)
      parts.push({ frame: { ...frame, afterDamage }, header: header ?? decodeHeader(block!), summary: undefined })
      complete = false
    }
  }
  return { parts, problems, complete, resumeAt, summaryBytes, end }
}

const isWithinSummaries = (bytes: number): boolean => bytes <= RECORDING_BOUNDS.summaries

const readSummary = ({ readAt }: ByteSource, { offset, length }: Frame): FrameSummary | undefined =>
  length > RECORDING_BOUNDS.index ? undefined : decodeSummary(readAt(offset + 8, length - 8))

const describeLoss = (from: number, until: number): string =>
  `${until - from} bytes at ${from} are no part of a recording: left out`

/** Describes bytes at the end that are not a frame, or not yet one. */
export const describeTail = ({ end }: ScanResult, size: number): readonly string[] =>
  end < size ? [describeLoss(end, size)] : []
