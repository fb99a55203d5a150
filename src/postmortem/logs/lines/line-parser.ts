// LineParser: lines of a file to messages. Most formats have a message a line; some more, see multiline-formats.ts.
import { isSessionTime, isWallClock, MAX_KERNEL_LINE } from '../../../base/bounds.ts'
import { TERMINAL_ESCAPES, unescapeHex } from '../../../base/text.ts'
import { DAY } from '../../../base/units.ts'
import { EVENT_FORMAT, parseKubernetesEvent } from '../kubernetes-events.ts'
import { LineJoiner } from '../text/line-joiner.ts'
import { stripMarkup } from '../text/strip-markup.ts'
import { stripEdge } from '../text/text-edge.ts'
import { isOpenLine } from '../text/wrapped-text.ts'
import { INDENT } from './line-finder.ts'
import { type LogLine, toKernelLine } from './log-line.ts'
import { parseLogLine } from './log-prefix.ts'
import { createPlainLayout, isNameless, type TextLayout } from './loose-prefix.ts'
import { createMultilineParser, type MultilineParser } from './multiline-formats.ts'
import { parseProductLine } from './product-json.ts'
import { addDelta } from './relative-stamp.ts'
import { splitMessage } from './split-message.ts'
import { parseWrapped } from './strip-prefix.ts'
import { parseDmesgJson, parseJsonLine } from './structured-lines.ts'

/** Keeps what goes over several lines. */
export class LineParser {
  private year = 1970
  private previous: LogLine | undefined
  private previousLineNumber = 0 // its line's number
  private indent = 0 // of the lines that go on with it: at most this many blanks
  private multiline: MultilineParser | undefined
  private layout = createPlainLayout()
  private joiner = new LineJoiner(this.layout)
  private pasteIndent = '' // what whoever pasted the log put before each line

  /** A message of several lines is being read. */
  get isInMultiline(): boolean {
    return this.multiline !== undefined
  }

  /** The next line may belong to the last one, whatever it says. */
  get needsNextLine(): boolean {
    return this.multiline !== undefined || this.joiner.isWaiting
  }

  startFile(year: number, layout: TextLayout = createPlainLayout()): void {
    this.year = year
    this.layout = layout
    this.joiner = new LineJoiner(layout)
    this.pasteIndent = ''
    this.previous = undefined
    this.indent = 0
    this.multiline = undefined
  }

  /**
   * Returns the messages that are known to be over with this line: none or one, or all of dmesg --json on one line.
   * @param number of the line in its file
   */
  parseLine(bytes: string, number: number): readonly LogLine[] {
    const whole = stripJunk(stripEdge(bytes, this.layout), this.layout.hardWidth !== null)
    const clean = this.multiline ? whole : cutLongLine(whole)
    const isPasted = this.pasteIndent !== '' && clean.startsWith(this.pasteIndent)
    const line = isPasted ? clean.slice(this.pasteIndent.length) : clean
    const parsed = line.startsWith('{"dmesg":')
      ? parseDmesgJson(line)
      : toList(this.parseMessage(line, number)).flatMap(message => splitMessage(message, this.year))
    const possible = parsed.map(dropImpossibleTimes)
    const messages = BOOT_MARK.test(line) ? possible.map(markBoot) : possible
    // the next row of a table of events is another's
    this.previous = messages.findLast(({ format }) => format !== EVENT_FORMAT) ?? this.previous
    this.previousLineNumber = number
    return messages.flatMap(message => this.joiner.add(message, number, bytes.length))
  }

  /** Returns the messages that the end of the file, or of a piece of it, ends. */
  finishFile(): readonly LogLine[] {
    const last = toList(this.multiline?.finish()).map(dropImpossibleTimes)
    this.multiline = undefined
    return [...this.joiner.flush(), ...last]
  }

