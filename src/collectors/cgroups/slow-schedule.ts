// When the slow files (memory.stat) are read: of hot cgroups every 10 s, of watched ones each second, of quiet ones seldom.
import { isWithin } from '../../base/paths.ts'

const HOT_PERIOD = 10_000 // ms
const WATCHED_PERIOD = 1000
/** Milliseconds between reads while the usage did not change by one byte: then neither did its parts, limit hits or kernel memory. */
const QUIET_PERIOD = 300_000
const MAX_WATCHED = 64 // watched cgroups, with all below them; of more, the others take their turn

/** Remembers when the slow files of each cgroup were read. Paths are full paths. */
export class SlowSchedule {
  private readonly watchedTops: readonly string[]
  private readonly readAt = new Map<string, number>()
  private readonly useAtRead = new Map<string, number | undefined>()
  private watched: readonly string[] = []

  constructor(watchedTops: readonly string[]) {
    this.watchedTops = watchedTops
  }

  /** @param use the usage before the read; undefined: it is not known */
  markRead(path: string, time: number, use: number | undefined): void {
    this.readAt.set(path, time)
    this.useAtRead.set(path, use)
  }

  forget(path: string): void {
    this.readAt.delete(path)
    this.useAtRead.delete(path)
  }

  /** Returns whether the slow files were read when the usage was the same, not long ago. */
  isQuiet(path: string, time: number, use: number | undefined): boolean {
    return use !== undefined && this.useAtRead.get(path) === use && !this.isDue(path, time, QUIET_PERIOD)
  }

  /** Returns the hot cgroups with the watched ones, which are always hot. */
  addWatched(hot: ReadonlySet<string>, all: readonly string[]): ReadonlySet<string> {
    if (this.watchedTops.length === 0) return hot
    const isWatched = (path: string): boolean => this.watchedTops.some(top => isWithin(path, top))
    this.watched = all.filter(isWatched).slice(0, MAX_WATCHED)
    return new Set([...hot, ...this.watched])
  }

  /** Returns the cgroups whose slow files are due, those that wait longest first; not more than their share of a period. */
  selectDue(hot: ReadonlySet<string>, time: number, elapsed: number): readonly string[] {
    const watched = this.watched.filter(path => this.isDue(path, time, WATCHED_PERIOD))
    const due = [...hot].filter(path => this.isDue(path, time, HOT_PERIOD) && !watched.includes(path))
    const share = Math.ceil((hot.size * Math.min(elapsed, HOT_PERIOD)) / HOT_PERIOD)
    const inTurn = due
      .sort((a, b) => (this.readAt.get(a) ?? 0) - (this.readAt.get(b) ?? 0))
      .slice(0, Math.max(1, share))
    return [...watched, ...inTurn]
  }

  private isDue(path: string, time: number, period: number): boolean {
    return time - (this.readAt.get(path) ?? Number.NEGATIVE_INFINITY) >= period
  }
}
