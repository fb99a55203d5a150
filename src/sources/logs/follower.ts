// Follows one log through its files: lines to records, records to kills and events, each with its place and its boot.
import { consumeRecord, emptyOomState } from '../../collectors/kmsg/follow.ts'
import type { MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { OomState } from '../../collectors/kmsg/oom.ts'
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import { isRowOf } from '../../collectors/kmsg/oom-tasks.ts'
import type { KernelRecord } from '../../collectors/kmsg/record.ts'
import { BootKeeper } from './boots.ts'
import type { LogLine } from './line.ts'
import type { LineSink } from './lines.ts'
import { LineParser } from './parser.ts'
import type { LogTale, Place, ToldEvent, ToldKill } from './tale.ts'

const MOST_KEPT = 10_000
const KEPT_OPEN = 20 // oom_reaper may still confirm these
const MANY = 200
const ROWS_OF_MANY = 5
const FIRST_LINES = 1000 // a report may have begun before the log
const MOST_ATTENTIVE = 20_000 // lines after the last one of interest

/** Takes the lines of a log's files, in order. Memory is bounded whatever the log's length. */
export class LogFollower implements LineSink {
  /** format -> lines that had it, of those that were looked at */
  formats = new Map<string, number>()
  /** lines that speak of OOM kills in another's name: never the kernel's word */
  hearsay = 0
  private state: OomState = emptyOomState
  /** before the last message; undefined when some of it is told already */
  private previous: OomState | undefined
  private readonly places = new Map<number, Place>()
  private readonly boots = new BootKeeper()
  private readonly parser = new LineParser()
  private readonly tale = { files: [] as string[], kills: [] as ToldKill[], events: [] as ToldEvent[] }
  private readonly more = { kills: 0, events: 0 }
  private messages = 0 // a number for each that is followed, without gaps
  private number = 0
  private quietFrom = FIRST_LINES
  private time = 0
  private wall: number | null = null
  private isNumbered = false

  get attentive(): boolean {
    if (this.number < FIRST_LINES || this.parser.attentive) return true
    return (this.state.reports.length > 0 || this.state.recordsWaited !== null) && this.number < this.quietFrom
  }

  /** The next file of the log begins. @param year of its stamps without one */
  begin(file: string, year: number): void {
    this.tale.files.push(file)
    this.number = 0
    this.parser.begin(year)
    this.formats = new Map()
    this.hearsay = 0
  }

  take(bytes: string, number: number): void {
    this.number = number
    for (const line of this.parser.lines(bytes, number)) this.takeMessage(line, bytes)
  }

  takeMessage(line: LogLine, bytes: string): void {
    this.formats.set(line.format, (this.formats.get(line.format) ?? 0) + 1)
    const { oomKills } = this.state
    if (line.amends) this.amend(line)
    else this.next(line, bytes)
    const isUntold = line.facility !== 0 || (JSON_TEXT.test(line.text) && this.state.oomKills === oomKills)
    if (isUntold && HEARSAY.test(line.text)) this.hearsay++
  }

  private next(line: LogLine, bytes: string): void {
    if (this.boots.see(line, bytes)) this.settle(0, this.boots.current - 1)
    if (line.boot !== null) this.time = line.boot * 1000
    else if (line.wall !== null && !this.boots.hasKernelClock) this.time = line.wall
    this.wall = line.wall ?? this.wall
    this.isNumbered = line.sequence !== null
    this.messages++
    this.previous = this.state
    this.follow(line)
  }

  // The message before was only the first line of this one: it is as if it had not been.
  private amend(line: LogLine): void {
    if (this.previous === undefined) return
    this.state = this.previous
    this.follow(line)
  }

  private follow(line: LogLine): void {
    const before = this.state
    this.state = consumeRecord(before, this.recordOf(line))
    if (this.state === before) return
    this.remember(before)
    if (this.state.reports.length > before.reports.length) this.quietFrom = this.number + MOST_ATTENTIVE
    if (this.state.oomKills !== before.oomKills || this.state.events !== before.events) {
      this.quietFrom = this.number + MOST_ATTENTIVE
      if (this.state.reports.length === 0 || this.state.oomKills.length > 2 * KEPT_OPEN) this.settle(KEPT_OPEN)
    }
  }

  end(): void {
    for (const line of this.parser.end()) this.takeMessage(line, '')
  }

  /** The last line of a file: it says how far the log goes. */
  last(bytes: string): void {
    for (const line of this.parser.lines(bytes, 0)) this.boots.see(line, bytes)
  }

  /** No more files. */
  told(): LogTale {
    this.settle(0)
    return { ...this.tale, boots: this.boots.all, more: this.more, suppressed: this.state.suppressed }
  }

  private recordOf({ sequence, facility, level, text, caller, program }: LogLine): KernelRecord {
    return {
      sequence: sequence ?? this.messages,
      ...(sequence === null ? { unnumbered: true } : {}),
      time: this.time,
      level: level ?? 6,
      facility,
      text,
      ...(caller === undefined ? {} : { caller }),
      ...(program === null ? {} : { program }),
    }
  }

  private remember(before: OomState, boot = this.boots.current): void {
    const now = this.state
    for (const told of [...added(before.oomKills, now.oomKills), ...added(before.events, now.events)]) {
      const key = told.sequence ?? -1
      if (!this.places.has(key)) this.places.set(key, this.placeAt(told, boot))
    }
  }

  private placeAt({ time, sequence }: OomKill | MemoryEvent, boot: number): Place {
    const bootSeconds = this.boots.hasKernelClock ? time / 1000 : null
    const line = sequence === null || this.isNumbered ? this.number : this.number - (this.messages - sequence)
    return {
      file: this.tale.files.at(-1) ?? '',
      line: Math.max(1, line),
      boot,
      wall: bootSeconds === null ? this.wall : this.boots.wallAt(bootSeconds),
      bootSeconds,
    }
  }

  // What nothing can be added to any more goes into the tale. With 0, at the end of a boot, that is everything.
  private settle(keep: number, boot = this.boots.current): void {
    if (keep === 0) this.close(boot)
    const { oomKills, events, reports } = this.state
    const open = reports.filter(({ victim }) => victim !== null).length
    const kills = oomKills.slice(0, Math.max(0, oomKills.length - Math.max(keep, open)))
    const done = events.slice(0, this.state.recordsWaited === null ? events.length : -1)
    for (const kill of kills)
      this.keep('kills', { kill: slim(kill, this.tale.kills.length), place: this.placeOf(kill) })
    for (const event of done) this.keep('events', { event, place: this.placeOf(event) })
    if (kills.length + done.length === 0) return
    this.previous = undefined
    this.state = { ...this.state, oomKills: oomKills.slice(kills.length), events: events.slice(done.length) }
    const left = new Set([...this.state.oomKills, ...this.state.events].map(({ sequence }) => sequence ?? -1))
    for (const key of this.places.keys()) if (!left.has(key)) this.places.delete(key)
  }

  private close(boot: number): void {
    const before = this.state
    this.state = closed(before)
    this.remember(before, boot)
  }

  private keep(what: 'kills' | 'events', told: ToldKill | ToldEvent): void {
    const list: (ToldKill | ToldEvent)[] = this.tale[what]
    // a copy: words cut out of a piece of the file would keep all of it in memory
    if (list.length < MOST_KEPT) list.push(structuredClone(told))
    else this.more[what]++
  }

  private placeOf({ sequence }: OomKill | MemoryEvent): Place {
    const nowhere = { file: '', line: 0, boot: this.boots.current, wall: null, bootSeconds: null }
    return this.places.get(sequence ?? -1) ?? nowhere
  }
}

const JSON_TEXT = /^\s*(?:\[?\s*\{|"[\w@.]+" ?:)/ // of a form that is not known
const HEARSAY = /invoked oom-killer: gfp_mask|Killed process \d+ \(.* total-vm:/

function added<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return now === before ? [] : now.filter(one => !before.includes(one))
}

// Of many kills only the largest tasks of each: the story needs no more, and memory is bounded.
function slim(kill: OomKill, before: number): OomKill {
  if (before < MANY || kill.tasks.length <= ROWS_OF_MANY) return kill
  const rss = (task: OomKill['tasks'][number]): number => task.columns.rss ?? 0
  const largest = new Set([...kill.tasks].sort((a, b) => rss(b) - rss(a)).slice(0, ROWS_OF_MANY))
  return { ...kill, tasks: kill.tasks.filter(task => largest.has(task) || isRowOf(task, kill.victim.pid)) }
}

// A record from far later ends what is open.
function closed(state: OomState): OomState {
  const later = { time: Number.MAX_SAFE_INTEGER, level: 6, facility: 0, text: '', unnumbered: true } as const
  return { ...consumeRecord(state, later), recordsWaited: null, reports: [] }
}
