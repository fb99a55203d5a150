// Watches on memory.events of v2: the kernel announces each change of it by inotify (kernfs_notify), so it need not be read until then.
import type { Host } from '../collector.ts'

/** Each watch keeps an inode in the kernel, about 1 KB. */
const MAX_WATCHES = 1000
/** Milliseconds in which the notice of an event comes that was found by reading. */
const MAX_NOTICE_DELAY = 5000

/** Watched events files by the path of their cgroup, and which of them changed. */
export class EventWatches {
  private readonly notices: Host['notices']
  private readonly file: string
  private readonly stops = new Map<string, () => void>()
  private readonly changed = new Set<string>()
  /** events that were found by reading before their notice came, and when */
  private readonly unannounced = new Map<string, number>()

  /** @param notices undefined: changes are not announced */
  constructor(notices: Host['notices'], file: string) {
    this.notices = notices
    this.file = file
  }

  /** Watches the events of a cgroup. They are to be read once after this: what happened before is not announced. */
  add(path: string): void {
    if (!this.notices || this.stops.has(path) || this.stops.size >= MAX_WATCHES) return
    const stop = this.notices.watchFile(`${path}/${this.file}`, {
      onChange: () => {
        this.changed.add(path)
        this.unannounced.delete(path)
      },
      onEnd: () => this.remove(path),
    })
    if (stop) this.stops.set(path, stop)
  }

  remove(path: string): void {
    this.stops.get(path)?.()
    for (const paths of [this.stops, this.changed, this.unannounced]) paths.delete(path)
  }

  has(path: string): boolean {
    return this.stops.has(path)
  }

  /** Returns the cgroups whose events changed since they were read last. */
  listChanged(): readonly string[] {
    return [...this.changed]
  }

  /** Returns the paths without a watch. */
  listUnwatched(paths: readonly string[]): readonly string[] {
    return this.stops.size === 0 ? paths : paths.filter(path => !this.stops.has(path))
  }

  /** Records that the events of a cgroup were read, and whether they had changed. */
  markRead(path: string, time: number, hasChanged: boolean): void {
    const isAnnounced = this.changed.delete(path)
    if (hasChanged && !isAnnounced && this.stops.has(path) && !this.unannounced.has(path))
      this.unannounced.set(path, time)
  }

  /** Ends a watch that missed an event: from then on the file is read. */
  dropMissing(time: number): void {
    for (const [path, foundAt] of this.unannounced) if (time - foundAt > MAX_NOTICE_DELAY) this.remove(path)
  }
}
