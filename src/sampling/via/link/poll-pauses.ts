// The pauses between two reads of a connection: short at first, long when nothing comes.

const WAITING_AFTER = 2000 // ms without an answer after which it is reported
const POLL = { first: 0.5, longest: 10, stalled: 100, growth: 1.3 } // ms between two reads of the pipe

/** Returns a function that gives the next pause of a wait that has lasted so many milliseconds, and reports a long one. */
export function createPollPauses(reportWaiting: (waited: number) => void): (waited: number) => number {
  let nextPoll = POLL.first
  return waited => {
    if (waited < POLL.first * 4) nextPoll = POLL.first
    const pause = nextPoll
    nextPoll = Math.min(waited < WAITING_AFTER ? POLL.longest : POLL.stalled, nextPoll * POLL.growth)
    if (waited >= WAITING_AFTER) reportWaiting(waited)
    return pause
  }
}
