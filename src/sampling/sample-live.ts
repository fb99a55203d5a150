// The live source: samples every collector at its own interval and drains the kernel log in between. Runs in the worker thread.

import { KiB } from '../base/units.ts'
import type { Host } from '../collectors/collector.ts'
import { type CollectorId, getCollector, isStream } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import { type Clock, yieldToEventLoop } from './clock.ts'
import { createKillDetector, hasKillLine } from './kill-detector.ts'
import { createSampler, type Sampler, type SamplerPlan } from './sampler.ts'

/** What to sample, and how often. */
export interface SamplingPlan extends SamplerPlan {
  readonly collectors: readonly CollectorId[]
  /** nothing is sampled after this many samples of meminfo: the end may come late from a busy main thread */
  readonly maxSamples?: number
}

const POLL_DELAY = { shortest: 2, longest: 100, growth: 1.6 } // ms; a wake-up costs 0.2 ms, and the smallest ring buffer (128 KiB) holds 2,000 records
const BATCH_DELAY = 100 // ms
const MAX_REST = 30_000 // ms
/** Characters of the log in one batch, after which the next is waited for: ten times this in a second is what can be parsed. */
const MAX_BATCH = 512 * KiB
const KILL_COUNTERS: readonly CollectorId[] = ['vmstat', 'cgroups']

/** Yields batches of readings until `isStopped`: one at every tick, and one at once if the log reports an OOM kill. */
export async function* sampleLive(
  host: Host,
  clock: Clock,
  plan: SamplingPlan,
  isStopped: () => boolean,
): AsyncGenerator<readonly Reading[]> {
  const create = (id: CollectorId): Sampler => createSampler(id, host, clock, plan)
  const samplers = plan.collectors.filter(id => !isStream(id)).map(create)
  const [log] = plan.collectors.filter(isStream).map(create)
  const detectKill = createKillDetector()
  const { maxSamples = Number.POSITIVE_INFINITY } = plan
  let isFirst = true
  let sampleCount = 0
  for (let tick = clock.now(); !isStopped(); tick = computeNextTick(tick, clock.now(), plan.interval)) {
    if (host.notices) await yieldToEventLoop() // lets the notices in that came while the thread slept
    const due = samplers.filter(({ due }) => due <= clock.now() + plan.interval / 4)
    if (isFirst) await host.link?.rehearse(far => readAll(far, clock, plan))
    else await beginSample(due, host)
    const logReading = log?.sample(false)
    const readings = [...(logReading ? [logReading] : []), ...due.map(dueSampler => dueSampler.sample(false))]
    const isKill = detectKill(readings) || readings.some(hasKillLine)
    const urgentReadings = isKill ? await sampleUrgently(['cgroups'], samplers, host) : []
    if (isLinkBroken(host, isStopped)) return
    const end = tick + plan.interval + (host.link ? computeRest(clock.now() - tick, plan.interval, isFirst) : 0)
    isFirst = false
    if (due.some(({ id }) => id === 'meminfo')) sampleCount++
    yield [...readings, ...urgentReadings]
    if (sampleCount >= maxSamples) return waitForStop(clock, isStopped)
    if (!log || !logReading) {
      await clock.sleepUntil(end)
      continue
    }
    const wait = { delay: computePollDelay(logReading), end }
    for await (const batch of pollLog({ log, samplers, host, clock, isStopped }, wait)) {
      detectKill(batch) // a kill that the log announced is not announced once more by the total
      yield batch
    }
  }
}

// Commands are still taken meanwhile.
async function waitForStop(clock: Clock, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    await clock.sleepUntil(clock.now() + POLL_DELAY.longest)
    await yieldToEventLoop()
  }
}

// A node that takes longer for a sample than the interval is slow: it rests for as long as the sample took. The first asks for everything.
const computeRest = (took: number, interval: number, isFirst: boolean): number =>
  took <= interval ? 0 : took + (isFirst ? 0 : Math.min(took, MAX_REST) - interval)

