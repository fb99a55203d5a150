// Parsers for values on the command line: durations, numbers, sizes. An invalid value gets an error that says what was expected.
import { InvalidArgumentError } from 'commander'
import { MAX_DURATION } from '../base/bounds.ts'
import { parseDuration } from '../base/parse-time.ts'
import { DAY, GiB, MiB } from '../base/units.ts'

const SIZE = { '': 1, K: 2 ** 10, M: MiB, G: GiB, T: 2 ** 40 } as const

/** Creates a parser for a duration of `minimum` to `maximum` milliseconds; `minimumText` names the first in the error. */
export const createDurationParser =
  (minimum: number, minimumText: string, maximum = MAX_DURATION) =>
  (text: string): number => {
    const value = parseDuration(text)
    if (value === undefined || value < minimum)
      throw new InvalidArgumentError(`expected a duration of at least ${minimumText}, like 1s, 500ms or 5m.`)
    if (value > maximum) throw new InvalidArgumentError(`expected a duration of at most ${maximum / DAY}d.`)
    return value
  }

/** Parses a whole number above 0. */
export function parsePositive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0.')
  return checkExact(Number(text))
}

/** Parses a whole number. */
export function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number, 0 or more.')
  return checkExact(Number(text))
}

/** Parses `500K`, `100M`, `2G` to bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?([KMGT]?)(?:i?B)?$/.exec(text)
  const value = match ? Number(match[1]) * SIZE[match[2] as keyof typeof SIZE] : 0
  if (value < 1) throw new InvalidArgumentError('expected a size like 500K, 100M or 2G.')
  return checkExact(Math.round(value))
}

function checkExact(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) throw new InvalidArgumentError(`expected at most ${Number.MAX_SAFE_INTEGER}.`)
  return value
}

/** Parses `120x40` to columns and rows. */
export function parseScreenSize(text: string): { readonly columns: number; readonly rows: number } {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(text)
  const [columns, rows] = [Number(match?.[1]), Number(match?.[2])]
  if (!(columns > 0 && rows > 0)) throw new InvalidArgumentError('expected columns x rows, like 120x40.')
  return { columns, rows }
}

/** Collects the commands of an option that may be given several times. */
export function collectCommands(text: string, previous: readonly string[] = []): readonly string[] {
  if (text.trim() === '')
    throw new InvalidArgumentError('expected a command that gives a shell, like "ssh root@node sh".')
  return [...previous, text]
}

/** Collects `Name: value` headers of requests: letters, digits and hyphens; a value of printable ASCII. */
export function collectHeaders(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([\w-]{1,256}): *([\x21-\x7e][\x20-\x7e]{0,4095})$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("expected a name and a value, like 'X-Scope-OrgID: shop'.")
  return { ...previous, [name.toLowerCase()]: value }
}
