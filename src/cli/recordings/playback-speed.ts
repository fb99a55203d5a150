// Playback speeds: how --speed is written, and which speed suits a long recording.
import { UserError } from '../../base/errors.ts'
import { formatDuration } from '../../base/format.ts'
import { MINUTE } from '../../base/units.ts'
import { SPEEDS } from '../../playback/player-types.ts'

/** Milliseconds that a recording takes at normal speed before another speed is proposed. */
const LONG_RECORDING = 10 * MINUTE
/** Milliseconds that the whole takes at the proposed speed at most, if there is a speed as high as that. */
const COMFORTABLE_DURATION = 5 * MINUTE

/** Parses `--speed`: `16`, `16x`, `1/4`. Absent: normal speed. @throws UserError */
export function parseSpeed(text: string | undefined): number {
  if (text === undefined) return 1
  const [numerator, denominator = '1'] = text.replace(/[x×]$/, '').split('/')
  const speed = Number(numerator) / Number(denominator)
  const speeds: readonly number[] = SPEEDS
  if (!speeds.includes(speed)) throw new UserError(`--speed ${text}: expected one of 1/8, 1/4, 1/2, 1, 2, 4, … 1024`)
  return speed
}

/**
 * Proposes what to do with a long recording: jump to its events, or play it at the lowest speed that takes at most five
 * minutes. Undefined if it is short.
 * @param duration milliseconds that are left to play
 */
export function proposeSpeed(duration: number): string | undefined {
  if (duration <= LONG_RECORDING) return undefined
  const speed = SPEEDS.find(candidate => duration / candidate <= COMFORTABLE_DURATION) ?? SPEEDS.at(-1)!
  const whole = formatDuration(duration)
  return `${whole} to play: ] next event, > faster; ${speed}× (--speed ${speed}) takes ${formatDuration(duration / speed)}`
}
