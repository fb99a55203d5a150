// Courses: what a number of a simulated node does over time. Each is made with its own chance, and is called with rising times.
import { createNormal } from '../../test/seeded-random.ts'

/** A value at a session time (ms). It may remember, so it must be called with rising times. */
export type Signal = (time: number) => number
type Random = () => number

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const sumSignals =
  (...signals: readonly Signal[]): Signal =>
  time =>
    signals.reduce((all, signal) => all + signal(time), 0)

/** Noise that forgets within `memory` ms (Ornstein-Uhlenbeck): exact for irregular times. `size` is its standard deviation. */
export function createNoise(random: Random, size: number, memory: number): Signal {
  const normal = createNormal(random)
  let value = size * normal()
  let before = 0
  return time => {
    const keep = Math.exp(-Math.max(0, time - before) / memory)
    before = time
    value = keep * value + size * Math.sqrt(1 - keep * keep) * normal()
    return value
  }
}

/** Noise with a long memory: as much of it lives for hours as for minutes. */
export const createLongMemory = (random: Random, size: number): Signal =>
  sumSignals(...[MINUTE, 10 * MINUTE, HOUR, 6 * HOUR].map(memory => createNoise(random, size / 2, memory)))

export const createWave =
  (height: number, phase: number, period = DAY): Signal =>
  time =>
    (height / 2) * (1 + Math.sin(2 * Math.PI * (time / period + phase)))

export const createSawTooth =
  (height: number, period: number, phase: number): Signal =>
  time =>
    height * ((time / period + phase) % 1)

/** From 0 to `height` between two times, then level. */
export const createRamp =
  (height: number, begin: number, end: number): Signal =>
  time =>
    height * Math.min(1, Math.max(0, (time - begin) / Math.max(1, end - begin)))

/** Warm-up: nears `height` with a time constant. */
export const createSaturation =
  (height: number, begin: number, constant: number): Signal =>
  time =>
    height * (1 - Math.exp(-Math.max(0, time - begin) / constant))

/** A level that each deployment changes, within `height`. */
export function createDeploys(random: Random, height: number, every: number): Signal {
  let level = random() * height
  let next = every * random()
  return time => {
    for (; next <= time; next += every * (0.5 + random())) level = random() * height
    return level
  }
}

/** Up at `at` each `every` for `length` ms and down at once: a nightly `find /` until its inodes are reclaimed. */
export const createVisits =
  (height: number, at: number, every: number, length: number): Signal =>
  time => {
    const since = (((time - at) % every) + every) % every
    return time < at || since > length ? 0 : height * Math.min(1, since / (length / 4))
  }

/** A leak at one pace (bytes an hour) from `begin` on. */
export const createSteadyLeak =
  (perHour: number, begin: number): Signal =>
  time =>
    (perHour * Math.max(0, time - begin)) / HOUR

/** The same pace in steps. */
export const createSteppedLeak =
  (perHour: number, begin: number, every: number): Signal =>
  time =>
    ((perHour * every) / HOUR) * Math.floor(Math.max(0, time - begin) / every)

/** The same pace in bursts at random, of random size. */
export function createBurstyLeak(random: Random, perHour: number, begin: number, every: number): Signal {
  let level = 0
  let next = begin
  return time => {
    while (next <= time) {
      level += ((perHour * every) / HOUR) * 2 * random()
      next -= every * Math.log(1 - random())
    }
    return level
  }
}

/** The same pace, but as the load of the day has it: nearly none at night. */
export const createLoadLeak =
  (perHour: number, begin: number, phase: number): Signal =>
  time => {
    const turn = (2 * Math.PI) / DAY
    const from = begin * turn + phase
    const since = Math.max(0, time - begin)
    return (perHour * (since + (0.9 / turn) * (Math.cos(from) - Math.cos(from + since * turn)))) / HOUR
  }

/** The same pace on the whole: each restart gives back a part of what came since the one before. */
export const createRestartLeak =
  (perHour: number, begin: number, every: number, back: number): Signal =>
  time => {
    const since = Math.max(0, time - begin)
    const own = perHour / (1 - back)
    const [full, part] = [Math.floor(since / every) * every, since % every]
    return (perHour * full + own * part) / HOUR
  }

/** Faster and faster: at the end of `length` it goes twice as fast as on the whole. */
export const createAcceleratingLeak =
  (perHour: number, begin: number, length: number): Signal =>
  time =>
    (perHour * length * Math.max(0, (time - begin) / length) ** 2) / HOUR

/** Up to `height` for a part of each period, at times that wander. */
export function createBatches(random: Random, height: number, every: number, part: number): Signal {
  let [begin, end, size] = [0, 0, 0]
  const next = (): void => {
    begin = end + every * (1 - part) * (0.6 + 0.8 * random())
    end = begin + every * part * (0.6 + 0.8 * random())
    size = height * (0.5 + 0.5 * random())
  }
  return time => {
    while (end <= time) next()
    return time < begin ? 0 : size * Math.min(1, (time - begin) / (0.3 * (end - begin)))
  }
}
