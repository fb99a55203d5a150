// LineParser: lines of a file to messages. Most formats have a message a line; some more, see blocks.ts.
import { TERMINAL_ESCAPES, unescapeHex } from '../../base/text.ts'
import { type Block, blockOf } from './blocks.ts'
import { type LogLine, ofKernel, parseLogLine } from './line.ts'
import { INDENT } from './lines.ts'
import { dmesgIn, parseJsonLine } from './structured.ts'
import { unwrapped } from './wrapping.ts'

/** Keeps what goes over several lines. */
export class LineParser {
  private year = 1970
  private before: LogLine | undefined
  private beforeAt = 0 // its line's number
  private indent = 0 // of the lines that go on with it: at most this many blanks
  private block: Block | undefined

  /** A message of several lines is being read. */
  get attentive(): boolean {
    return this.block !== undefined
  }

  begin(year: number): void {
    this.year = year
    this.before = undefined
    this.indent = 0
    this.block = undefined
  }

  /** The messages that end with this line: none, or one; all of dmesg --json on one line. @param number of the line in its file */
  lines(bytes: string, number: number): readonly LogLine[] {
    const line = bare(bytes)
    const messages = line.startsWith('{"dmesg":') ? dmesgIn(line) : given(this.message(line, number))
    this.before = messages.at(-1) ?? this.before
    this.beforeAt = number
    return messages
  }

  /** The message that the end of the file ends. */
  end(): readonly LogLine[] {
    return given(this.block?.end())
  }

  private message(line: string, number: number): LogLine | undefined {
    this.block ??= blockOf(line)
    const message = this.block ? this.block.take(line) : 'over'
    if (message !== 'over') return message
    this.block = undefined
    return this.single(line, number)
  }

  private single(line: string, number: number): LogLine | undefined {
    if (line === '') return undefined
    if (line.charCodeAt(0) === 0x7b) {
      const parsed = parseJsonLine(line)
      if (parsed) return parsed
    }
    const isFurther = this.indent > 0 && line.startsWith(INDENT)
    const parsed = parseLogLine(line, this.year) ?? (isFurther ? undefined : inWrapping(line, this.year))
    if (parsed) {
      this.indent = indentOf(line, parsed.format)
      return withYear(parsed, this.before)
    }
    if (isFurther) return number === this.beforeAt + 1 ? this.whole(line) : undefined
    return this.continued(line)
  }

  // journalctl and dmesg put the further lines of a message below its first, without the prefix. A process may have a newline
  // in its name.
  private whole(line: string): LogLine | undefined {
    const { before } = this
    const text = unescapeHex(line.slice(Math.min(this.indent, line.search(/[^ ]|$/))))
    if (!before) return undefined
    // numbers of a block whose first line is lost are nobody's name
    if (COUNTS.test(text) && !COUNTS.test(before.text.slice(before.text.lastIndexOf('\n') + 1)))
      return { ...before, text, sequence: null }
    return { ...before, text: `${before.text}\n${text}`, amends: true }
  }

  // A line without a prefix goes on with the message before it, or the file has no prefixes at all.
  private continued(line: string): LogLine | undefined {
    const { before } = this
    if (before?.format === 'kmsg' && line.charCodeAt(0) === 0x20) return undefined // KEY=value
    const text = line.replace(TERMINAL_ESCAPES, '')
    if (!before) return ofKernel(text, { format: 'plain' })
    const { format, wall, boot, facility, level, program, caller } = before
    const own = { format, wall, boot, facility, level, program, sequence: null, ...(caller ? { caller } : {}) }
    const isJournal = format.startsWith('journal') || format.startsWith('syslog')
    return { ...own, text: unescapeHex(isJournal ? text.replace(/^ {8,}/, '') : text) }
  }
}

// file 0         active_file:0 inactive_file:0
const COUNTS = /^ ?[a-z_]\w*(?: \d+$|:\d)/

const given = (message: LogLine | undefined): readonly LogLine[] => (message ? [message] : [])

// NULs of a torn file, a byte order mark, the separators of json-seq and json-sse; what a terminal fills its lines with
function bare(bytes: string): string {
  const line = bytes.endsWith('  ') || bytes.endsWith('\t') ? bytes.trimEnd() : bytes
  const first = line.charCodeAt(0)
  if (first !== 0 && first !== 0x1e && first !== 0xef && first !== 0x64) return line
  return line.replace(/^(?:\0+|\x1e|\xef\xbb\xbf|data: (?=\{))+/, '')
}

export function inWrapping(line: string, year: number): LogLine | undefined {
  for (const inside of unwrapped(line)) {
    const parsed = parseLogLine(inside, year)
    if (parsed) return parsed
  }
  return undefined
}

// Where the text begins: that many blanks stand before a further line of it.
function indentOf(line: string, format: string): number {
  if (/^(?:journal short|syslog)/.test(format)) return line.indexOf(': ') + 2
  if (format === 'dmesg --time-format=iso') return line.indexOf(' ') + 1
  return format.startsWith('dmesg') ? line.indexOf('] ') + 2 : 0
}

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
