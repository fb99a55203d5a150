// Checkpoints: moments of a tape that are kept, so that others are near. Bounded: a history shares less and less with one from
// long before, and a day of them all would be most of a gigabyte.
import type { Moment } from './moments.ts'

/** Checkpoints that are kept of a node with few cgroups, and how many cgroups all of them together may hold. */
const MOST = 24
const CGROUPS = 6_000
const FEWEST = 8
/** Moments on the way of who plays or seeks: one steps back from there. */
const VISITED = 6

const timeOf = ({ watch }: Moment): number => watch.history.time

/** Exact moments in order of time. */
export class Checkpoints {
  private kept: Moment[]
  private visited: Moment[] = []

  /** @param first where everything begins; it always stays */
  constructor(first: Moment) {
    this.kept = [first]
  }

  get size(): number {
    return this.kept.length + this.visited.length
  }

  /** Keeps a moment later than all that were kept. When they are too many, one goes whose neighbours are closest. */
  keep(moment: Moment): void {
    this.kept.push(moment)
    const { size } = moment.watch.history.cgroups.cgroups
    const most = Math.max(FEWEST, Math.min(MOST, Math.floor(CGROUPS / Math.max(1, size))))
    while (this.kept.length > most) this.kept.splice(this.closest(), 1)
  }

  /** Keeps a moment for a while: the last few are. */
  visit(moment: Moment): void {
    this.visited = [...this.visited.filter(one => timeOf(one) !== timeOf(moment)), moment].slice(-VISITED)
  }

  /** The latest that was over at `time`. */
  before(time: number): Moment {
    const usable = this.visited.filter(moment => timeOf(moment) <= time)
    return usable.reduce(later, this.kept.findLast(moment => timeOf(moment) <= time) ?? this.kept[0]!)
  }

  // Of as close ones the oldest: what is far back is looked at least.
  private closest(): number {
    const span = (i: number): number => timeOf(this.kept[i + 1]!) - timeOf(this.kept[i - 1]!)
    let best = 1
    for (let i = 2; i < this.kept.length - 1; i++) if (span(i) < span(best)) best = i
    return best
  }
}

/** Of two moments the later. */
export const later = (a: Moment, b: Moment): Moment => (timeOf(b) > timeOf(a) ? b : a)
