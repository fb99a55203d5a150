// When the slow files (memory.stat) of hot cgroups are read: each every 10 s, those of watched cgroups each second.
import { isWithin } from '../../base/paths.ts'

const HOT_PERIOD = 10_000 // ms
const WATCHED_PERIOD = 1000
const MAX_WATCHED = 64 // watched cgroups, with all below them; of more, the others take their turn

/** Remembers when the slow files of each cgroup were read. Paths are full paths. */
export class SlowSchedule {
  private readonly watchedTops: readonly string[]
  private readonly readAt = new Map<string, number>()
  private watched: readonly string[] = []

  constructor(watchedTops: readonly string[]) {
    this.watchedTops = watchedTops
  }

  markRead(path: string, time: number): void {
    this.readAt.set(path, time)
  }

  forget(path: string): void {
    this.readAt.delete(path)
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
