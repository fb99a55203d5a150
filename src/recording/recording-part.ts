// Decodes and verifies one data frame of a recording. Damaged parts of it are skipped and reported.

import { constants, zstdDecompressSync } from 'node:zlib'
import { getPartLinesBound, getPartTextBound, RECORDING_BOUNDS } from '../base/bounds.ts'
import { getErrorCode } from '../base/errors.ts'
import { formatBytes } from '../base/format.ts'
import { KiB, MiB } from '../base/units.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { decodeLine } from './line-codec.ts'
import type { PartHeader, RecordingPart } from './part.ts'
import { decodePartText } from './part-decoder.ts'
import { createPartReader, type PartReader, readWhole, TextPartReader } from './part-reader.ts'
import { type Frame, walkFrames } from './zstd-frames.ts'

/** Decodes a frame. Never throws: a frame that cannot be read, or is too large, is an empty part with a problem. */
export const decodeFrame = (bytes: Buffer, frame: Pick<Frame, 'whole' | 'blocks'>): RecordingPart =>
  readWhole(openFrame(bytes, frame))

/** Opens a frame, to decode as much of it as is needed. @param session in place of that of its header */
export function openFrame(
  bytes: Buffer,
  frame: Pick<Frame, 'whole' | 'blocks'>,
  session?: RecordingHeader,
): PartReader {
  const maxLines = getPartLinesBound(bytes.length)
  const wrap = (part: RecordingPart): PartReader => createPartReader(session ? { ...part, session } : part)
  if (frame.whole) {
    try {
      const text = zstdDecompressSync(bytes, {
        maxOutputLength: getPartTextBound(bytes.length),
        chunkSize: estimateText(bytes),
      })
      return new TextPartReader(text, maxLines, session)
    } catch (error) {
      if (isOverBound(error)) return wrap(createUnreadPart(decodeHeader(bytes), describeBound(bytes)))
    }
  }
  return wrap(salvageFrame(bytes, frame, maxLines))
}

function salvageFrame(bytes: Buffer, frame: Pick<Frame, 'whole' | 'blocks'>, maxLines: number): RecordingPart {
  const salvaged = salvage(bytes, frame.blocks.length > 0 ? frame.blocks : findBlocks(bytes))
  if (salvaged === 'over bound') return createUnreadPart(decodeHeader(bytes), describeBound(bytes))
  const { text, isTorn } = salvaged
  return { ...decodePartText(text, false, maxLines), ...(isTorn && !frame.whole ? {} : { problem: 'damaged' }) }
}

const isOverBound = (error: unknown): boolean => getErrorCode(error) === 'ERR_BUFFER_TOO_LARGE'

/** Creates a part of which nothing was read. @param reason the bound that it exceeds, in words */
export function createUnreadPart(header: PartHeader | undefined, reason: string): RecordingPart {
  const { session, begin = 0 } = header ?? {}
  return { session, begin, keyframe: [], readings: [], sampleEnds: [], bytes: 0, problem: `not read: ${reason}` }
}

const describeBound = ({ length }: Buffer): string =>
  `its text is larger than ${formatBytes(getPartTextBound(length))}, of ${formatBytes(length)} packed`

const EMPTY_BUFFER = Buffer.alloc(0)
const CHUNK = MiB // of output: thousands of small chunks would have to be joined, and would stay with the allocator
/** Text of a frame per byte of it: mostly 25 to 30. In one chunk, nothing has to be joined. */
const USUAL_RATIO = 32
const estimateText = ({ length }: Buffer): number => Math.min(8 * MiB, Math.max(MiB / 16, USUAL_RATIO * length))
const FIRST_CHUNK = 16 * KiB // a first line is shorter, and every part allocates one: a file of 3 MB may have 200,000
const lenient = { finishFlush: constants.ZSTD_e_continue, chunkSize: CHUNK }

/** Decodes the header that a frame begins with, from its first block; undefined if it has none that can be read. */
export function decodeHeader(frameStart: Buffer): PartHeader | undefined {
  const line = decodeFirstLine(frameStart)
  try {
    const decoded = line === undefined ? undefined : decodeLine(line, 1)
    return decoded && 'session' in decoded ? { session: decoded.session, begin: decoded.time } : undefined
  } catch {
    return undefined
  }
}

/** Unpacks the first line of a frame, from its first block: the rest may be a gigabyte. */
export function decodeFirstLine(frameStart: Buffer): string | undefined {
  const block = frameStart.subarray(0, findBlocks(frameStart)[0] ?? frameStart.length)
  try {
    const text = zstdDecompressSync(block, {
      ...lenient,
      chunkSize: FIRST_CHUNK,
      maxOutputLength: RECORDING_BOUNDS.header,
    })
    const end = text.indexOf('\n')
    return text.toString('utf8', 0, end < 0 ? text.length : end)
  } catch {
    return undefined
  }
}

interface Salvaged {
  readonly text: Buffer
  readonly isTorn: boolean
}

/** Unpacks as much text as possible: all of a torn frame, and what precedes the damage in a damaged one. */
function salvage(bytes: Buffer, blocks: readonly number[]): Salvaged | 'over bound' {
  const torn =
    blocks.length === 0 || bytes.length < (blocks.at(-1) ?? 0) + 4 ? tryDecompress(bytes, bytes.length) : undefined
  if (torn === 'over bound') return torn
  if (torn !== undefined) return { text: torn, isTorn: true }
  let [good, bad] = [0, blocks.length + 1] // `good` blocks can be decompressed, `bad` blocks cannot
  let text: Buffer = EMPTY_BUFFER
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const decoded = tryDecompress(bytes, blocks[middle - 1]!)
    if (decoded === 'over bound') return decoded
    if (decoded === undefined) bad = middle
    else [good, text] = [middle, decoded]
  }
  return { text, isTorn: false }
}

function tryDecompress(bytes: Buffer, end: number): Buffer | 'over bound' | undefined {
  try {
    return zstdDecompressSync(bytes.subarray(0, end), { ...lenient, maxOutputLength: getPartTextBound(bytes.length) })
  } catch (error) {
    return isOverBound(error) ? 'over bound' : undefined
  }
}

const findBlocks = (bytes: Buffer): readonly number[] => {
  const readAt = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length)
  return walkFrames(readAt, bytes.length).next().value?.blocks ?? []
}
