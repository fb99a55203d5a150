// The live source: every collector at its own interval, the kernel log drained in between. Runs in the worker thread.

import type { Host } from '../collectors/collector.ts'
import type { CollectorId } from '../collectors/index.ts'
import { OOM_KILL_LINE } from '../collectors/kmsg/memory-lines.ts'
import type { Reading } from '../history.ts'
import type { Clock } from './clock.ts'
import { createSampler, type Sampler } from './sampler.ts'

/** What to look at, and how often. */
export interface SamplingPlan {
  readonly collectors: readonly CollectorId[]
  /** milliseconds between two looks */
  readonly interval: number
  /** only the first look counts: it is to be as whole as can be */
  readonly once?: boolean
}

const POLL_DELAY = { shortest: 2, longest: 100, growth: 1.6 } // ms; a wake-up costs 0.2 ms, and the least ring (128 KiB) holds 2,000 records
const BATCH_DELAY = 100 // ms
const KILL_COUNTERS: ReadonlySet<CollectorId> = new Set(['vmstat', 'cgroups'])

/** Batches of readings until `stopped` says so: one at every tick, and one at once when the log tells of an OOM kill. */
export async function* sampleLive(
  host: Host,
  clock: Clock,
  plan: SamplingPlan,
  isStopped: () => boolean,
): AsyncGenerator<readonly Reading[]> {
  const samplers = plan.collectors
    .filter(id => id !== 'kmsg')
    .map(id => createSampler(id, host, clock, plan.interval, plan.once))
  const log = plan.collectors.includes('kmsg') ? createSampler('kmsg', host, clock, plan.interval) : undefined
  for (let tick = clock.now(); !isStopped(); tick = computeNextTick(tick, clock.now(), plan.interval)) {
    const due = samplers.filter(({ due }) => due <= clock.now() + plan.interval / 4)
    const logReading = log?.sample(false)
    yield [...(logReading ? [logReading] : []), ...due.map(dueSampler => dueSampler.sample(false))]
    if (log)
      yield* pollLog(
        log,
        samplers,
        clock,
        { delay: computePollDelay(logReading!), end: tick + plan.interval },
        isStopped,
      )
    else await clock.sleepUntil(tick + plan.interval)
  }
}

// Ticks stand at equal steps; after a stop of the whole machine the missed ones are left out.
const computeNextTick = (tick: number, now: number, interval: number): number =>
  tick + interval * Math.max(1, Math.floor((now - tick) / interval))

// Drains the log often, so that the ring cannot overrun, and hands on what came at most every HAND_ON ms.
async function* pollLog(
  log: Sampler,
  samplers: readonly Sampler[],
  clock: Clock,
  { delay: firstDelay, end }: { readonly delay: number; readonly end: number },
  isStopped: () => boolean,
): AsyncGenerator<readonly Reading[]> {
  let delay = firstDelay
  let pending: Reading | undefined
  let flushAt = 0
  for (;;) {
    await clock.sleepUntil(Math.min(end, clock.now() + delay))
    if (isStopped()) {
      if (pending) yield [stampReading(pending, clock)]
      return
    }
    const reading = log.sample(false)
    const hasRecords = reading.files['/dev/kmsg'] !== undefined
    if (hasRecords && !pending) flushAt = clock.now() + BATCH_DELAY
    if (hasRecords) pending = pending ? mergeReadings(pending, reading) : reading
    delay = hasRecords ? POLL_DELAY.shortest : Math.min(computePollDelay(reading), delay * POLL_DELAY.growth)
    const isTickOver = clock.now() >= end
    if (pending && (isTickOver || clock.now() >= flushAt)) {
      yield [stampReading(pending, clock), ...sampleKillCounters(pending, samplers)]
      pending = undefined
    }
    if (isTickOver) return
  }
}

// Something came: more may follow. Nothing: a long nap. Refused: not before the next tick.
function computePollDelay({ files, error }: Reading): number {
  if (error !== undefined) return Number.POSITIVE_INFINITY
  return files['/dev/kmsg'] === undefined ? POLL_DELAY.longest : POLL_DELAY.shortest
}

const mergeReadings = (a: Reading, b: Reading): Reading => ({
  ...b,
  files: { '/dev/kmsg': `${a.files['/dev/kmsg']}${b.files['/dev/kmsg']}` },
})

// Readings stand in the order of their times, marks that came meanwhile included.
const stampReading = (pending: Reading, clock: Clock): Reading => ({
  ...pending,
  time: Math.round(clock.now() * 1000) / 1000,
})

// When the log tells of a kill, the counters that confirm it are read at once: its cgroup may be gone in a second.
function sampleKillCounters({ files }: Reading, samplers: readonly Sampler[]): readonly Reading[] {
  if (!OOM_KILL_LINE.test(files['/dev/kmsg'] ?? '')) return []
  return samplers.filter(({ id }) => KILL_COUNTERS.has(id)).map(counterSampler => counterSampler.sample(true))
}
