// Reads the event files of cgroups when they are due: after a notice, after a sign of a kill, or in turn.
import type { Host } from '../collector.ts'
import type { CgroupFileReader, FileTexts } from './cgroup-file-reader.ts'
import { type CgroupFiles, extractOomLines } from './cgroup-files.ts'
import { EventSchedule, isKillAnnounced, type ReadTurn } from './event-schedule.ts'
import { EventWatches } from './event-watches.ts'
import type { HotSet } from './hot-set.ts'
import type { MemoryMount } from './mounts.ts'

/** What a sample is about. */
export interface EventSample {
  readonly paths: readonly string[]
  readonly hot: ReadonlySet<string>
  readonly time: number
  readonly urgent: boolean
  readonly turn: ReadTurn
}

/** Reads memory.events or memory.oom_control. */
export class EventReader {
  private readonly reader: CgroupFileReader
  private readonly hotSet: HotSet
  private readonly file: string
  private readonly watches: EventWatches
  private readonly schedule: EventSchedule

  constructor(
    host: Host,
    { version, path }: MemoryMount,
    files: CgroupFiles,
    { reader, hotSet, once }: { reader: CgroupFileReader; hotSet: HotSet; once: boolean },
  ) {
    this.reader = reader
    this.hotSet = hotSet
    this.file = files.events
    const isWatchable = version === 2 && !once && host.notices?.isCgroupTree(path) === true
    this.watches = new EventWatches(isWatchable ? host.notices : undefined, files.events)
    this.schedule = new EventSchedule(isKillAnnounced(host, version), this.watches)
  }

  /** Watches the events of a new cgroup, which is read after this. */
  add(path: string): void {
    this.watches.add(path)
  }

  forget(path: string): void {
    this.watches.remove(path)
    this.schedule.forget(path)
  }

  /** Reads what is due, and returns the cgroups in which an OOM event happened since they were last read. */
  readDue(texts: FileTexts, sample: EventSample): readonly string[] {
    this.watches.dropMissing(sample.time)
    const { paths, time, urgent, turn } = sample
    const due = this.schedule.selectDue(paths, time, urgent, turn)
    return [...new Set([...this.selectHot(sample.hot), ...due])].filter(path => this.read(texts, path, time))
  }

  /** Returns the cgroups that `readDue` would read, and changes nothing. */
  listExpected({ paths, hot, time, urgent, turn }: EventSample): readonly string[] {
    return [...this.selectHot(hot), ...this.schedule.peekDue(paths, time, urgent, turn)]
  }

  /** Reads the events of a cgroup, and returns whether an OOM event happened since they were last read. */
  read(texts: FileTexts, path: string, time: number): boolean {
    const text = this.reader.read(texts, path, this.file)
    if (text === undefined) return false
    this.schedule.updateEvents(path, text)
    const hasChanged = this.hotSet.updateEvents(path, extractOomLines(text), time)
    this.watches.markRead(path, time, hasChanged)
    return hasChanged
  }

  private selectHot(hot: ReadonlySet<string>): readonly string[] {
    return this.watches.listUnwatched([...hot])
  }
}