async function beginSample(due: readonly Sampler[], { link }: Host): Promise<void> {
  const alone = due.map(sampler => sampler.expectAlone()).filter(paths => paths.length > 0)
  await link?.beginSample(
    due.flatMap(sampler => sampler.expectPaths(false)),
    alone,
  )
}

// Reads each source once with a reader of its own, which is thrown away.
function readAll(host: Host, clock: Clock, plan: SamplingPlan): void {
  for (const id of plan.collectors)
    try {
      getCollector(id).openReader(host, plan)(clock.now(), false, 1)
    } catch {
      // the sample itself reports it
    }
}

// Ticks come at equal steps; those missed while the machine was stopped are skipped.
const computeNextTick = (tick: number, now: number, interval: number): number =>
  tick + interval * Math.max(1, Math.floor((now - tick) / interval))

interface LogPolling {
  readonly log: Sampler
  readonly samplers: readonly Sampler[]
  readonly host: Host
  readonly clock: Clock
  readonly isStopped: () => boolean
}

// Drains the log often, so that the ring buffer cannot overrun, and yields new records at most every BATCH_DELAY ms.
async function* pollLog(
  { log, samplers, host, clock, isStopped }: LogPolling,
  { delay: firstDelay, end }: { readonly delay: number; readonly end: number },
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
    if (countCharacters(pending) < MAX_BATCH) {
      const reading = log.sample(false)
      const hasRecords = reading.files['/dev/kmsg'] !== undefined
      if (hasRecords && !pending) flushAt = clock.now() + BATCH_DELAY
      if (hasRecords) pending = pending ? mergeReadings(pending, reading) : reading
      delay = hasRecords ? POLL_DELAY.shortest : Math.min(computePollDelay(reading), delay * POLL_DELAY.growth)
    }
    const isTickOver = clock.now() >= end
    if (pending && (isTickOver || clock.now() >= flushAt)) {
      const counters = hasKillLine(pending) ? await sampleUrgently(KILL_COUNTERS, samplers, host) : []
      yield [stampReading(pending, clock), ...(isLinkBroken(host, isStopped) ? [] : counters)]
      pending = undefined
    }
    if (isTickOver) return
  }
}

// After records more may follow soon; without records the delay is long; after an error the next tick is soon enough.
function computePollDelay({ files, error }: Reading): number {
  if (error !== undefined) return Number.POSITIVE_INFINITY
  return files['/dev/kmsg'] === undefined ? POLL_DELAY.longest : POLL_DELAY.shortest
}

const countCharacters = (pending: Reading | undefined): number => pending?.files['/dev/kmsg']?.length ?? 0

const mergeReadings = (a: Reading, b: Reading): Reading => ({
  ...b,
  files: { '/dev/kmsg': `${a.files['/dev/kmsg']}${b.files['/dev/kmsg']}` },
})

// Readings must be in the order of their times, also with marks that came meanwhile.
const stampReading = (pending: Reading, clock: Clock): Reading => ({
  ...pending,
  time: Math.round(clock.now() * 1000) / 1000,
})

// After a kill the counters that confirm it are read at once: its cgroup may be gone in a second.
async function sampleUrgently(
  ids: readonly CollectorId[],
  samplers: readonly Sampler[],
  { link }: Host,
): Promise<readonly Reading[]> {
  const counters = samplers.filter(({ id }) => ids.includes(id))
  await link?.beginSample(counters.flatMap(sampler => sampler.expectPaths(true)))
  return counters.map(sampler => sampler.sample(true))
}

// If a link is lost, or given up because of the end, in the middle of a sample, its readings are not what the node said.
function isLinkBroken({ link }: Host, isStopped: () => boolean): boolean {
  if (link?.failure && !isStopped()) throw link.failure
  return link?.failure !== undefined
}
