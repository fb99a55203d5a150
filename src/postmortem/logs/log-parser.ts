// LogParser: one log through its files, lines to messages, and each message to the machine that wrote it.

import { HostLogs } from './host-logs.ts'
import type { LineSink } from './lines/line-finder.ts'
import { LineParser } from './lines/line-parser.ts'
import type { LogLine } from './lines/log-line.ts'
import type { TextLayout } from './lines/loose-prefix.ts'
import type { LogContents } from './log-contents.ts'
import type { ReportedKill } from './pieces/kubectl-describe.ts'
import { UnreadLines, type UnreadSummary } from './unread-lines.ts'

const FIRST_LINES = 1000 // a report may have begun before the log
const ATTENTIVE_LINES = 20_000 // lines after the last one of interest

/** Takes the lines of a log's files, in order. Memory is bounded whatever the log's length. */
export class LogParser implements LineSink {
  /** format -> lines that had it, of those that were read */
  formats = new Map<string, number>()
  private readonly files: string[] = []
  private readonly hosts = new HostLogs()
  private readonly parser = new LineParser()
  private unread = new UnreadLines()
  private untrustedBefore = 0
  private lineNumber = 0
  private attentiveUntil = FIRST_LINES

  get needsEveryLine(): boolean {
    if (this.lineNumber < FIRST_LINES || this.parser.needsNextLine) return true
    return this.lineNumber < this.attentiveUntil && this.hosts.isWaiting
  }

  /** A message of several lines is being read: what looks like another text is a part of it. */
  get isInMessage(): boolean {
    return this.parser.isInMultiline
  }

  /** A report of the kernel is open: a line such as `anon 4096` may be of it. */
  get isInReport(): boolean {
    return this.hosts.current.isReportOpen
  }

  /** Something about memory trouble was found, or may be still. */
  get hasContents(): boolean {
    return this.hosts.hasContents || this.untrustedLines + this.unread.summary.count > 0
  }

  /** Lines of this file that speak of OOM kills in another's name: never the kernel's word. */
  get untrustedLines(): number {
    return this.hosts.untrustedLines - this.untrustedBefore
  }

  /** Lines of this file that look like memory trouble and could not be read. */
  get unreadLines(): UnreadSummary {
    return this.unread.summary
  }

  /**
   * Begins the next file of the log.
   * @param year of its stamps without one
   */
  startFile(file: string, year: number, layout?: TextLayout): void {
    this.files.push(file)
    this.lineNumber = 0
    this.parser.startFile(year, layout)
    this.formats = new Map()
    this.untrustedBefore = this.hosts.untrustedLines
    this.unread = new UnreadLines()
  }

  consumeLine(bytes: string, number: number): void {
    for (const line of this.parser.parseLine(bytes, number)) this.applyMessage(line, number)
    this.lineNumber = number
  }

  /** The next line does not continue the last one: another text was between them. */
  interrupt(): void {
    this.finishText()
    this.parser.startText()
  }

  /** Adds what a program reports in a text that is no log. */
  addProgramKill(kill: ReportedKill, number: number): void {
    this.hosts.current.addProgramKill(kill, { file: this.files.at(-1) ?? '', line: number })
  }

  finishText(): void {
    for (const line of this.parser.finishFile()) this.applyMessage(line, this.lineNumber)
  }

  /** The last line of a file: it says how far the log goes. */
  readLastLine(bytes: string): void {
    for (const line of [...this.parser.parseLine(bytes, 0), ...this.parser.finishFile()])
      this.hosts.select(line).boots.processLine(line)
  }

  /** No more files. Returns the contents for each machine in the log. */
  finishLog(): readonly LogContents[] {
    return this.hosts.finish(this.files)
  }

  private applyMessage(line: LogLine, number: number): void {
    this.lineNumber = line.lineNumber ?? number
    this.formats.set(line.format, (this.formats.get(line.format) ?? 0) + 1)
    const at = { file: this.files.at(-1) ?? '', line: this.lineNumber }
    const isUsed = this.hosts.applyMessage(line, at)
    if (isUsed) this.attentiveUntil = this.lineNumber + ATTENTIVE_LINES
    this.unread.add(line.text, at.file, at.line)
  }
}
