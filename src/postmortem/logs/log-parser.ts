// Follows one log through its files: lines to records, records to kills and events, each with its place and its boot.

import { consumeRecord, emptyOomState } from '../../collectors/kmsg/consume-record.ts'
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import type { MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import { QUOTED_OOM_LINE } from '../../collectors/kmsg/memory-lines.ts'
import type { OomState } from '../../collectors/kmsg/oom-assembler.ts'
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import { isRowOf } from '../../collectors/kmsg/oom-tasks.ts'
import { BootTracker } from './boot-tracker.ts'
import type { LineSink } from './line-finder.ts'
import { LineParser } from './line-parser.ts'
import type { LocatedEvent, LocatedKill, LogContents, LogLocation } from './log-contents.ts'
import type { LogLine } from './log-line.ts'

const MAX_KEPT = 10_000
const OPEN_KILLS = 20 // oom_reaper may still confirm these
const TRIM_AFTER_KILLS = 200
const KEPT_TASK_ROWS = 5
const FIRST_LINES = 1000 // a report may have begun before the log
const ATTENTIVE_LINES = 20_000 // lines after the last one of interest

/** Takes the lines of a log's files, in order. Memory is bounded whatever the log's length. */
export class LogParser implements LineSink {
  /** format -> lines that had it, of those that were looked at */
  formats = new Map<string, number>()
  /** lines that speak of OOM kills in another's name: never the kernel's word */
  untrustedLines = 0
  private state: OomState = emptyOomState
  /** before the last message; undefined when some of it is told already */
  private previous: OomState | undefined
  private readonly locations = new Map<number, LogLocation>()
  private readonly boots = new BootTracker()
  private readonly parser = new LineParser()
  private readonly contents = { files: [] as string[], kills: [] as LocatedKill[], events: [] as LocatedEvent[] }
  private readonly omitted = { kills: 0, events: 0 }
  private messageCount = 0 // a number for each that is followed, without gaps
  private lineNumber = 0
  private attentiveUntil = FIRST_LINES
  private time = 0
  private wall: number | null = null
  private isNumbered = false

  get needsEveryLine(): boolean {
    if (this.lineNumber < FIRST_LINES || this.parser.needsNextLine) return true
    return (this.state.reports.length > 0 || this.state.recordsWaited !== null) && this.lineNumber < this.attentiveUntil
  }

  /** The next file of the log begins. @param year of its stamps without one */
  startFile(file: string, year: number, hardWidth: number | null = null): void {
    this.contents.files.push(file)
    this.lineNumber = 0
    this.parser.startFile(year, hardWidth)
    this.formats = new Map()
    this.untrustedLines = 0
  }

  consumeLine(bytes: string, number: number): void {
    for (const line of this.parser.parseLine(bytes, number)) {
      this.lineNumber = line.lineNumber ?? number
      this.applyMessage(line)
    }
    this.lineNumber = number
  }

  applyMessage(line: LogLine): void {
    this.formats.set(line.format, (this.formats.get(line.format) ?? 0) + 1)
    const { oomKills } = this.state
    if (line.amends) this.amendMessage(line)
    else this.addMessage(line)
    const isUnparsed = line.facility !== 0 || (JSON_TEXT.test(line.text) && this.state.oomKills === oomKills)
    if (isUnparsed && QUOTED_OOM_LINE.test(line.text)) this.untrustedLines++
  }

  private addMessage(line: LogLine): void {
    if (this.boots.processLine(line)) this.flushCompleted(0, this.boots.current - 1)
    if (line.boot !== null) this.time = line.boot * 1000
    else if (line.wall !== null && !this.boots.hasKernelClock) this.time = line.wall
    this.wall = line.wall ?? this.wall
    this.isNumbered = line.sequence !== null
    this.messageCount++
    this.previous = this.state
    this.consumeMessage(line)
  }

  // The message before was only the first line of this one: it is as if it had not been.
  private amendMessage(line: LogLine): void {
    if (this.previous === undefined) return
    this.state = this.previous
    this.consumeMessage(line)
  }

  private consumeMessage(line: LogLine): void {
    const before = this.state
    this.state = consumeRecord(before, this.toRecord(line))
    if (this.state === before) return
    this.saveLocations(before)
    if (this.state.reports.length > before.reports.length) this.attentiveUntil = this.lineNumber + ATTENTIVE_LINES
    if (this.state.oomKills !== before.oomKills || this.state.events !== before.events) {
      this.attentiveUntil = this.lineNumber + ATTENTIVE_LINES
      if (this.state.reports.length === 0 || this.state.oomKills.length > 2 * OPEN_KILLS)
        this.flushCompleted(OPEN_KILLS)
    }
  }

  /** A message of several lines is being read: what looks like another text is a part of it. */
  get isInMessage(): boolean {
    return this.parser.isInMultiline
  }

  /** Something about memory trouble was found, or may be still. */
  get hasContents(): boolean {
    const { oomKills, events, reports } = this.state
    const { kills } = this.contents
    return oomKills.length + events.length + reports.length + kills.length + this.contents.events.length > 0
  }

  /** What comes next is no continuation of the last line: another text stood between them. */
  interrupt(): void {
    this.finishText()
    this.parser.startText()
  }

  finishText(): void {
    for (const line of this.parser.finishFile()) {
      this.lineNumber = line.lineNumber ?? this.lineNumber
      this.applyMessage(line)
    }
  }

  /** The last line of a file: it says how far the log goes. */
  readLastLine(bytes: string): void {
    for (const line of [...this.parser.parseLine(bytes, 0), ...this.parser.finishFile()]) this.boots.processLine(line)
  }

  /** No more files. */
  finishLog(): LogContents {
    this.flushCompleted(0)
    return { ...this.contents, boots: this.boots.all, omitted: this.omitted, suppressed: this.state.suppressed }
  }

  private toRecord({ sequence, facility, level, text, caller, program }: LogLine): KernelRecord {
    return {
      sequence: sequence ?? this.messageCount,
      ...(sequence === null ? { unnumbered: true } : {}),
      time: this.time,
      level: level ?? 6,
      facility,
      text,
      ...(caller === undefined ? {} : { caller }),
      ...(program === null ? {} : { program }),
    }
  }

  private saveLocations(before: OomState, boot = this.boots.current): void {
    const now = this.state
    for (const item of [...findAdded(before.oomKills, now.oomKills), ...findAdded(before.events, now.events)]) {
      const key = item.sequence ?? -1
      if (!this.locations.has(key)) this.locations.set(key, this.computeLocation(item, boot))
    }
  }

  private computeLocation({ time, sequence }: OomKill | MemoryEvent, boot: number): LogLocation {
    const bootSeconds = this.boots.hasKernelClock ? time / 1000 : null
    const line =
      sequence === null || this.isNumbered ? this.lineNumber : this.lineNumber - (this.messageCount - sequence)
    return {
      file: this.contents.files.at(-1) ?? '',
      line: Math.max(1, line),
      boot,
      wall: bootSeconds === null ? this.wall : this.boots.toWallClock(bootSeconds),
      bootSeconds,
    }
  }

  // What nothing can be added to any more goes into the tale. With 0, at the end of a boot, that is everything.
  private flushCompleted(keep: number, boot = this.boots.current): void {
    if (keep === 0) this.closeOpenReports(boot)
    const { oomKills, events, reports } = this.state
    const open = reports.filter(({ victim }) => victim !== null).length
    const kills = oomKills.slice(0, Math.max(0, oomKills.length - Math.max(keep, open)))
    const done = events.slice(0, this.state.recordsWaited === null ? events.length : -1)
    for (const kill of kills)
      this.addResult('kills', { kill: trimTasks(kill, this.contents.kills.length), location: this.getLocation(kill) })
    for (const event of done) this.addResult('events', { event, location: this.getLocation(event) })
    if (kills.length + done.length === 0) return
    this.previous = undefined
    this.state = { ...this.state, oomKills: oomKills.slice(kills.length), events: events.slice(done.length) }
    const left = new Set([...this.state.oomKills, ...this.state.events].map(({ sequence }) => sequence ?? -1))
    for (const key of this.locations.keys()) if (!left.has(key)) this.locations.delete(key)
  }

  private closeOpenReports(boot: number): void {
    const before = this.state
    this.state = closeReports(before)
    this.saveLocations(before, boot)
  }

  private addResult(what: 'kills' | 'events', item: LocatedKill | LocatedEvent): void {
    const list: (LocatedKill | LocatedEvent)[] = this.contents[what]
    // a copy: words cut out of a piece of the file would keep all of it in memory
    if (list.length < MAX_KEPT) list.push(structuredClone(item))
    else this.omitted[what]++
  }

  private getLocation({ sequence }: OomKill | MemoryEvent): LogLocation {
    const nowhere = { file: '', line: 0, boot: this.boots.current, wall: null, bootSeconds: null }
    return this.locations.get(sequence ?? -1) ?? nowhere
  }
}

const JSON_TEXT = /^\s*(?:\[?\s*\{|"[\w@.]+" ?:)/ // of a form that is not known

function findAdded<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return now === before ? [] : now.filter(one => !before.includes(one))
}

// Of many kills only the largest tasks of each: the story needs no more, and memory is bounded.
function trimTasks(kill: OomKill, before: number): OomKill {
  if (before < TRIM_AFTER_KILLS || kill.tasks.length <= KEPT_TASK_ROWS) return kill
  const getRss = (task: OomKill['tasks'][number]): number => task.columns.rss ?? 0
  const largest = new Set([...kill.tasks].sort((a, b) => getRss(b) - getRss(a)).slice(0, KEPT_TASK_ROWS))
  return { ...kill, tasks: kill.tasks.filter(task => largest.has(task) || isRowOf(task, kill.victim.pid)) }
}

// A record from far later ends what is open.
function closeReports(state: OomState): OomState {
  const later = { time: Number.MAX_SAFE_INTEGER, level: 6, facility: 0, text: '', unnumbered: true } as const
  return { ...consumeRecord(state, later), recordsWaited: null, reports: [] }
}
