// What stands beside the data frames: a summary after each, and at the end the index of all and the seek table. All of it is
// derived: it can be made again from the readings. Seek table: zstd's seekable format (contrib/seekable_format).
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { ReadAt } from './frames.ts'

/** Magic numbers of the skippable frames. */
export const SKIPPABLE = { summary: 0x184d2a51, index: 0x184d2a52, seekTable: 0x184d2a5e } as const

/** An alert as it was raised or resolved; the session's own words. */
export type AlertNote = Readonly<Record<string, unknown>>

/** One data frame in few words. Times are session milliseconds. */
export interface Summary {
  readonly begin: number
  readonly end: number
  readonly readings: number
  /** bytes of its text */
  readonly bytes: number
  /** alerts that were raised or resolved, in order */
  readonly alerts: readonly AlertNote[]
  readonly marks: readonly (readonly [time: number, text: string])[]
  /** a row a minute: time, then MemAvailable, SUnreclaim (bytes), num_cgroups, dying; null where not known */
  readonly minutes: readonly (readonly (number | null)[])[]
  /** the header, where it is another than that of the frame before */
  readonly session?: RecordingHeader
}

const SEEKABLE = 0x8f92eab1
const FOOTER = 9

/** A skippable frame. */
export function skippable(magic: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(magic, 0)
  head.writeUInt32LE(payload.length, 4)
  return Buffer.concat([head, payload])
}

export const encodeSummary = (summary: Summary): Buffer =>
  skippable(SKIPPABLE.summary, Buffer.from(JSON.stringify(summary)))

/** A summary's payload; undefined when it is none. */
export function decodeSummary(payload: Buffer): Summary | undefined {
  try {
    return asSummary(JSON.parse(payload.toString('utf8')))
  } catch {
    return undefined
  }
}

function asSummary(value: unknown): Summary | undefined {
  const { begin, end, alerts, marks, minutes, session } = (value ?? {}) as Partial<Summary>
  const hasTimes = typeof begin === 'number' && typeof end === 'number'
  const fits =
    hasTimes && [alerts, marks, minutes].every(Array.isArray) && (session === undefined || isSession(session))
  return fits ? (value as Summary) : undefined
}

const isSession = ({ host, kernel, bootId, wallClock, interval }: RecordingHeader): boolean =>
  [host, kernel, bootId].every(text => typeof text === 'string') &&
  [wallClock, interval].every(number => typeof number === 'number')

export const encodeIndex = (summaries: readonly Summary[]): Buffer =>
  skippable(
    SKIPPABLE.index,
    zstdCompressSync(JSON.stringify(summaries), { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  )

/** The summaries of an index's payload; undefined when it is none. */
export function decodeIndex(payload: Buffer): readonly Summary[] | undefined {
  try {
    const list: unknown = JSON.parse(zstdDecompressSync(payload, { maxOutputLength: 1 << 28 }).toString('utf8'))
    const summaries = Array.isArray(list) ? list.map(asSummary) : []
    return summaries.includes(undefined) ? undefined : (summaries as readonly Summary[])
  } catch {
    return undefined
  }
}

/** One entry for each frame before it: bytes in the file, bytes of its text (0: skippable). */
export function encodeSeekTable(entries: readonly (readonly [compressed: number, decompressed: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 8 + FOOTER)
  for (const [i, [compressed, decompressed]] of entries.entries()) {
    payload.writeUInt32LE(compressed, i * 8)
    payload.writeUInt32LE(decompressed, i * 8 + 4)
  }
  payload.writeUInt32LE(entries.length, entries.length * 8)
  payload.writeUInt32LE(SEEKABLE, entries.length * 8 + 5)
  return skippable(SKIPPABLE.seekTable, payload)
}

/** An entry of a seek table, with its place in the file. */
export interface Entry {
  readonly offset: number
  readonly length: number
  readonly skippable: boolean
}

/** The seek table at the end of a file; undefined when there is none, or it does not fit the file. */
export function readSeekTable(readAt: ReadAt, size: number): readonly Entry[] | undefined {
  if (size < FOOTER + 8) return undefined
  const footer = readAt(size - FOOTER, FOOTER)
  if (footer.length < FOOTER || footer.readUInt32LE(5) !== SEEKABLE || footer[4] !== 0) return undefined
  const count = footer.readUInt32LE(0)
  const length = 8 + count * 8 + FOOTER
  if (length > size) return undefined
  const table = readAt(size - length, length)
  if (table.readUInt32LE(0) !== SKIPPABLE.seekTable || table.readUInt32LE(4) !== length - 8) return undefined
  const entries: Entry[] = []
  let offset = 0
  for (let i = 0; i < count; i++) {
    const compressed = table.readUInt32LE(8 + i * 8)
    entries.push({ offset, length: compressed, skippable: table.readUInt32LE(12 + i * 8) === 0 })
    offset += compressed
  }
  return offset === size - length ? entries : undefined
}
