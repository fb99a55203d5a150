// Rewinding a live session: a player of the samples in memory, while sampling continues.
import type { Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import { Player } from '../../playback/player.ts'
import { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { runPlayer } from '../../playback/run-player.ts'
import { openBuffer } from '../../recording/open-recording.ts'
import { createSystemClock } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { keepCheckpoints, keepRepeats } from './kept-states.ts'

/** Creates the player of a live session when it is needed, and ends it where it reaches the live time. */
export class Rewinder {
  private readonly source: LiveSource
  private readonly store: Store
  private readonly showNotice: (text: string) => void
  private readonly checkpoints
  private readonly repeats
  private player: Player | undefined
  private pending: Promise<void> | undefined

  constructor(source: LiveSource, store: Store, showNotice: (text: string) => void) {
    this.source = source
    this.store = store
    this.showNotice = showNotice
    this.checkpoints = keepCheckpoints(store)
    this.repeats = keepRepeats(store)
  }

  /** Whether a time before the live one is shown. */
  isRewound(): boolean {
    return this.player !== undefined
  }

  returnToLive(): void {
    this.player = undefined
    this.store.dispatch({ type: 'live' })
  }

  /** Creates the player at the time that is shown. Calls during a pending rewind wait for the same one. */
  rewind(): Promise<void> {
    this.pending ??= this.start().finally(() => {
      this.pending = undefined
    })
    return this.pending
  }

  /** Calls the action with the player; without samples in memory it shows why not. */
  async run(action: (mine: Player) => void): Promise<void> {
    if (!this.store.get().ui.frozen) this.store.dispatch({ type: 'pause' })
    if (!this.player) await showWhile(this.store, 'reading the last minutes', this.rewind())
    if (this.player) action(this.player)
    else this.showNotice('nothing to rewind to: memory holds no samples')
  }

  end(): void {
    this.player = undefined
    this.checkpoints.end()
    this.repeats.end()
  }

  private async start(): Promise<void> {
    try {
      const bytes = await this.source.getFlightRecording()
      const { frozen } = this.store.get().ui
      if (!frozen || bytes.length === 0) return
      this.player = this.createPlayer(bytes, frozen.time)
      void this.playUntilLive(this.player)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.showNotice(`cannot rewind: ${error.message}`)
    }
  }

  private createPlayer(bytes: Buffer, time: number): Player {
    const { history, alerts, thresholds } = this.store.get()
    const seeker = new RecordingSeeker(openBuffer('memory', bytes), thresholds)
    seeker.loadStates([...this.checkpoints.getAll(), { history, alerts }], alerts, this.repeats.getAll())
    return new Player(seeker, (monitor, state) => this.store.dispatch({ type: 'played', monitor, player: state }), {
      rewound: true,
      following: true,
      playing: false,
      begin: Math.min(time, seeker.end),
    })
  }

  // Playback that reaches the end of the flight recording returns to live.
  private playUntilLive(current: Player): Promise<void> {
    return runPlayer(current, createSystemClock(), () => {
      if (this.player !== current || !this.store.get().ui.frozen) return true
      const { playing, at, end } = current.status
      const isOver = playing && at >= end
      if (isOver) this.returnToLive()
      return isOver
    })
  }
}

/** Shows a notice until something is over, unless another one has taken its place. */
async function showWhile(store: Store, text: string, work: Promise<void>): Promise<void> {
  store.dispatch({ type: 'notice', text })
  await work
  if (store.get().ui.notice === text) store.dispatch({ type: 'notice', text: undefined })
}
