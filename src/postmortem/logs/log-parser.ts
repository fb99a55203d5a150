// LogParser: one log through its files, lines to messages, messages to records, records to kills and events.

import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import { QUOTED_OOM_LINE } from '../../collectors/kmsg/memory-lines.ts'
import { parseProgramLine } from '../../collectors/kmsg/program-failures.ts'
import { parseProgramKill } from '../../collectors/kmsg/program-kills.ts'
import { BootTracker } from './boot-tracker.ts'
import type { ReportedKill } from './kubectl-describe.ts'
import type { LineSink } from './line-finder.ts'
import { LineParser } from './line-parser.ts'
import type { LogContents, LogLocation } from './log-contents.ts'
import type { LogLine } from './log-line.ts'
import { LogResults } from './log-results.ts'
import type { TextLayout } from './loose-prefix.ts'
import { RelayedReports } from './relayed-reports.ts'
import { SlowReport } from './slow-report.ts'
import { UnreadLines, type UnreadSummary } from './unread-lines.ts'
import { isKnownLine } from './wrapped-text.ts'

const FIRST_LINES = 1000 // a report may have begun before the log
const ATTENTIVE_LINES = 20_000 // lines after the last one of interest

/** Takes the lines of a log's files, in order. Memory is bounded whatever the log's length. */
export class LogParser implements LineSink {
  /** format -> lines that had it, of those that were read */
  formats = new Map<string, number>()
  /** lines that speak of OOM kills in another's name: never the kernel's word */
  untrustedLines = 0
  private readonly files: string[] = []
  private readonly boots = new BootTracker()
  private readonly results = new LogResults(this.boots)
  private readonly relayed = new RelayedReports()
  private readonly slow = new SlowReport()
  private readonly parser = new LineParser()
  private unread = new UnreadLines()
  private messageCount = 0 // a number for each record, without gaps
  private lineNumber = 0
  private attentiveUntil = FIRST_LINES
  private time = 0
  private hasTime = false

  get needsEveryLine(): boolean {
    if (this.lineNumber < FIRST_LINES || this.parser.needsNextLine) return true
    const { reports, recordsWaited } = this.results.state
    const isOpen = reports.length > 0 || recordsWaited !== null || this.relayed.isOpen
    return isOpen && this.lineNumber < this.attentiveUntil
  }

  /** A message of several lines is being read: what looks like another text is a part of it. */
  get isInMessage(): boolean {
    return this.parser.isInMultiline
  }

  /** A report of the kernel is open: a line such as `anon 4096` may be of it. */
  get isInReport(): boolean {
    return this.results.state.reports.length > 0 || this.relayed.isOpen
  }

  /** Something about memory trouble was found, or may be still. */
  get hasContents(): boolean {
    return this.results.hasContents || this.untrustedLines + this.unread.summary.count > 0
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
    this.untrustedLines = 0
    this.unread = new UnreadLines()
  }

  consumeLine(bytes: string, number: number): void {
    for (const line of this.parser.parseLine(bytes, number)) this.applyMessage(line, number)
    this.lineNumber = number
  }

  /** What comes next is no continuation of the last line: another text stood between them. */
  interrupt(): void {
    this.finishText()
    this.parser.startText()
  }

  /** Adds what a program reports in a text that is no log. */
  addProgramKill({ event, text, wall }: ReportedKill, number: number): void {
    this.messageCount++
    const record = {
      sequence: this.messageCount,
      unnumbered: true,
      time: this.time,
      level: 6,
      facility: 3,
      text,
    } as const
    this.results.addEvent(event, record, { ...this.createPlace({ wall }), line: number, bootSeconds: null })
  }

  finishText(): void {
    for (const line of this.parser.finishFile()) this.applyMessage(line, this.lineNumber)
  }

  /** The last line of a file: it says how far the log goes. */
  readLastLine(bytes: string): void {
    for (const line of [...this.parser.parseLine(bytes, 0), ...this.parser.finishFile()]) this.boots.processLine(line)
  }