  /** Forgets the last message: the next line belongs to another text. */
  startText(): void {
    this.previous = undefined
    this.indent = 0
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
    const parsedObject = line.includes('{"') ? parseObjectLine(line, this.year) : parseKubernetesEvent(line)
    if (parsedObject) return parsedObject
    const isFurther = this.indent > 0 && line.startsWith(INDENT)
    const known = parseLogLine(line, this.year) ?? (isFurther ? undefined : parseWrapped(line, this.year))
    const parsed = this.parseLoose(line, known) ?? known
    if (parsed) {
      if (/^[ \t]+[^ \t\d]/.test(line) && parsed === known) this.pasteIndent += /^[ \t]+/.exec(line)![0]
      this.indent = getIndent(line, parsed.format)
      return addDelta(adjustYear(parsed, this.previous), this.previous, line)
    }
    const isNext = this.layout.isJoined || number === this.previousLineNumber + 1
    if (isFurther) return isNext ? this.joinContinuation(line) : undefined
    return this.continueMessage(line)
  }

  // Behind a prefix of no known format, or of one that says nobody's name.
  private parseLoose(line: string, known: LogLine | undefined): LogLine | undefined {
    const isRest = this.previous !== undefined && isOpenLine(this.previous.text) && !this.layout.prefixes.hasSeen(line)
    if (!known && isRest) return undefined // of a wrapped line
    if (!known || isNameless(known)) return this.layout.prefixes.parse(line, this.year)
    return known.facility !== 0 && known.level === null ? this.layout.prefixes.parseSeen(line, this.year) : undefined
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
    if (!before) return { ...toKernelLine(text, { format: 'plain' }), isUnstamped: true }
    const { format, wall, boot, facility, level, program, caller } = before
    const own = { format, wall, boot, facility, level, program, sequence: null, ...(caller ? { caller } : {}) }
    const isUnstamped = true
    const isJournal = format.startsWith('journal') || format.startsWith('syslog')
    return { ...own, isUnstamped, text: unescapeHex(isJournal ? text.replace(/^ {8,}/, '') : text) }
  }
}

const parseObjectLine = (line: string, year: number): LogLine | undefined =>
  (line.charCodeAt(0) === 0x7b ? parseJsonLine(line) : undefined) ?? parseProductLine(line, year)

// One value of JSON may be a whole log.
const cutLongLine = (line: string): string =>
  line.length <= MAX_KERNEL_LINE || /^[{["]|^[^{]{1,200} => \{/.test(line) ? line : line.slice(0, MAX_KERNEL_LINE)

// A stamp in other units than its format has (nanoseconds for microseconds) is no time.
function dropImpossibleTimes(line: LogLine): LogLine {
  const wall = line.wall !== null && isWallClock(line.wall) ? line.wall : null
  const boot = line.boot !== null && isSessionTime(line.boot * 1000) ? line.boot : null
  return wall === line.wall && boot === line.boot ? line : { ...line, wall, boot }
}

// journalctl's own lines between boots
const BOOT_MARK = /^-- (?:Boot [0-9a-f]{32}|Reboot) --/
const markBoot = (line: LogLine): LogLine => ({ ...line, isBootMark: true })

// file 0         active_file:0 inactive_file:0
const COUNTS = /^ ?[a-z_]\w*(?: \d+$|:\d)/

const toList = (message: LogLine | undefined): readonly LogLine[] => (message ? [message] : [])

// What a shell sends to the terminal before the output of a command begins: \x1b[?2004l\r
const OVERWRITTEN = /^(?:\x1b\[[?\d;]{0,20}[a-zA-Z]| ){0,20}\r+/

// NULs of a torn file, a byte order mark, the separators of json-seq and json-sse; what a terminal fills its lines with
function stripJunk(raw: string, keepsBlanks: boolean): string {
  const pasted = stripMarkup(raw)
  const overwritten = pasted.includes('\r') ? pasted.replace(OVERWRITTEN, '') : pasted
  const unquoted = overwritten.charCodeAt(0) === 0x3e ? overwritten.replace(/^(?:> ?)+/, '') : overwritten
  const bytes = unquoted.includes('\xc2\xa0') ? unquoted.replaceAll('\xc2\xa0', ' ') : unquoted // blanks of a web page
  const line = !keepsBlanks && (bytes.endsWith('  ') || bytes.endsWith('\t')) ? bytes.trimEnd() : bytes
  const first = line.charCodeAt(0)
  if (first !== 0 && first !== 0x1e && first !== 0xef && first !== 0x64) return line
  return line.replace(/^(?:\0+|\x1e|\xef\xbb\xbf|data: (?=\{))+/, '')
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
