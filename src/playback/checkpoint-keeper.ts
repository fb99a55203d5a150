// Decides which playback states become checkpoints while a recording is replayed.
import { Checkpoints } from './checkpoints.ts'
import type { PlaybackState, Replayer } from './replayer.ts'

/** Samples between two checkpoints. A part of 300 s holds this many. */
const CHECKPOINT_SPACING = 300
/** Samples between two recent states. */
const RECENT_SPACING = 150

/** Keeps checkpoints at the start of parts and within long ones, and a few recent states. */
export class CheckpointKeeper {
  private readonly replayer: Replayer
  private checkpoints: Checkpoints
  private samplesSinceCheckpoint = 0
  private samplesSinceRecent = 0

  /** @param first the state before the first sample */
  constructor(replayer: Replayer, first: PlaybackState) {
    this.replayer = replayer
    this.checkpoints = new Checkpoints(first)
  }

  /** Drops all checkpoints and begins with another first state. */
  restart(first: PlaybackState): void {
    this.checkpoints = new Checkpoints(first)
  }

  /** Keeps a state that is later than all checkpoints. */
  addCheckpoint(state: PlaybackState): void {
    this.checkpoints.addCheckpoint(state)
  }

  /** Returns the latest kept state that was complete at `time`. */
  findBefore(time: number): PlaybackState {
    return this.checkpoints.findBefore(time)
  }

  /** Notes one sample of the background replay: a checkpoint is made at the start of a part, or within a long one. */
  noteBackgroundStep(before: PlaybackState, { part }: PlaybackState): void {
    const isNewPart = part !== before.part
    this.samplesSinceCheckpoint++
    if (this.samplesSinceCheckpoint < (isNewPart ? CHECKPOINT_SPACING / 2 : CHECKPOINT_SPACING * 1.5)) return
    this.samplesSinceCheckpoint = 0
    this.checkpoints.addCheckpoint(isNewPart ? this.toPartStart(before, part) : before)
  }

  /** Notes one exact sample of a seek or of playback. */
  noteSeekStep(before: PlaybackState, next: PlaybackState): void {
    const isNewPart = next.part !== before.part
    this.samplesSinceRecent++
    if (!isNewPart && this.samplesSinceRecent < RECENT_SPACING) return
    this.samplesSinceRecent = 0
    this.checkpoints.addRecent(isNewPart ? this.toPartStart(before, next.part) : next)
  }

  // Where a part continues the one before, the end of that is the start of this: less is read from there.
  private toPartStart(before: PlaybackState, part: number): PlaybackState {
    return this.replayer.isContiguous(part) ? { ...before, part, read: 0 } : before
  }
}