  /** No more files. */
  finishLog(): LogContents {
    this.releaseSlow(this.slow.finish())
    this.results.closeBoot(this.boots.current)
    const { kills, events, omitted, state } = this.results
    const relayed = this.relayed.finish()
    return { files: this.files, boots: this.boots.all, kills, events, omitted, suppressed: state.suppressed, relayed }
  }

  private applyMessage(line: LogLine, number: number): void {
    this.lineNumber = line.lineNumber ?? number
    this.formats.set(line.format, (this.formats.get(line.format) ?? 0) + 1)
    if (!line.amends && this.boots.processLine(line)) {
      this.releaseSlow(this.slow.finish())
      this.results.closeBoot(this.boots.current - 1)
    }
    this.updateTime(line)
    if (!line.amends) this.messageCount++
    const record = this.toRecord(line)
    const place = this.createPlace(line)
    const isUsed = line.amends ? this.amendRecord(record, place) : this.consumeRecord(record, place)
    if (isUsed) this.attentiveUntil = this.lineNumber + ATTENTIVE_LINES
    this.checkUntrusted(line, record, place)
    this.unread.add(line.text, place.file, place.line)
  }

  private consumeRecord(record: KernelRecord, place: LogLocation): boolean {
    const taken = this.slow.add(record, place, this.results.state)
    return taken === undefined ? true : this.releaseSlow(taken)
  }

  private amendRecord(record: KernelRecord, place: LogLocation): boolean {
    const amended = this.slow.amend(record, place)
    return amended === undefined || this.results.amend(amended, place)
  }

  private releaseSlow(records: ReturnType<SlowReport['finish']>): boolean {
    return records.map(({ record, place }) => this.results.consume(record, place)).includes(true)
  }

  // What a program says is not the kernel's word, but it is shown.
  private checkUntrusted(line: LogLine, record: KernelRecord, place: LogLocation): void {
    const isQuoted = line.facility === 0 && JSON_TEXT.test(line.text)
    if (line.facility === 0 && !isQuoted) return
    if (QUOTED_OOM_LINE.test(line.text)) this.untrustedLines++
    if (!isQuoted) this.relayed.addLine(line, record, place)
  }

  private updateTime({ boot, wall, amends }: LogLine): void {
    if (amends) return
    if (boot !== null) this.time = boot * 1000
    else if (wall !== null && !this.boots.hasKernelClock) this.time = wall
    if (this.hasTime || (boot === null && wall === null)) return
    this.hasTime = true
    this.results.setFirstTime(this.time)
  }

  private createPlace({ wall }: Pick<LogLine, 'wall'>): LogLocation {
    const bootSeconds = this.boots.hasKernelClock ? this.time / 1000 : null
    return { file: this.files.at(-1) ?? '', line: this.lineNumber, boot: this.boots.current, wall, bootSeconds }
  }

  private toRecord({ sequence, facility, level, text, caller, program, format }: LogLine): KernelRecord {
    // without a prefix nothing says who speaks: the words do
    const mayBeProgram = format === 'plain' || OTHER_KERNEL.test(text)
    const isProgram = mayBeProgram && facility === 0 && !isKnownLine(text) && isProgramWord(text)
    return {
      sequence: sequence ?? this.messageCount,
      ...(sequence === null ? { unnumbered: true } : {}),
      time: this.time,
      level: level ?? 6,
      facility: isProgram ? 3 : facility,
      text,
      ...(caller === undefined ? {} : { caller }),
      ...(program === null ? {} : { program }),
    }
  }
}

/** True for what a program writes that killed, saw a kill, or got no memory. */
export const isProgramWord = (text: string): boolean =>
  parseProgramKill(text) !== undefined || parseProgramLine(text) !== undefined

// Android's killer, oomd and the kernel of FreeBSD use the kernel's tag.
const OTHER_KERNEL = /^(?:(?:lowmemorykiller|oomd kill): |pid \d+ \()/

const JSON_TEXT = /^\s*(?:(?:\[\s*)?\{|"[\w@.]+" ?:)/ // of a form that is not known
