// The hot set: the cgroups that are read in every sample, because they moved, are near their limit, are new or had an OOM event.
import { MiB } from '../../base/units.ts'

const MIN_MOVE = MiB // change of usage between two samples that makes a cgroup hot
const NEAR_LIMIT_SHARE = 0.9 // share of the limit
const HOT_DURATION = 30_000 // ms that a cgroup stays hot

/** Up to this many cgroups all are hot. */
export const ALL_HOT_UP_TO = 30
/** Maximum number of hot cgroups if there are more. */
export const MAX_HOT = 64

interface LastValues {
  readonly use: number
  readonly limit: number
  readonly events: string | undefined
}

interface HotEntry {
  readonly until: number
  /** decides which stay if there are too many: bytes moved; Infinity for an event */
  readonly weight: number
}

/** Remembers usage, limit and events of each cgroup, and decides which are hot. Paths are full paths. */
export class HotSet {
  private readonly lastValues = new Map<string, LastValues>()
  private readonly entries = new Map<string, HotEntry>()

  /** Records the usage; a jump, or a usage near the limit, makes the cgroup hot. */
  updateUse(path: string, use: number, time: number): void {
    const before = this.lastValues.get(path)
    this.lastValues.set(path, { limit: before?.limit ?? Number.POSITIVE_INFINITY, events: before?.events, use })
    const moved = Math.abs(use - (before?.use ?? use))
    if (before && use >= NEAR_LIMIT_SHARE * before.limit) this.markEvent(path, time)
    else if (moved >= MIN_MOVE) this.extendEntry(path, time, moved)
  }

  /** Returns the usage that was read last. */
  getUse(path: string): number | undefined {
    return this.lastValues.get(path)?.use
  }

  updateLimit(path: string, limit: number): void {
    this.lastValues.set(path, { ...(this.lastValues.get(path) ?? { use: 0, events: undefined }), limit })
  }

  /** Records the events text and returns whether it changed; then the cgroup is hot. */
  updateEvents(path: string, events: string, time: number): boolean {
    const before = this.lastValues.get(path)
    this.lastValues.set(path, { use: before?.use ?? 0, limit: before?.limit ?? Number.POSITIVE_INFINITY, events })
    const changed = before?.events !== undefined && before.events !== events
    if (changed) this.markEvent(path, time)
    return changed
  }

  markEvent(path: string, time: number): void {
    this.extendEntry(path, time, Number.POSITIVE_INFINITY)
  }

  forget(path: string): void {
    this.lastValues.delete(path)
    this.entries.delete(path)
  }

  /** Returns the hot cgroups among `all`: all of a few, otherwise at most MAX_HOT, largest movers first. */
  selectHot(all: readonly string[], time: number): ReadonlySet<string> {
    for (const [path, { until }] of this.entries) if (until < time) this.entries.delete(path)
    if (all.length <= ALL_HOT_UP_TO) return new Set(all)
    if (this.entries.size <= MAX_HOT) return new Set(this.entries.keys())
    const heaviest = [...this.entries].sort(([, a], [, b]) => b.weight - a.weight || b.until - a.until)
    return new Set(heaviest.slice(0, MAX_HOT).map(([path]) => path))
  }

  private extendEntry(path: string, time: number, weight: number): void {
    this.entries.set(path, {
      until: time + HOT_DURATION,
      weight: Math.max(weight, this.entries.get(path)?.weight ?? 0),
    })
  }
}
