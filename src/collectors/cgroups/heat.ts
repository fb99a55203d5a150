// Heat: which cgroups are looked at closely. What moved, is near its limit, is new or had an OOM event; bounded.

const MOVED = 2 ** 20 // bytes between two looks that make a cgroup a mover
const NEAR = 0.9 // share of the limit
const STAYS = 30_000 // ms that a cgroup stays hot after what made it so

/** Up to this many cgroups all are hot; of more, at most as many as HOT. */
export const ALL_HOT = 30
export const HOT = 64

interface Known {
  readonly use: number
  readonly limit: number
  readonly events: string | undefined
}

interface Warm {
  readonly until: number
  /** what counts when there are too many: bytes moved; Infinity for an event */
  readonly weight: number
}

/** What the reader remembers of use, limit and events, and which cgroups that makes hot. Paths are full paths. */
export class Heat {
  private readonly known = new Map<string, Known>()
  private readonly warm = new Map<string, Warm>()

  /** The cgroup's use; a jump, or a stand near the limit, makes it hot. */
  used(path: string, use: number, time: number): void {
    const before = this.known.get(path)
    this.known.set(path, { limit: before?.limit ?? Number.POSITIVE_INFINITY, events: before?.events, use })
    const moved = Math.abs(use - (before?.use ?? use))
    if (before && use >= NEAR * before.limit) this.event(path, time)
    else if (moved >= MOVED) this.warmUp(path, time, moved)
  }

  limited(path: string, limit: number): void {
    this.known.set(path, { ...(this.known.get(path) ?? { use: 0, events: undefined }), limit })
  }

  /** Whether the events text differs from the last one; then the cgroup is hot. */
  changed(path: string, events: string, time: number): boolean {
    const before = this.known.get(path)
    this.known.set(path, { use: before?.use ?? 0, limit: before?.limit ?? Number.POSITIVE_INFINITY, events })
    const changed = before?.events !== undefined && before.events !== events
    if (changed) this.event(path, time)
    return changed
  }

  event(path: string, time: number): void {
    this.warmUp(path, time, Number.POSITIVE_INFINITY)
  }

  forget(path: string): void {
    this.known.delete(path)
    this.warm.delete(path)
  }

  /** The hot ones among `all`: all of few, else at most HOT of those that are warm, the largest movers first. */
  hot(all: readonly string[], time: number): ReadonlySet<string> {
    for (const [path, { until }] of this.warm) if (until < time) this.warm.delete(path)
    if (all.length <= ALL_HOT) return new Set(all)
    if (this.warm.size <= HOT) return new Set(this.warm.keys())
    const heaviest = [...this.warm].sort(([, a], [, b]) => b.weight - a.weight || b.until - a.until)
    return new Set(heaviest.slice(0, HOT).map(([path]) => path))
  }

  private warmUp(path: string, time: number, weight: number): void {
    this.warm.set(path, { until: time + STAYS, weight: Math.max(weight, this.warm.get(path)?.weight ?? 0) })
  }
}
