// HostLog: what one machine says in a log. A central log server writes the lines of many machines between each other.
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import { QUOTED_OOM_LINE } from '../../collectors/kmsg/memory-lines.ts'
import { BootTracker } from './boot-tracker.ts'
import type { LogLine } from './lines/log-line.ts'
import type { LogContents, LogLocation } from './log-contents.ts'
import { type KeptCounts, LogResults } from './log-results.ts'
import type { ReportedKill } from './pieces/kubectl-describe.ts'
import { isProgramWord } from './program-words.ts'
import { RelayedReports } from './relayed-reports.ts'
import { SlowReport } from './slow-report.ts'
import { isKnownLine } from './text/wrapped-text.ts'

/** A line of a file. */
export interface FileLine {
  readonly file: string
  readonly line: number
}

/** Turns the messages of one machine into records, and these into kills and events. */
export class HostLog {
  readonly boots = new BootTracker()
  /** lines that speak of OOM kills in another's name */
  untrustedLines = 0
  private readonly results: LogResults
  private readonly relayed = new RelayedReports()
  private readonly slow = new SlowReport()
  private messageCount = 0 // a number for each record, without gaps
  private time = 0
  private hasTime = false

  /** @param kept results so far of all machines in the log */
  constructor(kept: KeptCounts) {
    this.results = new LogResults(this.boots, kept)
  }

  get isReportOpen(): boolean {
    return this.results.state.reports.length > 0 || this.relayed.isOpen
  }

  get isWaiting(): boolean {
    return this.isReportOpen || this.results.state.recordsWaited !== null
  }

  get hasContents(): boolean {
    return this.results.hasContents
  }

  /** Takes a message. Returns whether it was used. */
  applyMessage(line: LogLine, at: FileLine): boolean {
    if (!line.amends && this.boots.processLine(line)) {
      this.releaseSlow(this.slow.finish())
      this.results.closeBoot(this.boots.current - 1)
    }
    this.updateTime(line)
    if (!line.amends) this.messageCount++
    const record = this.toRecord(line)
    const place = this.createPlace(line, at)
    const isUsed = line.amends ? this.amendRecord(record, place) : this.consumeRecord(record, place)
    this.checkUntrusted(line, record, place)
    return isUsed
  }

  /** Adds what a program reports in a text that is no log. */
  addProgramKill({ event, text, wall }: ReportedKill, at: FileLine): void {
    this.messageCount++
    const record = {
      sequence: this.messageCount,
      unnumbered: true,
      time: this.time,
      level: 6,
      facility: 3,
      text,
    } as const
    this.results.addEvent(event, record, { ...this.createPlace({ wall }, at), bootSeconds: null })
  }

  /** Ends what is open: the next line comes from another machine. */
  endReports(): void {
    this.releaseSlow(this.slow.finish())
    this.results.closeBoot(this.boots.current)
  }

  /** No more lines. @param files of the whole log */
  finish(files: readonly string[]): LogContents {
    this.endReports()
    const { kills, events, omitted, omittedKills, state } = this.results
    const relayed = this.relayed.finish()
    return {
      files,
      boots: this.boots.all,
      kills,
      events,
      omitted,
      omittedKills: [...omittedKills.values()],
      suppressed: state.suppressed,
      relayed,
    }
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

  // Messages of programs are not the kernel's word, but they are shown.
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

  private createPlace({ wall }: Pick<LogLine, 'wall'>, { file, line }: FileLine): LogLocation {
    const bootSeconds = this.boots.hasKernelClock ? this.time / 1000 : null
    return { file, line, boot: this.boots.current, wall, bootSeconds }
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
      text: text.includes('\t') ? text.replaceAll('\t', ' ') : text, // an editor put them in
      ...(caller === undefined ? {} : { caller }),
      ...(program === null ? {} : { program }),
    }
  }
}

// Android's killer, oomd and the kernels of FreeBSD, NetBSD and macOS use the kernel's tag.
const OTHER_KERNEL = /^(?:(?:lowmemorykiller|oomd kill|UVM|low swap|memorystatus): |pid \d+ \()/

const JSON_TEXT = /^\s*(?:(?:\[\s*)?\{|"[\w@.]+" ?:)/ // of a form that is not known
