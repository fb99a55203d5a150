// Notices steps of the wall clock: what it shows no longer goes with CLOCK_MONOTONIC.
import type { ClockStep } from '../collectors/collector.ts'
import { CLOCK_FILE, formatSteps } from '../collectors/wall-clock.ts'
import type { Reading } from '../history.ts'
import type { MachineClock } from './clock.ts'

/** Milliseconds that count as a step. NTP corrects less by running faster or slower; what that adds up to is noted when it is as much. */
const MIN_STEP = 1000

/**
 * Returns a function that gives a reading of all steps after each new one.
 * @param readUptime milliseconds since boot with suspend (CLOCK_BOOTTIME); undefined where it cannot be read
 */
export function createClockWatch(clock: MachineClock, readUptime: () => number | undefined): () => Reading | undefined {
  const steps: ClockStep[] = []
  let wallClock = clock.wallClock
  let slept = measureSleep(clock, readUptime)
  return () => {
    const time = clock.now()
    const by = clock.readWallClock() - time - wallClock
    if (Math.abs(by) < MIN_STEP) return undefined
    const sleptNow = measureSleep(clock, readUptime)
    const isSuspend = slept !== undefined && sleptNow !== undefined && sleptNow - slept > Math.abs(by) / 2
    slept = sleptNow
    wallClock += by
    steps.push({ time, wallClock, kind: isSuspend ? 'suspend' : 'step', by })
    return { time, collector: 'clock', files: { [CLOCK_FILE]: formatSteps(steps, clock.monotonic) } }
  }
}

/** Batches of readings, each with the step of the wall clock that was noticed after it. */
export async function* addClockSteps(
  batches: AsyncIterable<readonly Reading[]>,
  check: (() => Reading | undefined) | undefined,
): AsyncGenerator<readonly Reading[]> {
  for await (const batch of batches) {
    const step = check?.()
    yield step ? [...batch, step] : batch
  }
}

// CLOCK_MONOTONIC stops in suspend, CLOCK_BOOTTIME does not.
function measureSleep(clock: MachineClock, readUptime: () => number | undefined): number | undefined {
  const uptime = readUptime()
  return uptime === undefined ? undefined : uptime - clock.monotonic - clock.now()
}
