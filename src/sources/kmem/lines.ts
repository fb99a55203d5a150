// The recording format, line by line: a header, then readings. Text to values and back; files and zstd are elsewhere.
import { crc32 } from 'node:zlib'
import { UserError } from '../../base/errors.ts'
import type { Files, RecordingHeader } from '../../collectors/collector.ts'
import type { CollectorId } from '../../collectors/index.ts'
import type { Reading } from '../../history.ts'

/** The version that the header's `kmemtop` key holds. */
export const FORMAT = 1

/** In a header: check lines follow each look. */
export const CHECKED = '"check":"crc32"'

/**
 * The header line: the session, and the session time at which this part of the recording begins.
 * @param checked check lines follow
 */
export function encodeHeader(session: RecordingHeader, time: number, checked = false): string {
  return `${JSON.stringify({ kmemtop: FORMAT, ...session, time, ...(checked ? { check: 'crc32' } : {}) })}\n`
}

/** `[time, collector, files, {error, cost, next}?]` */
export function encodeReading({ time, collector, files, ...extra }: Reading): string {
  return `${JSON.stringify(Object.keys(extra).length > 0 ? [time, collector, files, extra] : [time, collector, files])}\n`
}

/** `{"crc":"0f1e2d3c"}`: CRC-32 of the text since the line of this kind before: it tells how far a damaged part is as it was. */
export const encodeCheck = (text: string): string => `{"crc":"${crcOf(text)}"}\n`

/** CRC-32 of a text as it is written, in eight hex digits. */
export const crcOf = (text: string | Buffer): string => hex(crc32(text))

export const hex = (sum: number): string => sum.toString(16).padStart(8, '0')

export type Line =
  | { readonly session: RecordingHeader; readonly time: number }
  | { readonly reading: Reading }
  | { readonly crc: string }

/** One line of a recording. @throws UserError on anything else */
export function decodeLine(text: string, number: number): Line {
  const value = parse(text, number)
  if (Array.isArray(value)) {
    const [time, collector, files, extra] = value as [unknown, unknown, unknown, unknown]
    if (typeof time !== 'number' || typeof collector !== 'string')
      throw unexpected(number, '[time, collector, files]', text)
    if (!isFiles(files)) throw unexpected(number, 'a path and its text, or null, for each file', text)
    return {
      reading: { time, collector: collector as CollectorId, files: files as Files, ...(extra as object | undefined) },
    }
  }
  const { kmemtop: version, crc } = (value ?? {}) as { kmemtop?: unknown; crc?: unknown }
  if (typeof crc === 'string') return { crc }
  if (version === undefined) throw unexpected(number, '{"kmemtop":1,…} or [time, collector, files]', text)
  if (version !== FORMAT)
    throw new UserError(`line ${number}: format ${JSON.stringify(version)}; this kmemtop reads format ${FORMAT}`)
  const header = value as Readonly<Record<string, unknown>>
  return { session: sessionOf(header, number), time: typeof header.time === 'number' ? header.time : 0 }
}

function isFiles(value: unknown): value is Files {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(text => text === null || typeof text === 'string')
}

function parse(text: string, number: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected(number, 'a line of JSON', text)
  }
}

const unexpected = (number: number, expected: string, came: string): UserError =>
  new UserError(`line ${number}: expected ${expected}, came ${JSON.stringify(came.slice(0, 60))}`)

/** Fields that a header by hand lacks get plain values. @throws UserError for a field of another kind */
function sessionOf(header: Readonly<Record<string, unknown>>, line: number): RecordingHeader {
  const field = <T>(name: string, kind: 'string' | 'number', otherwise: T): T => {
    const value = header[name]
    if (value === undefined) return otherwise
    if (typeof value !== kind) throw unexpected(line, `a ${kind} as ${name}`, JSON.stringify(value))
    return value as T
  }
  const monotonic = field<number | undefined>('monotonic', 'number', undefined)
  const cpus = field<number | undefined>('cpus', 'number', undefined)
  return {
    host: field('host', 'string', 'unknown'),
    kernel: field('kernel', 'string', 'unknown'),
    bootId: field('bootId', 'string', 'unknown'),
    wallClock: field('wallClock', 'number', 0),
    interval: field('interval', 'number', 1000),
    pageSize: field('pageSize', 'number', 4096),
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(cpus === undefined ? {} : { cpus }),
  }
}
