// What stands beside the data frames: a summary after each, and at the end the index of all and the seek table. All of it is
// derived: it can be made again from the readings. Seek table: zstd's seekable format (contrib/seekable_format).
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { ReadAt } from './zstd-frames.ts'

/** Magic numbers of the skippable frames. */
export const FRAME_MAGIC = { summary: 0x184d2a51, index: 0x184d2a52, seekTable: 0x184d2a5e } as const

/** An alert as it was raised or resolved; the session's own words. */
export type AlertRecord = Readonly<Record<string, unknown>>

/** One data frame in few words. Times are session milliseconds. */
export interface FrameSummary {
  readonly begin: number
  readonly end: number
  readonly readings: number
  /** bytes of its text */
  readonly bytes: number
  /** alerts that were raised or resolved, in order */
  readonly alerts: readonly AlertRecord[]
  readonly marks: readonly (readonly [time: number, text: string])[]
  /** a row a minute: time, then MemAvailable, SUnreclaim (bytes), num_cgroups, dying; null where not known */
  readonly minutes: readonly (readonly (number | null)[])[]
  /** the header, where it is another than that of the frame before */
  readonly session?: RecordingHeader
}

const SEEKABLE_MAGIC = 0x8f92eab1
const FOOTER_LENGTH = 9

/** A skippable frame. */
export function encodeSkippable(magic: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(magic, 0)
  head.writeUInt32LE(payload.length, 4)
  return Buffer.concat([head, payload])
}

export const encodeSummary = (summary: FrameSummary): Buffer =>
  encodeSkippable(FRAME_MAGIC.summary, Buffer.from(JSON.stringify(summary)))

/** A summary's payload; undefined when it is none. */
export function decodeSummary(payload: Buffer): FrameSummary | undefined {
  try {
    return toSummary(JSON.parse(payload.toString('utf8')))
  } catch {
    return undefined
  }
}

function toSummary(value: unknown): FrameSummary | undefined {
  const { begin, end, alerts, marks, minutes, session } = (value ?? {}) as Partial<FrameSummary>
  const hasTimes = typeof begin === 'number' && typeof end === 'number'
  const isValid =
    hasTimes && [alerts, marks, minutes].every(Array.isArray) && (session === undefined || isSession(session))
  return isValid ? (value as FrameSummary) : undefined
}

const isSession = ({ host, kernel, bootId, wallClock, interval }: RecordingHeader): boolean =>
  [host, kernel, bootId].every(text => typeof text === 'string') &&
  [wallClock, interval].every(number => typeof number === 'number')

export const encodeIndex = (summaries: readonly FrameSummary[]): Buffer =>
  encodeSkippable(
    FRAME_MAGIC.index,
    zstdCompressSync(JSON.stringify(summaries), { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  )

/** The summaries of an index's payload; undefined when it is none. */
export function decodeIndex(payload: Buffer): readonly FrameSummary[] | undefined {
  try {
    const list: unknown = JSON.parse(zstdDecompressSync(payload, { maxOutputLength: 1 << 28 }).toString('utf8'))
    const summaries = Array.isArray(list) ? list.map(toSummary) : []
    return summaries.includes(undefined) ? undefined : (summaries as readonly FrameSummary[])
  } catch {
    return undefined
  }
}

/** One entry for each frame before it: bytes in the file, bytes of its text (0: skippable). */
export function encodeSeekTable(entries: readonly (readonly [compressed: number, decompressed: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 8 + FOOTER_LENGTH)
  for (const [i, [compressed, decompressed]] of entries.entries()) {
    payload.writeUInt32LE(compressed, i * 8)
    payload.writeUInt32LE(decompressed, i * 8 + 4)
  }
  payload.writeUInt32LE(entries.length, entries.length * 8)
  payload.writeUInt32LE(SEEKABLE_MAGIC, entries.length * 8 + 5)
  return encodeSkippable(FRAME_MAGIC.seekTable, payload)
}

/** An entry of a seek table, with its place in the file. */
export interface SeekEntry {
  readonly offset: number
  readonly length: number
  readonly skippable: boolean
}

/** The seek table at the end of a file; undefined when there is none, or it does not fit the file. */
export function readSeekTable(readAt: ReadAt, size: number): readonly SeekEntry[] | undefined {
  if (size < FOOTER_LENGTH + 8) return undefined
  const footer = readAt(size - FOOTER_LENGTH, FOOTER_LENGTH)
  if (footer.length < FOOTER_LENGTH || footer.readUInt32LE(5) !== SEEKABLE_MAGIC || footer[4] !== 0) return undefined
  const count = footer.readUInt32LE(0)
  const length = 8 + count * 8 + FOOTER_LENGTH
  if (length > size) return undefined
  const table = readAt(size - length, length)
  if (table.readUInt32LE(0) !== FRAME_MAGIC.seekTable || table.readUInt32LE(4) !== length - 8) return undefined
  const entries: SeekEntry[] = []
  let offset = 0
  for (let i = 0; i < count; i++) {
    const compressed = table.readUInt32LE(8 + i * 8)
    entries.push({ offset, length: compressed, skippable: table.readUInt32LE(12 + i * 8) === 0 })
    offset += compressed
  }
  return offset === size - length ? entries : undefined
}
