// LineParser: lines of a file to messages. Most formats have a message a line; some more, see blocks.ts.
import { isSessionTime, isWallClock } from '../../base/bounds.ts'
import { TERMINAL_ESCAPES, unescapeHex } from '../../base/text.ts'
import { DAY } from '../../base/units.ts'
import { INDENT } from './line-finder.ts'
import { type LogLine, parseLogLine, toKernelLine } from './log-line.ts'
import { createMultilineParser, type MultilineParser } from './multiline-formats.ts'
import { stripPrefixes } from './strip-prefix.ts'
import { parseDmesgJson, parseJsonLine } from './structured-lines.ts'

/** Keeps what goes over several lines. */
export class LineParser {
  private year = 1970
  private previous: LogLine | undefined
  private previousLineNumber = 0 // its line's number
  private indent = 0 // of the lines that go on with it: at most this many blanks
  private multiline: MultilineParser | undefined

  /** A message of several lines is being read. */
  get isInMultiline(): boolean {
    return this.multiline !== undefined
  }

  startFile(year: number): void {
    this.year = year
    this.previous = undefined
    this.indent = 0
    this.multiline = undefined
  }

  /** The messages that end with this line: none, or one; all of dmesg --json on one line. @param number of the line in its file */
  parseLine(bytes: string, number: number): readonly LogLine[] {
    const line = stripJunk(bytes)
    const parsed = line.startsWith('{"dmesg":') ? parseDmesgJson(line) : toList(this.parseMessage(line, number))
    const messages = parsed.map(dropImpossibleTimes)
    this.previous = messages.at(-1) ?? this.previous
    this.previousLineNumber = number
    return messages
  }

  /** The message that the end of the file ends. */
  finishFile(): readonly LogLine[] {
    return toList(this.multiline?.finish()).map(dropImpossibleTimes)
  }

  private parseMessage(line: string, number: number): LogLine | undefined {
    this.multiline ??= createMultilineParser(line)
    const message = this.multiline ? this.multiline.parseLine(line) : 'over'
    if (message !== 'over') return message
    this.multiline = undefined
    return this.parseSingleLine(line, number)
  }

  private parseSingleLine(line: string, number: number): LogLine | undefined {
    if (line === '') return undefined
    if (line.charCodeAt(0) === 0x7b) {
      const parsed = parseJsonLine(line)
      if (parsed) return parsed
    }
    const isFurther = this.indent > 0 && line.startsWith(INDENT)
    const parsed = parseLogLine(line, this.year) ?? (isFurther ? undefined : parseWrapped(line, this.year))
    if (parsed) {
      this.indent = getIndent(line, parsed.format)
      return adjustYear(parsed, this.previous)
    }
    if (isFurther) return number === this.previousLineNumber + 1 ? this.joinContinuation(line) : undefined
    return this.continueMessage(line)
  }

  // journalctl and dmesg put the further lines of a message below its first, without the prefix. A process may have a newline
  // in its name.
  private joinContinuation(line: string): LogLine | undefined {
    const { previous: before } = this
    const text = unescapeHex(line.slice(Math.min(this.indent, line.search(/[^ ]|$/))))
    if (!before) return undefined
    // numbers of a block whose first line is lost are nobody's name
    if (COUNTS.test(text) && !COUNTS.test(before.text.slice(before.text.lastIndexOf('\n') + 1)))
      return { ...before, text, sequence: null }
    return { ...before, text: `${before.text}\n${text}`, amends: true }
  }

  // A line without a prefix goes on with the message before it, or the file has no prefixes at all.
  private continueMessage(line: string): LogLine | undefined {
    const { previous: before } = this
    if (before?.format === 'kmsg' && line.charCodeAt(0) === 0x20) return undefined // KEY=value
    const text = line.replace(TERMINAL_ESCAPES, '')
    if (!before) return toKernelLine(text, { format: 'plain' })
    const { format, wall, boot, facility, level, program, caller } = before
    const own = { format, wall, boot, facility, level, program, sequence: null, ...(caller ? { caller } : {}) }
    const isJournal = format.startsWith('journal') || format.startsWith('syslog')
    return { ...own, text: unescapeHex(isJournal ? text.replace(/^ {8,}/, '') : text) }
  }
}

// A stamp in other units than its format has (nanoseconds for microseconds) is no time.
function dropImpossibleTimes(line: LogLine): LogLine {
  const wall = line.wall !== null && isWallClock(line.wall) ? line.wall : null
  const boot = line.boot !== null && isSessionTime(line.boot * 1000) ? line.boot : null
  return wall === line.wall && boot === line.boot ? line : { ...line, wall, boot }
}

// file 0         active_file:0 inactive_file:0
const COUNTS = /^ ?[a-z_]\w*(?: \d+$|:\d)/

const toList = (message: LogLine | undefined): readonly LogLine[] => (message ? [message] : [])

// NULs of a torn file, a byte order mark, the separators of json-seq and json-sse; what a terminal fills its lines with
function stripJunk(bytes: string): string {
  const line = bytes.endsWith('  ') || bytes.endsWith('\t') ? bytes.trimEnd() : bytes
  const first = line.charCodeAt(0)
  if (first !== 0 && first !== 0x1e && first !== 0xef && first !== 0x64) return line
  return line.replace(/^(?:\0+|\x1e|\xef\xbb\xbf|data: (?=\{))+/, '')
}

export function parseWrapped(line: string, year: number): LogLine | undefined {
  for (const inside of stripPrefixes(line)) {
    const parsed = parseLogLine(inside, year)
    if (parsed) return parsed
  }
  return undefined
}

// Where the text begins: that many blanks stand before a further line of it.
function getIndent(line: string, format: string): number {
  if (/^(?:journal short|syslog)/.test(format)) return line.indexOf(': ') + 2
  if (format === 'dmesg --time-format=iso') return line.indexOf(' ') + 1
  return format.startsWith('dmesg') ? line.indexOf('] ') + 2 : 0
}

const HALF_YEAR = 183 * DAY

// Stamps without a year: December is before January.
function adjustYear(line: LogLine, before: LogLine | undefined): LogLine {
  if (line.wall === null || before?.wall == null || before.format !== line.format || !YEARLESS.has(line.format))
    return line
  if (line.wall - before.wall < -HALF_YEAR) return { ...line, wall: shiftYear(line.wall, 1) }
  return line.wall - before.wall > HALF_YEAR ? { ...line, wall: shiftYear(line.wall, -1) } : line
}

const YEARLESS: ReadonlySet<string> = new Set(['syslog', 'dmesg -e', 'klog'])

function shiftYear(wall: number, by: number): number {
  const date = new Date(wall)
  date.setFullYear(date.getFullYear() + by)
  return date.getTime()
}
