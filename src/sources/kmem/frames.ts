// zstd frames in a file, found by walking their block headers: no decompression, and damage is stepped over.
// Layout of the format: RFC 8878, sections 3.1.1 (frames) and 3.1.2 (skippable frames).

/** Bytes [offset, offset + length) of a file, fewer at its end. */
export type ReadAt = (offset: number, length: number) => Buffer

/** A frame that was found. `skippable`: its magic number; `whole`: it ends as a frame ends. `after`: bytes before it made no sense. */
export interface Frame {
  readonly offset: number
  readonly length: number
  readonly skippable?: number
  readonly whole: boolean
  readonly afterDamage: boolean
  /** ends of its blocks, from the frame's start: where a damaged frame may be cut */
  readonly blocks: readonly number[]
}

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50 // to …5f
const LARGEST_BLOCK = 128 * 1024
const CHUNK = 64 * 1024
const MAGIC_BYTES = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/** The frames of a file of `size` bytes from `from` on, in order. What is no frame is skipped up to the next one that walks. */
export function* walkFrames(readAt: ReadAt, size: number, from = 0): Generator<Frame> {
  const bytes = buffered(readAt)
  let damaged = false
  for (let at = from; at < size; ) {
    const frame = frameAt(bytes, at, size)
    if (!frame) {
      damaged = true
      at = nextMagic(bytes, at + 1, size)
      continue
    }
    // a frame that runs past the end may be one with a wrong size: a later one that walks tells
    const next = frame.whole ? undefined : frameWithin(bytes, frame, size)
    yield { ...frame, afterDamage: damaged, ...(next === undefined ? {} : { length: next - at }) }
    damaged = next !== undefined
    at = next ?? at + frame.length
  }
}

type Bytes = (offset: number, length: number) => Buffer

// Headers stand far apart: one read serves several of them.
function buffered(readAt: ReadAt): Bytes {
  let start = 0
  let chunk: Buffer = Buffer.alloc(0)
  return (offset, length) => {
    if (offset < start || offset + length > start + chunk.length) {
      start = offset
      chunk = readAt(offset, Math.max(CHUNK, length))
    }
    return chunk.subarray(offset - start, offset - start + length)
  }
}

type Walked = Omit<Frame, 'afterDamage'>

function frameAt(bytes: Bytes, offset: number, size: number): Walked | undefined {
  const head = bytes(offset, 18)
  if (head.length < 4) return undefined
  const magic = head.readUInt32LE(0)
  if (magic === MAGIC) return dataFrame(bytes, head, offset, size)
  if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE || head.length < 8) return undefined
  const length = 8 + head.readUInt32LE(4)
  const whole = offset + length <= size
  return { offset, length: whole ? length : size - offset, skippable: magic, whole, blocks: [] }
}

function dataFrame(bytes: Bytes, head: Buffer, offset: number, size: number): Walked | undefined {
  const header = headerLength(head)
  if (header === undefined) return undefined
  const torn = (blocks: readonly number[]): Walked => ({ offset, length: size - offset, whole: false, blocks })
  const blocks: number[] = []
  for (let at = offset + header.length; ; ) {
    const three = bytes(at, 3)
    if (three.length < 3) return torn(blocks)
    const word = three.readUIntLE(0, 3)
    const [last, type, length] = [word & 1, (word >> 1) & 3, word >> 3]
    if (type === 3 || length > LARGEST_BLOCK) return blocks.length > 0 ? torn(blocks) : undefined
    at += 3 + (type === 1 ? 1 : length)
    if (at > size) return torn(blocks)
    blocks.push(at - offset)
    if (last === 0) continue
    const end = at + header.checksum
    return end > size ? torn(blocks) : { offset, length: end - offset, whole: true, blocks }
  }
}

function headerLength(head: Buffer): { readonly length: number; readonly checksum: number } | undefined {
  const descriptor = head[4]
  if (descriptor === undefined || (descriptor & 0x08) !== 0) return undefined // a reserved bit
  const single = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3]!
  const content = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  return { length: 5 + (single ? 0 : 1) + dictionary + content, checksum: (descriptor & 4) !== 0 ? 4 : 0 }
}

// Magic bytes occur by chance too: a hit counts only when what follows walks to its end, or is the last of the file.
function nextMagic(bytes: Bytes, from: number, size: number): number {
  for (let at = from; at < size; at += CHUNK - 3) {
    const chunk = bytes(at, Math.min(CHUNK, size - at))
    for (const hit of hits(chunk)) if (frameAt(bytes, at + hit, size)?.whole) return at + hit
  }
  return size
}

/** Places of data frames, and of skippable ones, whose magic is `5x 2a 4d 18`. */
function* hits(chunk: Buffer): Generator<number> {
  for (let i = 0; i + 4 <= chunk.length; i++) {
    const skippable = chunk[i + 1] === 0x2a && chunk[i + 2] === 0x4d && chunk[i + 3] === 0x18 && chunk[i]! >> 4 === 5
    if (skippable || (chunk[i] === MAGIC_BYTES[0] && chunk.compare(MAGIC_BYTES, 0, 4, i, i + 4) === 0)) yield i
  }
}

function frameWithin(bytes: Bytes, frame: Walked, size: number): number | undefined {
  const from = frame.offset + (frame.blocks.at(-1) ?? 4)
  const next = nextMagic(bytes, from, size)
  return next < size ? next : undefined
}
