// LineParser: lines of a file to messages. Most formats have a message a line; dmesg --json and journalctl -o export more.
import { ESCAPES, fromBytes, unescaped } from '../../base/text.ts'
import { type LogLine, ofKernel, parseLogLine } from './line.ts'
import { INDENT } from './lines.ts'
import { fromDmesgJson, lengthAt, parseExportEntry, parseJsonLine } from './structured.ts'

const MOST_HELD = 1 << 20
// those of an entry that are read, and every one that may hold newlines
const FIELDS =
  /^(?:MESSAGE|PRIORITY|SYSLOG_(?:FACILITY|IDENTIFIER)|_TRANSPORT|_COMM|_BOOT_ID|_HOSTNAME|__(?:REALTIME|MONOTONIC)_TIMESTAMP|_SOURCE_(?:REALTIME|MONOTONIC)_TIMESTAMP)=|^[A-Z_][A-Z0-9_]*$/

/** Keeps what goes over several lines. */
export class LineParser {
  private year = 1970
  private before: LogLine | undefined
  private beforeAt = 0 // its line's number
  private indent = 0 // of a journal's lines that go on with it: at most this many blanks
  private block: 'export' | 'dmesg' | undefined
  private held = ''
  private valueAt: number | null = null // where in `held` the length of an unfinished value stands

  /** A message of several lines is being read. */
  get attentive(): boolean {
    return this.block !== undefined
  }

  begin(year: number): void {
    this.year = year
    this.before = undefined
    this.indent = 0
    this.block = undefined
    this.held = ''
    this.valueAt = null
  }

  /** The messages that end with this line: none, or one. @param number of the line in its file */
  lines(bytes: string, number: number): readonly LogLine[] {
    const line = bytes.charCodeAt(0) === 0 ? bytes.replace(/^\0+/, '') : bytes
    if (this.block === undefined) this.block = blockOf(line)
    const message =
      this.block === 'export'
        ? this.inExport(line)
        : this.block === 'dmesg'
          ? this.inDmesg(line)
          : this.single(line, number)
    if (message) this.before = message
    this.beforeAt = number
    return message ? [message] : []
  }

  private single(line: string, number: number): LogLine | undefined {
    if (line === '') return undefined
    if (line.charCodeAt(0) === 0x7b) {
      const parsed = parseJsonLine(line)
      if (parsed) return parsed
    }
    const parsed = parseLogLine(line, this.year)
    if (parsed) {
      this.indent = MAY_GO_ON.test(parsed.format) ? line.indexOf(': ') + 2 : 0
      return withYear(parsed, this.before)
    }
    if (this.indent > 0 && line.startsWith(INDENT)) return number === this.beforeAt + 1 ? this.whole(line) : undefined
    return this.continued(line)
  }

  // journalctl puts the further lines of a message below its first, without the prefix. A process may have a newline in its name.
  private whole(line: string): LogLine | undefined {
    const { before } = this
    const blanks = Math.min(this.indent, line.search(/[^ ]|$/))
    return before && { ...before, text: `${before.text}\n${unescaped(line.slice(blanks))}`, amends: true }
  }

  // A line without a prefix goes on with the message before it, or the file has no prefixes at all.
  private continued(line: string): LogLine | undefined {
    const { before } = this
    if (before?.format === 'kmsg' && line.charCodeAt(0) === 0x20) return undefined // KEY=value
    const text = line.replace(ESCAPES, '')
    if (!before) return ofKernel(text, { format: 'plain' })
    const { format, wall, boot, facility, level, program, caller } = before
    const own = { format, wall, boot, facility, level, program, sequence: null, ...(caller ? { caller } : {}) }
    const isJournal = format.startsWith('journal') || format.startsWith('syslog')
    return { ...own, text: unescaped(isJournal ? text.replace(/^ {8,}/, '') : text) }
  }

  // FIELD=value lines up to an empty one. A field without `=` is followed by a length and a value that may hold newlines.
  private inExport(line: string): LogLine | undefined {
    if (this.held.length > MOST_HELD) this.held = ''
    if (this.valueAt === null && line === '') return this.entry()
    if (this.valueAt === null && !FIELDS.test(line)) return undefined
    const isLong = this.valueAt === null && !line.includes('=')
    this.held += `${line}\n`
    if (isLong) this.valueAt = this.held.length
    else if (this.valueAt !== null && this.isWhole(this.valueAt)) this.valueAt = null
    return undefined
  }

  private isWhole(at: number): boolean {
    return this.held.length >= at + 8 && this.held.length >= at + 8 + lengthAt(this.held, at) + 1
  }

  private entry(): LogLine | undefined {
    const entry = parseExportEntry(this.held)
    this.held = ''
    return entry
  }

  // { "dmesg": [ { "pri": 6, "time": 0.0, "msg": "…" },{ …
  private inDmesg(line: string): LogLine | undefined {
    if (/^\s*\}/.test(line) || this.held.length > MOST_HELD) {
      const text = `{${this.held}}`
      this.held = ''
      return fromDmesgJson(parsed(text))
    }
    if (/^\s*"(?!dmesg")/.test(line)) this.held += fromBytes(line)
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function blockOf(line: string): 'export' | 'dmesg' | undefined {
  if (line.startsWith('__CURSOR=')) return 'export'
  return /^\s*"dmesg": ?\[/.test(line) ? 'dmesg' : undefined
}

const MAY_GO_ON = /^(?:journal short|syslog)/

const HALF_YEAR = 183 * 86_400_000

// Stamps without a year: December is before January.
function withYear(line: LogLine, before: LogLine | undefined): LogLine {
  if (line.wall === null || before?.wall == null || before.format !== line.format || !YEARLESS.has(line.format))
    return line
  if (line.wall - before.wall < -HALF_YEAR) return { ...line, wall: yearLater(line.wall, 1) }
  return line.wall - before.wall > HALF_YEAR ? { ...line, wall: yearLater(line.wall, -1) } : line
}

const YEARLESS: ReadonlySet<string> = new Set(['syslog', 'dmesg -e', 'klog'])

function yearLater(wall: number, by: number): number {
  const date = new Date(wall)
  date.setFullYear(date.getFullYear() + by)
  return date.getTime()
}
