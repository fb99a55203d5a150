// Parses the fields of a recording's header: types, ranges, and defaults for fields that a hand-written header lacks.
import { isWallClock, MAX_INTERVAL, MAX_WALL_CLOCK } from '../base/bounds.ts'
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'

type Fields = Readonly<Record<string, unknown>>

/** Parses the fields of a header line. @throws UserError that names the field, the expected and the actual value */
export function parseHeaderFields(fields: Fields, line: number): RecordingHeader {
  const monotonic = getNumber(fields, { name: 'monotonic', min: -MAX_WALL_CLOCK, max: MAX_WALL_CLOCK, line })
  const cpus = getNumber(fields, { name: 'cpus', min: 0, max: 1e6, line })
  return {
    host: getText(fields, 'host', line),
    kernel: getText(fields, 'kernel', line),
    bootId: getText(fields, 'bootId', line),
    wallClock: getWallClock(fields.wallClock, line),
    interval: getNumber(fields, { name: 'interval', min: 1, max: MAX_INTERVAL, line }) ?? 1000,
    pageSize: getNumber(fields, { name: 'pageSize', min: 1, max: 2 ** 30, line }) ?? 4096,
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(cpus === undefined ? {} : { cpus }),
  }
}

function getText(fields: Fields, name: string, line: number): string {
  const value = fields[name] ?? 'unknown'
  if (typeof value === 'string' && fields[name] !== null) return value
  throw createFieldError({ name, expected: 'a text', actual: fields[name], line })
}

interface NumberField {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly line: number
}

function getNumber(fields: Fields, { name, min, max, line }: NumberField): number | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw createFieldError({ name, expected: `a number from ${min} to ${max}`, actual: value, line })
}

// For a script an ISO date is easier to write than milliseconds.
function getWallClock(value: unknown, line: number): number {
  if (value === undefined) return 0
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : value
  if (isWallClock(time)) return time
  const expected = 'milliseconds since 1970, or a time as 2026-11-23T14:05:00Z'
  throw createFieldError({ name: 'wallClock', expected, actual: value, line })
}

interface FieldProblem {
  readonly name: string
  readonly expected: string
  readonly actual: unknown
  readonly line: number
}

const createFieldError = ({ name, expected, actual, line }: FieldProblem): UserError =>
  new UserError(`line ${line}: expected ${expected} as ${name}, came ${String(JSON.stringify(actual)).slice(0, 60)}`)
