// Messages that go over several lines of a file: journalctl -o export, json-pretty and verbose, dmesg --json. Pure.

import { decodeUtf8 } from '../../../base/text.ts'
import { MiB } from '../../../base/units.ts'
import type { LogLine } from './log-line.ts'
import { parseJson } from './product-json.ts'
import { parseDmesgJsonEntry, parseExportEntry, parseJournalFields, readLength } from './structured-lines.ts'
import { parseTimestamp } from './timestamp.ts'

/** Reads lines of one format. */
export interface MultilineParser {
  /** The message that ends with this line; undefined: none; `over`: the line is no more of this format. */
  parseLine(line: string): LogLine | undefined | 'over'
  /** The message that the end of the file ends. */
  finish(): LogLine | undefined
}

const MAX_BUFFER = MiB

/** The block that begins with this line; the line is its first. */
export function createMultilineParser(line: string): MultilineParser | undefined {
  return FIRST_LINES.find(([pattern]) => pattern.test(line))?.[1]()
}

// those of an entry that are read, and every one that may hold newlines
const FIELD =
  /^(?:MESSAGE|PRIORITY|SYSLOG_(?:FACILITY|IDENTIFIER)|_TRANSPORT|_COMM|_BOOT_ID|_HOSTNAME|__(?:REALTIME|MONOTONIC)_TIMESTAMP|_SOURCE_(?:REALTIME|MONOTONIC)_TIMESTAMP)=|^[A-Z_][A-Z0-9_]*$/

// FIELD=value lines up to an empty one. A field without `=` is followed by a length and a value that may hold newlines.
function createExportParser(): MultilineParser {
  let buffer = ''
  let lengthOffset: number | null = null // offset in `held` of the length of an unfinished value
  const isWhole = (at: number): boolean =>
    buffer.length >= at + 8 && buffer.length >= at + 8 + readLength(buffer, at) + 1
  const finishEntry = (): LogLine | undefined => {
    const text = buffer
    buffer = ''
    return text === '' ? undefined : parseExportEntry(text)
  }
  return {
    parseLine(line) {
      if (buffer.length > MAX_BUFFER) buffer = ''
      if (lengthOffset === null && line === '') return finishEntry()
      if (lengthOffset === null && !FIELD.test(line)) return /^[A-Z_][A-Z0-9_]*=/.test(line) ? undefined : 'over'
      const isLong = lengthOffset === null && !line.includes('=')
      buffer += `${line}\n`
      if (isLong) lengthOffset = buffer.length
      else if (lengthOffset !== null && isWhole(lengthOffset)) lengthOffset = null
      return undefined
    },
    finish: finishEntry,
  }
}

const OBJECT_START = /^\s+"[^"]*" ?: ?\{$/

// { … }, an object over several lines, again and again. The fields may stand in one of its own: "jsonPayload": {
function createObjectParser(isField: RegExp, convert: (value: unknown) => LogLine | undefined): MultilineParser {
  let buffer = ''
  return {
    parseLine(line) {
      if (/^\s*\}/.test(line) || buffer.length > MAX_BUFFER) {
        const text = `{${buffer}}`
        buffer = ''
        return convert(parseJson(text))
      }
      if (OBJECT_START.test(line) && !buffer.includes('"MESSAGE"')) {
        buffer = ''
        return undefined
      }
      if (isField.test(line) || (buffer !== '' && !/^\s*[{[]?$/.test(line))) buffer += decodeUtf8(line)
      return buffer === '' && !/^\s|^[{}[\],]*$/.test(line) ? 'over' : undefined
    },
    finish: () => undefined,
  }
}

// Mon 2026-11-23 10:00:00.123456 UTC [s=…;i=…;b=…]      then `    FIELD=value`, further lines of a value deeper
const ENTRY = /^\S+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[s=[0-9a-f]+;/

function createVerboseParser(): MultilineParser {
  let fields: Record<string, string> | undefined
  let name = ''
  let wall: number | null = null
  const finishEntry = (): LogLine | undefined => {
    const line = fields && parseJournalFields(fields, 'journal verbose')
    fields = undefined
    return line && { ...line, wall: line.wall ?? wall }
  }
  return {
    parseLine(line) {
      if (ENTRY.test(line)) {
        const before = finishEntry()
        wall = parseTimestamp(line, 0)?.wall ?? null
        fields = {}
        return before
      }
      const field = /^ {4}([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(line)
      if (field && fields) {
        name = field[1]!
        fields[name] = decodeUtf8(field[2]!)
      } else if (line.startsWith('     ') && fields) {
        const earlier = fields[name] ?? ''
        if (earlier.length < MAX_BUFFER) fields[name] = `${earlier}\n${decodeUtf8(line.trimStart())}`
      } else if (line !== '') return 'over'
      return undefined
    },
    finish: finishEntry,
  }
}

const FIRST_LINES: readonly (readonly [RegExp, () => MultilineParser])[] = [
  [/^__CURSOR=/, createExportParser],
  // { "dmesg": [ { "pri": 6, "time": 0.0, "msg": "…" },{ …
  [/^\s*"dmesg": ?\[/, () => createObjectParser(/^\s*"(?!dmesg")/, parseDmesgJsonEntry)],
  // {\n\t"__CURSOR" : "…",
  [
    /^\s+"_{0,2}[A-Z][A-Z0-9_]*" ?: /,
    () =>
      createObjectParser(/^\s+"/, value =>
        value instanceof Object ? parseJournalFields(value, 'journal json') : undefined,
      ),
  ],
  [ENTRY, createVerboseParser],
]
