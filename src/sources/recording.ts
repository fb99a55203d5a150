// The recording format, line by line: a header, then readings. Pure text to values and back; files and zstd are elsewhere.
import { UserError } from '../base/errors.ts'
import type { Files, Session } from '../collectors/collector.ts'
import type { CollectorId } from '../collectors/index.ts'
import type { Reading } from '../history.ts'

/** The version that the header's `kmemtop` key holds. */
export const FORMAT = 1

/** The header line: the session, and the session time at which this part of the recording begins. */
export function encodeHeader(session: Session, time: number): string {
  return `${JSON.stringify({ kmemtop: FORMAT, ...session, time })}\n`
}

/** `[time, collector, files, {error, cost, next}?]` */
export function encodeReading({ time, collector, files, ...extra }: Reading): string {
  return `${JSON.stringify(Object.keys(extra).length > 0 ? [time, collector, files, extra] : [time, collector, files])}\n`
}

export type Line = { readonly session: Session } | { readonly reading: Reading }

/** One line of a recording; undefined for a line of a kind that a later version may add. @throws UserError on anything else */
export function decodeLine(text: string, number: number): Line | undefined {
  const value = parse(text, number)
  if (Array.isArray(value)) {
    const [time, collector, files, extra] = value as [unknown, unknown, unknown, unknown]
    if (typeof time !== 'number' || typeof collector !== 'string')
      throw unexpected(number, '[time, collector, files]', text)
    if (collector === 'mark') return undefined
    if (!isFiles(files)) throw unexpected(number, 'a path and its text, or null, for each file', text)
    return {
      reading: { time, collector: collector as CollectorId, files: files as Files, ...(extra as object | undefined) },
    }
  }
  const version = (value as { kmemtop?: unknown } | null)?.kmemtop
  if (version === undefined) throw unexpected(number, '{"kmemtop":1,…} or [time, collector, files]', text)
  if (version !== FORMAT)
    throw new UserError(`line ${number}: format ${JSON.stringify(version)}; this kmemtop reads format ${FORMAT}`)
  return { session: sessionOf(value as Readonly<Record<string, unknown>>, number) }
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
function sessionOf(header: Readonly<Record<string, unknown>>, line: number): Session {
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

/** A whole recording that is text already. @throws UserError when it does not begin with a header */
export function decodeRecording(text: string): { readonly session: Session; readonly readings: readonly Reading[] } {
  const lines = text.split('\n').flatMap((line, i) => (line === '' ? [] : (decodeLine(line, i + 1) ?? [])))
  const [first] = lines
  if (!first || !('session' in first)) throw new UserError('a recording begins with {"kmemtop":1,…}')
  return { session: first.session, readings: lines.flatMap(line => ('reading' in line ? line.reading : [])) }
}
