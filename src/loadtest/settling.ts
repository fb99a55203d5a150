// Settling: what still goes back after a command ended, from the samples since then.
import { KiB } from '../base/units.ts'
import type { CounterValues } from './observations.ts'
import type { Quantity, QuantityMap } from './quantities.ts'

/** Closed connections that the kernel keeps for a minute, and then gives back at once: they are flat before. */
export const TIME_WAIT = 'count TCP TIME_WAIT'
const MAX_TIME_WAIT = 100 // more than before the load

const MIN_SAMPLES = 8 // two in each quarter
const LEAST_FALL = { bytes: 256 * KiB, count: 2 } // in a quarter of the time

/**
 * Names of what still goes back: judged quantities whose least value of the last quarter is below that of the quarter before, and
 * connections in TIME_WAIT. Undefined with too few samples to say: also where a sample took longer than a quarter of the time.
 * A quantity without a value in the earlier quarter (a cgroup that was not read in it) does not count as falling.
 * @param settle samples since the command ended
 * @param before values before the first execution
 */
export function listUnsettled(
  settle: readonly CounterValues[],
  before: QuantityMap | undefined,
): readonly string[] | undefined {
  if (settle.length < MIN_SAMPLES) return undefined
  const [first, last] = [settle[0]!, settle.at(-1)!]
  const quarter = (last.time - first.time) / 4
  const late = settle.filter(({ time }) => time > last.time - quarter)
  const earlier = settle.filter(({ time }) => time > last.time - 2 * quarter && time <= last.time - quarter)
  if (earlier.length === 0) return undefined
  const isFalling = ({ id, unit }: Quantity): boolean => {
    const least = findLeast(earlier, id)
    return Number.isFinite(least) && findLeast(late, id) < least - LEAST_FALL[unit]
  }
  const falling = [...last.quantities.values()].filter(quantity => quantity.isJudged && isFalling(quantity))
  const names = falling.map(({ name }) => name)
  const closed = last.quantities.get(TIME_WAIT)
  return closed && closed.value > (before?.get(TIME_WAIT)?.value ?? 0) + MAX_TIME_WAIT ? [...names, closed.name] : names
}

const findLeast = (samples: readonly CounterValues[], id: string): number =>
  Math.min(...samples.map(({ quantities }) => quantities.get(id)?.value ?? Number.POSITIVE_INFINITY))
