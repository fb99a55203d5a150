// The skippable frames beside the data frames: a summary after each, and at the end the index and the seek table. All of them can be
// computed again from the readings. The seek table follows zstd's seekable format (contrib/seekable_format).

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { isSessionTime, RECORDING_BOUNDS } from '../base/bounds.ts'
import { parseForeignJson } from '../base/foreign-json.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { ReadAt } from './byte-source.ts'
import { parseHeaderFields } from './header-fields.ts'

/** Magic numbers of the skippable frames. */
export const FRAME_MAGIC = { summary: 0x184d2a51, index: 0x184d2a52, seekTable: 0x184d2a5e } as const

/** An alert as it was raised or resolved, in the words of the session. */
export type AlertRecord = Readonly<Record<string, unknown>>

/** The summary of one data frame. Times are session milliseconds. */
export interface FrameSummary {
  readonly begin: number
  readonly end: number
  readonly readings: number
  /** bytes of its text */
  readonly bytes: number
  /** alerts that were raised or resolved, in order */
  readonly alerts: readonly AlertRecord[]
  /** how many of them are left out, because there were too many: only a replay knows them */
  readonly alertsLeftOut?: number
  readonly marks: readonly (readonly [time: number, text: string])[]
  /** one row per minute: time, MemAvailable, SUnreclaim (bytes), num_cgroups, dying; null if unknown */
  readonly minutes: readonly (readonly (number | null)[])[]
  /** the header, if it differs from that of the previous frame */
  readonly session?: RecordingHeader
}

const SEEKABLE_MAGIC = 0x8f92eab1
/** Bytes of the footer at the end of a complete recording. */
export const SEEK_TABLE_END = 9

/** Encodes a skippable frame. */
export function encodeSkippable(magic: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(magic, 0)
  head.writeUInt32LE(payload.length, 4)
  return Buffer.concat([head, payload])
}

/** Encodes a summary as a skippable frame. */
export const encodeSummary = (summary: FrameSummary): Buffer =>
  encodeSkippable(FRAME_MAGIC.summary, Buffer.from(JSON.stringify(summary)))

/** Decodes a summary's payload; undefined if it is no summary. */
export function decodeSummary(payload: Buffer): FrameSummary | undefined {
  if (payload.length > RECORDING_BOUNDS.index) return undefined
  try {
    return toSummary(parseForeignJson(payload.toString('utf8')))
  } catch {
    return undefined
  }
}

function toSummary(value: unknown): FrameSummary | undefined {
  const summary = (value ?? {}) as Partial<FrameSummary>
  const { begin, end, readings, bytes, session, alerts, marks, minutes } = summary
  const hasTimes = isSessionTime(begin) && isSessionTime(end) && begin <= end
  const hasLists = isListOf(alerts, isObject) && isListOf(marks, isMark) && isListOf(minutes, isRow)
  if (!hasTimes || !hasLists || ![readings, bytes].every(Number.isSafeInteger)) return undefined
  // the fields of a session are checked like those of a header line
  return { ...(summary as FrameSummary), ...(session === undefined ? {} : { session: parseSession(session) }) }
}

const parseSession = (session: unknown): RecordingHeader =>
  parseHeaderFields((session ?? {}) as Readonly<Record<string, unknown>>, 1)

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const isMark = (value: unknown): boolean =>
  Array.isArray(value) && isSessionTime(value[0]) && typeof value[1] === 'string'

const isRow = (value: unknown): boolean =>
  isListOf(value, item => item === null || Number.isFinite(item)) && isSessionTime((value as unknown[])[0])

/** Encodes the index of a file as a skippable frame. */
export const encodeIndex = (summaries: readonly FrameSummary[]): Buffer =>
  encodeSkippable(
    FRAME_MAGIC.index,
    zstdCompressSync(JSON.stringify(summaries), { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  )

/** Decodes the summaries of an index; undefined if it is not an index or too large: then the frames are walked. */
export function decodeIndex(payload: Buffer): readonly FrameSummary[] | undefined {
  try {
    const text = zstdDecompressSync(payload, { maxOutputLength: RECORDING_BOUNDS.index }).toString('utf8')
    const list = parseForeignJson(text)
    const summaries = Array.isArray(list) ? list.map(toSummary) : []
    return summaries.includes(undefined) ? undefined : (summaries as readonly FrameSummary[])
  } catch {
    return undefined
  }
}

/** Encodes a seek table with one entry per frame: bytes in the file, bytes of its text (0: skippable). */
export function encodeSeekTable(entries: readonly (readonly [compressed: number, decompressed: number])[]): Buffer {
  const payload = Buffer.alloc(entries.length * 8 + SEEK_TABLE_END)
  for (const [i, [compressed, decompressed]] of entries.entries()) {
    payload.writeUInt32LE(compressed, i * 8)
    payload.writeUInt32LE(decompressed, i * 8 + 4)
  }
  payload.writeUInt32LE(entries.length, entries.length * 8)
  payload.writeUInt32LE(SEEKABLE_MAGIC, entries.length * 8 + 5)
  return encodeSkippable(FRAME_MAGIC.seekTable, payload)
}

/** Returns whether the last bytes of a file are those of a seek table. */
export const hasSeekTableEnd = (footer: Buffer): boolean => footer.readUInt32LE(5) === SEEKABLE_MAGIC && footer[4] === 0

/** An entry of a seek table, with its place in the file. */
export interface SeekEntry {
  readonly offset: number
  readonly length: number
  readonly skippable: boolean
}

/** Reads the seek table at the end of a file; undefined if there is none or it does not fit the file. */
export function readSeekTable(readAt: ReadAt, size: number): readonly SeekEntry[] | undefined {
  if (size < SEEK_TABLE_END + 8) return undefined
  const footer = readAt(size - SEEK_TABLE_END, SEEK_TABLE_END)
  if (footer.length < SEEK_TABLE_END || !hasSeekTableEnd(footer)) return undefined
  const count = footer.readUInt32LE(0)
  const length = 8 + count * 8 + SEEK_TABLE_END
  if (length > size || count > RECORDING_BOUNDS.seekEntries) return undefined
  const table = readAt(size - length, length)
  if (table.length < length) return undefined // the disk failed; the frames are walked
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
