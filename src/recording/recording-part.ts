// Part: one data frame of a recording, decoded and verified. What is damaged in it is left out and named.

import { constants, zstdDecompressSync } from 'node:zlib'
import { UserError } from '../base/errors.ts'
import { MiB } from '../base/units.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import { decodeLine } from './line-codec.ts'
import { decodePartText, PartDecoder } from './part-decoder.ts'
import { type Frame, walkFrames } from './zstd-frames.ts'

/** What a frame holds. Readings in their order; the keyframe stands apart. */
export interface RecordingPart {
  /** undefined: the frame does not begin with a header */
  readonly session: RecordingHeader | undefined
  /** session time of the header */
  readonly begin: number
  readonly keyframe: readonly Reading[]
  readonly readings: readonly Reading[]
  /** ends of the flushed looks, as counts of readings */
  readonly sampleEnds: readonly number[]
  /** length of its text, as far as it was read */
  readonly bytes: number
  /** what is wrong with it */
  readonly problem?: string
}

const MAX_TEXT = 1 << 30

/** Decodes a frame. Never throws: a frame of which nothing can be read is an empty part with a problem. */
export function decodeFrame(bytes: Buffer, frame: Pick<Frame, 'whole' | 'blocks'>): RecordingPart {
  if (frame.whole) {
    try {
      return decodeWholeText(zstdDecompressSync(bytes, { maxOutputLength: MAX_TEXT, chunkSize: CHUNK }))
    } catch {}
  }
  const { text, isTorn } = salvage(bytes, frame.blocks.length > 0 ? frame.blocks : findBlocks(bytes))
  return { ...decodePartText(text, false), ...(isTorn && !frame.whole ? {} : { problem: 'damaged' }) }
}

// Another program may have packed what is not all of a recording: the rest plays.
function decodeWholeText(text: Buffer): RecordingPart {
  try {
    return decodePartText(text, true)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const decoder = new PartDecoder()
    decoder.decodeText(text)
    return { ...decoder.buildPart(false), problem: `not all of a recording: ${error.message}` }
  }
}

const EMPTY_BUFFER = Buffer.alloc(0)
const CHUNK = MiB // of output: thousands of small ones would be put together, and stay with the allocator
const lenient = { finishFlush: constants.ZSTD_e_continue, maxOutputLength: MAX_TEXT, chunkSize: CHUNK }

/** The header that a frame begins with, from its first block; undefined when it has none that can be read. */
export function decodeHeader(block: Buffer): { readonly session: RecordingHeader; readonly begin: number } | undefined {
  try {
    const text = zstdDecompressSync(block, lenient).toString('utf8')
    const line = decodeLine(text.slice(0, text.indexOf('\n')), 1)
    return 'session' in line ? { session: line.session, begin: line.time } : undefined
  } catch {
    return undefined
  }
}

/** As much text as comes out: all of a torn frame, of a damaged one what stands before the damage. */
function salvage(bytes: Buffer, blocks: readonly number[]): { readonly text: Buffer; readonly isTorn: boolean } {
  const tryDecompress = (end: number): Buffer | undefined => {
    try {
      return zstdDecompressSync(bytes.subarray(0, end), lenient)
    } catch {
      return undefined
    }
  }
  const torn = blocks.length === 0 || bytes.length < (blocks.at(-1) ?? 0) + 4 ? tryDecompress(bytes.length) : undefined
  if (torn !== undefined) return { text: torn, isTorn: true }
  let [good, bad] = [0, blocks.length + 1] // the text of `good` blocks comes out, of `bad` it does not
  let text: Buffer = EMPTY_BUFFER
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const decoded = tryDecompress(blocks[middle - 1]!)
    if (decoded === undefined) bad = middle
    else [good, text] = [middle, decoded]
  }
  return { text, isTorn: false }
}

const findBlocks = (bytes: Buffer): readonly number[] => {
  const readAt = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length)
  return walkFrames(readAt, bytes.length).next().value?.blocks ?? []
}
