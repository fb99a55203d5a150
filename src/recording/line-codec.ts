// Encodes and decodes the lines of a recording: a header, then readings. Files and zstd are elsewhere.

import { crc32 } from 'node:zlib'
import { isSessionTime } from '../base/bounds.ts'
import { UserError } from '../base/errors.ts'
import { parseForeignJson } from '../base/foreign-json.ts'
import type { Files, RecordingHeader } from '../collectors/collector.ts'
import type { CollectorId } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import { parseHeaderFields } from './header-fields.ts'

/** The version in the header's key `kmemtop`. */
export const FORMAT_VERSION = 1

/** In a header: a check line follows each sample. */
export const CHECK_FIELD = '"check":"crc32"'

/**
 * Encodes a header line: the session, and the session time at which this part of the recording begins.
 * @param checked whether check lines follow
 */
export function encodeHeader(session: RecordingHeader, time: number, checked = false): string {
  return `${JSON.stringify({ kmemtop: FORMAT_VERSION, ...session, time, ...(checked ? { check: 'crc32' } : {}) })}\n`
}

/** Encodes a reading: `[time, collector, files, {error, cost, next}?]`. */
export function encodeReading({ time, collector, files, ...extra }: Reading): string {
  return `${JSON.stringify(Object.keys(extra).length > 0 ? [time, collector, files, extra] : [time, collector, files])}\n`
}

/** Encodes a check line, `{"crc":"0f1e2d3c"}`: the CRC-32 of the text since the last one. It shows how far a damaged part is intact. */
export const encodeCheck = (text: string): string => `{"crc":"${computeCrc(text)}"}\n`

/** Returns the CRC-32 of a text in eight hex digits. */
export const computeCrc = (text: string | Buffer): string => toHex(crc32(text))

/** Formats a CRC-32 as eight hex digits. */
export const toHex = (sum: number): string => sum.toString(16).padStart(8, '0')

/** A decoded line: the header of a session, a reading, or the checksum of the sample before it. */
export type RecordingLine =
  | { readonly session: RecordingHeader; readonly time: number }
  | { readonly reading: Reading }
  | { readonly crc: string }

/** Decodes one line of a recording. @throws UserError on anything else */
export function decodeLine(text: string, number: number): RecordingLine {
  const value = parseJson(text, number)
  if (Array.isArray(value)) {
    const [time, collector, files, extra] = value as [unknown, unknown, unknown, unknown]
    if (typeof time !== 'number' || typeof collector !== 'string')
      throw createLineError(number, '[time, collector, files]', text)
    if (!isSessionTime(time)) throw createLineError(number, 'a time in milliseconds, within 100 years', text)
    if (!isFiles(files)) throw createLineError(number, 'a path and its text, or null, for each file', text)
    return { reading: { time, collector: collector as CollectorId, files, ...pickExtra(extra) } }
  }
  const { kmemtop: version, crc } = (value ?? {}) as { kmemtop?: unknown; crc?: unknown }
  if (typeof crc === 'string') return { crc }
  if (version === undefined) throw createLineError(number, '{"kmemtop":1,…} or [time, collector, files]', text)
  if (version !== FORMAT_VERSION)
    throw new UserError(
      `line ${number}: format ${JSON.stringify(version)}; this kmemtop reads format ${FORMAT_VERSION}`,
    )
  const { time = 0, ...fields } = value as Readonly<Record<string, unknown>>
  if (!isSessionTime(time)) throw createLineError(number, 'a time in milliseconds, within 100 years', text)
  return { session: parseHeaderFields(fields, number), time }
}

/** Returns the known fields of a reading's last object that have the right type. */
function pickExtra(extra: unknown): Pick<Reading, 'error' | 'cost' | 'next' | 'keyframe'> {
  const { error, cost, next, keyframe } = (extra ?? {}) as Readonly<Record<string, unknown>>
  return {
    ...(typeof error === 'string' ? { error } : {}),
    ...(isDuration(cost) ? { cost } : {}),
    ...(isDuration(next) ? { next } : {}),
    ...(keyframe === true ? { keyframe } : {}),
  }
}

const isDuration = (value: unknown): value is number => isSessionTime(value) && value >= 0

function isFiles(value: unknown): value is Files {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(text => text === null || typeof text === 'string')
}

function parseJson(text: string, number: number): unknown {
  try {
    return parseForeignJson(text)
  } catch {
    throw createLineError(number, 'a line of JSON', text)
  }
}

const createLineError = (number: number, expected: string, actual: string): UserError =>
  new UserError(`line ${number}: expected ${expected}, came ${JSON.stringify(actual.slice(0, 60))}`)
