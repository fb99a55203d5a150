// LogResults: records of one log in, its kills and events out, each with its place and its boot. Memory is bounded.

import { copyDeep } from '../../base/copy.ts'
import { consumeRecord, emptyOomState } from '../../collectors/kmsg/consume-record.ts'
import { appendEvent, findWaitingEvent } from '../../collectors/kmsg/event-assembler.ts'
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import type { EventDetails, MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { OomState } from '../../collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { isRowOf } from '../../collectors/kmsg/oom/oom-tasks.ts'
import type { BootTracker } from './boot-tracker.ts'
import type { LocatedEvent, LocatedKill, LogLocation, RepeatedKill } from './log-contents.ts'
import { ResultLocations } from './result-locations.ts'

const MAX_KEPT = 10_000
const MAX_OMITTED = 1000 // names and reasons
const OPEN_KILLS = 20 // oom_reaper may still confirm these
const TRIM_AFTER_KILLS = 200
const KEPT_TASK_ROWS = 5

/** Numbers of kills and events that are kept so far. */
export interface KeptCounts {
  kills: number
  events: number
}

/** Collects what the records of a log say. */
export class LogResults {
  readonly kills: LocatedKill[] = []
  readonly events: LocatedEvent[] = []
  /** kills and events beyond what is kept in full */
  readonly omitted = { kills: 0, events: 0 }
  readonly omittedKills = new Map<string, RepeatedKill>()
  state: OomState = emptyOomState
  /** before the last record; undefined when a part of it is given out already */
  private previous: OomState | undefined
  private readonly locations = new ResultLocations()
  private readonly boots: BootTracker
  private readonly kept: KeptCounts

  constructor(boots: BootTracker, kept: KeptCounts) {
    this.boots = boots
    this.kept = kept
  }

  /** Something about memory trouble was found, or may be still. */
  get hasContents(): boolean {
    const { oomKills, events, reports } = this.state
    return oomKills.length + events.length + reports.length + this.kills.length + this.events.length > 0
  }

  /** Takes a record. Returns whether it changed anything. */
  consume(record: KernelRecord, place: LogLocation): boolean {
    this.previous = this.state
    return this.apply(record, place)
  }

  /** Takes a record that replaces the last one: that was only its first line. */
  amend(record: KernelRecord, place: LogLocation): boolean {
    if (this.previous === undefined) return false
    this.state = this.previous
    return this.apply(record, place)
  }

  /** Adds an event that is known already. */
  addEvent(details: EventDetails, record: KernelRecord, place: LogLocation): void {
    const before = this.state
    this.state = appendEvent(before, details, record)
    if (record.sequence !== undefined) this.locations.addMessage(record.sequence, place)
    this.addLocations(before, place.boot)
  }

  /** The lines so far had no stamp: the open reports are of the time of the first line that has one. */
  setFirstTime(time: number): void {
    const reports = this.state.reports.map(report => ({ ...report, startedAt: time, lastLineAt: time }))
    this.state = { ...this.state, reports }
  }

  /** Gives out everything that is open: the boot is over. */
  closeBoot(boot: number): void {
    const before = this.state
    this.state = closeReports(before)
    this.addLocations(before, boot)
    this.flush(0)
  }

  private apply(record: KernelRecord, place: LogLocation): boolean {
    const before = this.state
    this.state = consumeRecord(before, record)
    if (this.state === before) return false
    if (record.sequence !== undefined) this.locations.addMessage(record.sequence, place)
    this.addLocations(before, place.boot)
    const { oomKills, events, reports } = this.state
    const isNew = oomKills !== before.oomKills || events !== before.events
    if (isNew && (reports.length === 0 || oomKills.length > 2 * OPEN_KILLS)) this.flush(OPEN_KILLS)
    return true
  }

  private addLocations(before: OomState, boot: number): void {
    const { oomKills, events } = this.state
    for (const item of [...findAdded(before.oomKills, oomKills), ...findAdded(before.events, events)])
      this.locations.addResult(item, this.boots, boot)
  }

  // Gives out what nothing can be added to any more.
  private flush(keep: number): void {
    const { oomKills, events, reports, recordsWaited } = this.state
    const open = reports.filter(({ victim }) => victim !== null).length
    const kills = oomKills.slice(0, Math.max(0, oomKills.length - Math.max(keep, open)))
    const done = events.slice(0, recordsWaited === null ? events.length : Math.max(0, findWaitingEvent(events)))
    for (const kill of kills)
      this.addResult('kills', { kill: trimTasks(kill, this.kills.length), location: this.getLocation(kill) })
    for (const event of done) this.addResult('events', { event, location: this.getLocation(event) })
    if (kills.length + done.length === 0) return
    this.previous = undefined
    this.state = { ...this.state, oomKills: oomKills.slice(kills.length), events: events.slice(done.length) }
    const left = [...this.state.oomKills, ...this.state.events].map(({ sequence }) => sequence ?? -1)
    this.locations.keepOnly(new Set(left), reports.length > 0)
  }

  private addResult(what: 'kills' | 'events', item: LocatedKill | LocatedEvent): void {
    const list: (LocatedKill | LocatedEvent)[] = this[what]
    // a copy: words cut out of a piece of the file would keep all of it in memory
    if (this.kept[what] >= MAX_KEPT) {
      this.omitted[what]++
      if ('kill' in item) this.countOmitted(item)
      return
    }
    this.kept[what]++
    list.push(copyDeep(item))
  }

  private countOmitted({ kill, location }: LocatedKill): void {
    const key = [location.boot, kill.victim.comm, kill.oomMemcg ?? kill.taskMemcg, kill.global].join(' ')
    const known = this.omittedKills.get(key)
    if (known) this.omittedKills.set(key, { ...known, count: known.count + 1, last: location })
    else if (this.omittedKills.size < MAX_OMITTED)
      this.omittedKills.set(key, { kill: copyDeep({ ...kill, tasks: [] }), location, count: 1, last: location })
  }

  private getLocation({ sequence }: OomKill | MemoryEvent): LogLocation {
    const nowhere = { file: '', line: 0, boot: this.boots.current, wall: null, bootSeconds: null }
    return this.locations.get(sequence) ?? nowhere
  }
}

function findAdded<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return now === before ? [] : now.filter(one => !before.includes(one))
}

// Of many kills only the largest tasks of each: the report needs no more, and memory is bounded.
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
