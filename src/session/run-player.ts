// Running a player: time passes for it, and what is left of a frame goes into reading the recording in the background.
import type { Clock } from '../sources/clock.ts'
import type { Player } from './player.ts'

const FRAME = 50 // ms
const SLICE = 20 // ms of background work a frame
const PAUSE = 5 // ms for keys, at least

/** Plays until `stopped`: time passes, and what is left of a frame goes into the background work. */
export async function runPlayer(player: Player, clock: Clock, stopped: () => boolean): Promise<void> {
  let before = clock.now()
  while (!stopped()) {
    const now = clock.now()
    player.pass(now - before)
    before = now
    const until = clock.now() + SLICE
    player.work(() => clock.now() < until)
    await clock.until(Math.max(clock.now() + PAUSE, player.isWaited ? 0 : now + FRAME))
  }
}
