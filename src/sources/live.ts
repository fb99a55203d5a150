// The live source: every collector at its own interval, the kernel log drained in between. Runs in the worker thread.
import type { Host } from '../collectors/collector.ts'
import type { CollectorId } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import type { Clock } from './clock.ts'
import { type Sampler, sampler } from './sampler.ts'

/** What to look at, and how often. */
export interface Plan {
  readonly collectors: readonly CollectorId[]
  /** milliseconds between two looks */
  readonly interval: number
  /** only the first look counts: it is to be as whole as can be */
  readonly once?: boolean
}

const NAP = { shortest: 2, longest: 100, growth: 1.6 } // ms; a wake-up costs 0.2 ms, and the least ring (128 KiB) holds 2,000 records
const HAND_ON = 100 // ms
const URGENT = /Killed process|invoked oom-killer/
const WITNESSES: ReadonlySet<CollectorId> = new Set(['vmstat', 'cgroups'])

/** Batches of readings until `stopped` says so: one at every tick, and one at once when the log tells of an OOM kill. */
export async function* live(
  host: Host,
  clock: Clock,
  plan: Plan,
  stopped: () => boolean,
): AsyncGenerator<readonly Reading[]> {
  const samplers = plan.collectors
    .filter(id => id !== 'kmsg')
    .map(id => sampler(id, host, clock, plan.interval, plan.once))
  const log = plan.collectors.includes('kmsg') ? sampler('kmsg', host, clock, plan.interval) : undefined
  for (let tick = clock.now(); !stopped(); tick = nextTick(tick, clock.now(), plan.interval)) {
    const due = samplers.filter(({ due }) => due <= clock.now() + plan.interval / 4)
    const said = log?.sample(false)
    yield [...(said ? [said] : []), ...due.map(source => source.sample(false))]
    if (log) yield* followLog(log, samplers, clock, { nap: napAfter(said!), end: tick + plan.interval }, stopped)
    else await clock.until(tick + plan.interval)
  }
}

// Ticks stand at equal steps; after a stop of the whole machine the missed ones are left out.
const nextTick = (tick: number, now: number, interval: number): number =>
  tick + interval * Math.max(1, Math.floor((now - tick) / interval))

// Drains the log often, so that the ring cannot overrun, and hands on what came at most every HAND_ON ms.
async function* followLog(
  log: Sampler,
  samplers: readonly Sampler[],
  clock: Clock,
  { nap: first, end }: { readonly nap: number; readonly end: number },
  stopped: () => boolean,
): AsyncGenerator<readonly Reading[]> {
  let nap = first
  let held: Reading | undefined
  let handOnAt = 0
  for (;;) {
    await clock.until(Math.min(end, clock.now() + nap))
    if (stopped()) {
      if (held) yield [handedOn(held, clock)]
      return
    }
    const reading = log.sample(false)
    const came = reading.files['/dev/kmsg'] !== undefined
    if (came && !held) handOnAt = clock.now() + HAND_ON
    if (came) held = held ? joined(held, reading) : reading
    nap = came ? NAP.shortest : Math.min(napAfter(reading), nap * NAP.growth)
    const over = clock.now() >= end
    if (held && (over || clock.now() >= handOnAt)) {
      yield [handedOn(held, clock), ...witnesses(held, samplers)]
      held = undefined
    }
    if (over) return
  }
}

// Something came: more may follow. Nothing: a long nap. Refused: not before the next tick.
function napAfter({ files, error }: Reading): number {
  if (error !== undefined) return Number.POSITIVE_INFINITY
  return files['/dev/kmsg'] === undefined ? NAP.longest : NAP.shortest
}

const joined = (a: Reading, b: Reading): Reading => ({
  ...b,
  files: { '/dev/kmsg': `${a.files['/dev/kmsg']}${b.files['/dev/kmsg']}` },
})

// Readings stand in the order of their times, marks that came meanwhile included.
const handedOn = (held: Reading, clock: Clock): Reading => ({ ...held, time: Math.round(clock.now() * 1000) / 1000 })

// When the log tells of a kill, the counters that confirm it are read at once: its cgroup may be gone in a second.
function witnesses({ files }: Reading, samplers: readonly Sampler[]): readonly Reading[] {
  if (!URGENT.test(files['/dev/kmsg'] ?? '')) return []
  return samplers.filter(({ id }) => WITNESSES.has(id)).map(source => source.sample(true))
}
