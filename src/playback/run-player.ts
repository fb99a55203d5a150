// Runs a player: advances its time, and uses the rest of each frame to read the recording in the background.
import type { Clock } from '../sampling/clock.ts'
import type { Player } from './player.ts'

const FRAME_DURATION = 50 // ms
const WORK_SLICE = 20 // ms of background work per frame
const MIN_PAUSE = 5 // ms, at least, for key presses

/** Plays until it is stopped; the rest of each frame is used for background work. */
export async function runPlayer(player: Player, clock: Clock, isStopped: () => boolean): Promise<void> {
  let before = clock.now()
  while (!isStopped()) {
    const now = clock.now()
    player.advance(now - before)
    before = now
    const until = clock.now() + WORK_SLICE
    player.workInBackground(() => clock.now() < until)
    await clock.sleepUntil(Math.max(clock.now() + MIN_PAUSE, player.isWaitedFor ? 0 : now + FRAME_DURATION))
  }
}
