// Messages that go over several lines of a file: journalctl -o export, json-pretty and verbose, dmesg --json. Pure.
import { decodeUtf8 } from '../../base/text.ts'
import type { LogLine } from './line.ts'
import { parseStamp } from './stamp.ts'
import { fromDmesgJson, fromFields, lengthAt, parsedJson, parseExportEntry } from './structured.ts'

/** Reads lines of one format. */
export interface Block {
  /** The message that ends with this line; undefined: none; `over`: the line is no more of this format. */
  take(line: string): LogLine | undefined | 'over'
  /** The message that the end of the file ends. */
  end(): LogLine | undefined
}

const MOST_HELD = 1 << 20

/** The block that begins with this line; the line is its first. */
export function blockOf(line: string): Block | undefined {
  return BEGINS.find(([pattern]) => pattern.test(line))?.[1]()
}

// those of an entry that are read, and every one that may hold newlines
const FIELD =
  /^(?:MESSAGE|PRIORITY|SYSLOG_(?:FACILITY|IDENTIFIER)|_TRANSPORT|_COMM|_BOOT_ID|_HOSTNAME|__(?:REALTIME|MONOTONIC)_TIMESTAMP|_SOURCE_(?:REALTIME|MONOTONIC)_TIMESTAMP)=|^[A-Z_][A-Z0-9_]*$/

// FIELD=value lines up to an empty one. A field without `=` is followed by a length and a value that may hold newlines.
function exported(): Block {
  let held = ''
  let valueAt: number | null = null // where in `held` the length of an unfinished value stands
  const isWhole = (at: number): boolean => held.length >= at + 8 && held.length >= at + 8 + lengthAt(held, at) + 1
  const entry = (): LogLine | undefined => {
    const text = held
    held = ''
    return text === '' ? undefined : parseExportEntry(text)
  }
  return {
    take(line) {
      if (held.length > MOST_HELD) held = ''
      if (valueAt === null && line === '') return entry()
      if (valueAt === null && !FIELD.test(line)) return /^[A-Z_][A-Z0-9_]*=/.test(line) ? undefined : 'over'
      const isLong = valueAt === null && !line.includes('=')
      held += `${line}\n`
      if (isLong) valueAt = held.length
      else if (valueAt !== null && isWhole(valueAt)) valueAt = null
      return undefined
    },
    end: entry,
  }
}

const OPENS = /^\s+"[^"]*" ?: ?\{$/

// { … }, an object over several lines, again and again. The fields may stand in one of its own: "jsonPayload": {
function objects(isField: RegExp, read: (value: unknown) => LogLine | undefined): Block {
  let held = ''
  return {
    take(line) {
      if (/^\s*\}/.test(line) || held.length > MOST_HELD) {
        const text = `{${held}}`
        held = ''
        return read(parsedJson(text))
      }
      if (OPENS.test(line) && !held.includes('"MESSAGE"')) {
        held = ''
        return undefined
      }
      if (isField.test(line) || (held !== '' && !/^\s*[{[]?$/.test(line))) held += decodeUtf8(line)
      return held === '' && !/^\s|^[{}[\],]*$/.test(line) ? 'over' : undefined
    },
    end: () => undefined,
  }
}

// Mon 2026-11-23 10:00:00.123456 UTC [s=…;i=…;b=…]      then `    FIELD=value`, further lines of a value deeper
const ENTRY = /^\S+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[s=[0-9a-f]+;/

function verbose(): Block {
  let fields: Record<string, string> | undefined
  let name = ''
  let wall: number | null = null
  const entry = (): LogLine | undefined => {
    const line = fields && fromFields(fields, 'journal verbose')
    fields = undefined
    return line && { ...line, wall: line.wall ?? wall }
  }
  return {
    take(line) {
      if (ENTRY.test(line)) {
        const before = entry()
        wall = parseStamp(line, 0)?.wall ?? null
        fields = {}
        return before
      }
      const field = /^ {4}([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(line)
      if (field && fields) {
        name = field[1]!
        fields[name] = decodeUtf8(field[2]!)
      } else if (line.startsWith('     ') && fields) {
        const said = fields[name] ?? ''
        if (said.length < MOST_HELD) fields[name] = `${said}\n${decodeUtf8(line.trimStart())}`
      } else if (line !== '') return 'over'
      return undefined
    },
    end: entry,
  }
}

const BEGINS: readonly (readonly [RegExp, () => Block])[] = [
  [/^__CURSOR=/, exported],
  // { "dmesg": [ { "pri": 6, "time": 0.0, "msg": "…" },{ …
  [/^\s*"dmesg": ?\[/, () => objects(/^\s*"(?!dmesg")/, fromDmesgJson)],
  // {\n\t"__CURSOR" : "…",
  [
    /^\s+"_{0,2}[A-Z][A-Z0-9_]*" ?: /,
    () => objects(/^\s+"/, value => (value instanceof Object ? fromFields(value, 'journal json') : undefined)),
  ],
  [ENTRY, verbose],
]
