// Checkpoints: playback states that are kept, so that any time is near one of them. Bounded: a history shares ever less with an old
// one, and all states of a day would take most of a gigabyte.
import type { PlaybackState } from './replayer.ts'

/** Number of checkpoints for a node with few cgroups, and how many cgroups all of them together may hold. */
const MAX_CHECKPOINTS = 24
const CGROUP_BUDGET = 6_000
const MIN_CHECKPOINTS = 8
/** Number of recent states kept during playback and seeks, for single steps back. */
const MAX_RECENT = 6

const getTime = ({ monitor }: PlaybackState): number => monitor.history.time

/** Exact states in order of time. */
export class Checkpoints {
  private checkpoints: PlaybackState[]
  private recent: PlaybackState[] = []

  /** @param first the state at the beginning; it is always kept */
  constructor(first: PlaybackState) {
    this.checkpoints = [first]
  }

  get size(): number {
    return this.checkpoints.length + this.recent.length
  }

  /** Keeps a state that is later than all others. If there are too many, the one with the closest neighbours is dropped. */
  addCheckpoint(checkpoint: PlaybackState): void {
    this.checkpoints.push(checkpoint)
    const { size } = checkpoint.monitor.history.cgroups.cgroups
    const maxCount = Math.max(MIN_CHECKPOINTS, Math.min(MAX_CHECKPOINTS, Math.floor(CGROUP_BUDGET / Math.max(1, size))))
    while (this.checkpoints.length > maxCount) this.checkpoints.splice(this.findClosest(), 1)
  }

  /** Keeps a recent state; only the last few are kept. */
  addRecent(state: PlaybackState): void {
    this.recent = [...this.recent.filter(other => getTime(other) !== getTime(state)), state].slice(-MAX_RECENT)
  }

  /** Returns the latest state that was complete at `time`. */
  findBefore(time: number): PlaybackState {
    const usable = this.recent.filter(state => getTime(state) <= time)
    return usable.reduce(pickLater, this.checkpoints.findLast(state => getTime(state) <= time) ?? this.checkpoints[0]!)
  }

  // The oldest of equally close ones is dropped: the far past is visited least.
  private findClosest(): number {
    const computeSpan = (i: number): number => getTime(this.checkpoints[i + 1]!) - getTime(this.checkpoints[i - 1]!)
    let best = 1
    for (let i = 2; i < this.checkpoints.length - 1; i++) if (computeSpan(i) < computeSpan(best)) best = i
    return best
  }
}

/** Returns the later of two states. */
export const pickLater = (a: PlaybackState, b: PlaybackState): PlaybackState => (getTime(b) > getTime(a) ? b : a)
