// Finds zstd frames in a file by walking their block headers, without decompression. Skips damage.
// Layout of the format: RFC 8878, sections 3.1.1 (frames) and 3.1.2 (skippable frames).

import { RECORDING_BOUNDS } from '../base/bounds.ts'
import type { ReadAt } from './byte-source.ts'

/** A frame. `skippable`: its magic number; `whole`: it is complete; `afterDamage`: the bytes before it are not a frame. */
export interface Frame {
  readonly offset: number
  readonly length: number
  readonly skippable?: number
  readonly whole: boolean
  readonly afterDamage: boolean
  /** ends of its blocks, from the start of the frame: a damaged frame may be cut there */
  readonly blocks: readonly number[]
}

const DATA_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50 // to …5f
const MAX_BLOCK_SIZE = 128 * 1024
const READ_SIZE = 64 * 1024
const MAGIC_BYTES = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
const SKIPPABLE_TAIL = Buffer.from([0x2a, 0x4d, 0x18])

/** Yields the frames of a file of `size` bytes from `from` on, in order. Other bytes are skipped up to the next complete frame. */
export function* walkFrames(readAt: ReadAt, size: number, from = 0): Generator<Frame> {
  const bytes = createBufferedReader(readAt)
  let damaged = false
  for (let offset = from; offset < size; ) {
    const frame = parseFrame(bytes, offset, size)
    if (!frame) {
      damaged = true
      offset = findNextFrame(bytes, offset + 1, size)
      continue
    }
    // a frame that runs past the end may have a wrong size: search for a later complete frame in it
    const next = frame.whole ? undefined : findFrameInside(bytes, frame, size)
    yield { ...frame, afterDamage: damaged, ...(next === undefined ? {} : { length: next - offset }) }
    damaged = next !== undefined
    offset = next ?? offset + frame.length
  }
}

type BufferedReadAt = (offset: number, length: number) => Buffer

// One read is used for several headers that are close together.
function createBufferedReader(readAt: ReadAt): BufferedReadAt {
  let start = 0
  let chunk: Buffer = Buffer.alloc(0)
  return (offset, length) => {
    if (offset < start || offset + length > start + chunk.length) {
      start = offset
      chunk = readAt(offset, Math.max(READ_SIZE, length))
    }
    return chunk.subarray(offset - start, offset - start + length)
  }
}

type FrameExtent = Omit<Frame, 'afterDamage'>

function parseFrame(bytes: BufferedReadAt, offset: number, size: number): FrameExtent | undefined {
  const head = bytes(offset, 18)
  if (head.length < 4) return undefined
  const magic = head.readUInt32LE(0)
  if (magic === DATA_MAGIC) return parseDataFrame(bytes, head, offset, size)
  if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE_MAGIC || head.length < 8) return undefined
  const length = 8 + head.readUInt32LE(4)
  const whole = offset + length <= size
  return { offset, length: whole ? length : size - offset, skippable: magic, whole, blocks: [] }
}

function parseDataFrame(bytes: BufferedReadAt, head: Buffer, offset: number, size: number): FrameExtent | undefined {
  const header = parseHeaderLength(head)
  if (header === undefined) return undefined
  const createTornFrame = (blocks: readonly number[]): FrameExtent => ({
    offset,
    length: size - offset,
    whole: false,
    blocks,
  })
  const blocks: number[] = []
  for (let position = offset + header.length; ; ) {
    const blockHeader = bytes(position, 3)
    if (blockHeader.length < 3) return createTornFrame(blocks)
    const word = blockHeader.readUIntLE(0, 3)
    const [last, type, length] = [word & 1, (word >> 1) & 3, word >> 3]
    if (blocks.length >= RECORDING_BOUNDS.partBlocks) return createTornFrame(blocks)
    if (type === 3 || length > MAX_BLOCK_SIZE) return blocks.length > 0 ? createTornFrame(blocks) : undefined
    position += 3 + (type === 1 ? 1 : length)
    if (position > size) return createTornFrame(blocks)
    blocks.push(position - offset)
    if (last === 0) continue
    const end = position + header.checksum
    return end > size ? createTornFrame(blocks) : { offset, length: end - offset, whole: true, blocks }
  }
}

function parseHeaderLength(head: Buffer): { readonly length: number; readonly checksum: number } | undefined {
  const descriptor = head[4]
  if (descriptor === undefined || (descriptor & 0x08) !== 0) return undefined // a reserved bit
  const single = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3]!
  const content = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  return { length: 5 + (single ? 0 : 1) + dictionary + content, checksum: (descriptor & 4) !== 0 ? 4 : 0 }
}

// Magic bytes also occur by chance: a hit counts only if its frame is complete. Each hit may lead to a long walk, so the number of
// blocks of all walks together is bounded.
function findNextFrame(bytes: BufferedReadAt, from: number, size: number): number {
  const until = Math.min(size, from + RECORDING_BOUNDS.search)
  let blocksLeft = RECORDING_BOUNDS.partBlocks
  for (let offset = from; offset < until && blocksLeft > 0; offset += READ_SIZE - 3) {
    const chunk = bytes(offset, Math.min(READ_SIZE, size - offset))
    for (const hit of findMagics(chunk)) {
      const frame = parseFrame(bytes, offset + hit, size)
      if (frame?.whole) return offset + hit
      blocksLeft -= frame?.blocks.length ?? 1
    }
  }
  return size
}

/** Yields the offsets of the magic numbers of data frames and of skippable frames (`5x 2a 4d 18`). */
function* findMagics(chunk: Buffer): Generator<number> {
  let data = chunk.indexOf(MAGIC_BYTES)
  let skippable = findSkippable(chunk, 0)
  while (data >= 0 || skippable >= 0) {
    const hit = Math.min(data < 0 ? chunk.length : data, skippable < 0 ? chunk.length : skippable)
    yield hit
    if (hit === data) data = chunk.indexOf(MAGIC_BYTES, hit + 1)
    if (hit === skippable) skippable = findSkippable(chunk, hit + 1)
  }
}

function findSkippable(chunk: Buffer, from: number): number {
  for (let at = chunk.indexOf(SKIPPABLE_TAIL, from + 1); at >= 0; at = chunk.indexOf(SKIPPABLE_TAIL, at + 1))
    if (chunk[at - 1]! >> 4 === 5) return at - 1
  return -1
}

function findFrameInside(bytes: BufferedReadAt, frame: FrameExtent, size: number): number | undefined {
  const from = frame.offset + (frame.blocks.at(-1) ?? 4)
  const next = findNextFrame(bytes, from, size)
  return next < size ? next : undefined
}
