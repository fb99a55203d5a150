// Checkpoints: moments of a tape that are kept, so that others are near. Bounded: a history shares less and less with one from
// long before, and a day of them all would be most of a gigabyte.
import type { PlaybackState } from './replayer.ts'

/** Checkpoints that are kept of a node with few cgroups, and how many cgroups all of them together may hold. */
const MAX_CHECKPOINTS = 24
const CGROUP_BUDGET = 6_000
const MIN_CHECKPOINTS = 8
/** Moments on the way of who plays or seeks: one steps back from there. */
const MAX_RECENT = 6

const getTime = ({ monitor }: PlaybackState): number => monitor.history.time

/** Exact moments in order of time. */
export class Checkpoints {
  private checkpoints: PlaybackState[]
  private recent: PlaybackState[] = []

  /** @param first where everything begins; it always stays */
  constructor(first: PlaybackState) {
    this.checkpoints = [first]
  }

  get size(): number {
    return this.checkpoints.length + this.recent.length
  }

  /** Keeps a moment later than all that were kept. When they are too many, one goes whose neighbours are closest. */
  addCheckpoint(checkpoint: PlaybackState): void {
    this.checkpoints.push(checkpoint)
    const { size } = checkpoint.monitor.history.cgroups.cgroups
    const maxCount = Math.max(MIN_CHECKPOINTS, Math.min(MAX_CHECKPOINTS, Math.floor(CGROUP_BUDGET / Math.max(1, size))))
    while (this.checkpoints.length > maxCount) this.checkpoints.splice(this.findClosest(), 1)
  }

  /** Keeps a moment for a while: the last few are. */
  addRecent(state: PlaybackState): void {
    this.recent = [...this.recent.filter(other => getTime(other) !== getTime(state)), state].slice(-MAX_RECENT)
  }

  /** The latest that was over at `time`. */
  findBefore(time: number): PlaybackState {
    const usable = this.recent.filter(state => getTime(state) <= time)
    return usable.reduce(pickLater, this.checkpoints.findLast(state => getTime(state) <= time) ?? this.checkpoints[0]!)
  }

  // Of as close ones the oldest: what is far back is looked at least.
  private findClosest(): number {
    const computeSpan = (i: number): number => getTime(this.checkpoints[i + 1]!) - getTime(this.checkpoints[i - 1]!)
    let best = 1
    for (let i = 2; i < this.checkpoints.length - 1; i++) if (computeSpan(i) < computeSpan(best)) best = i
    return best
  }
}

/** Of two moments the later. */
export const pickLater = (a: PlaybackState, b: PlaybackState): PlaybackState => (getTime(b) > getTime(a) ? b : a)
