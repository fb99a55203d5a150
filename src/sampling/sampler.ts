// Samples one collector on one host: measures the cost of each sample, keeps only changes, and backs off if samples are expensive.

import { hash } from 'node:crypto'
import { getErrorMessage } from '../base/errors.ts'
import { PathMap } from '../base/path-map.ts'
import type { Files, Host, ReaderOptions } from '../collectors/collector.ts'
import { type CollectorId, getCollector, isStream } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import type { Clock } from './clock.ts'
import { countFailures } from './count-failures.ts'

/** The largest share of time that a source may take, unless the plan says otherwise. */
const TIME_BUDGET = 0.01
/** A sample that takes longer (ms) holds kernel locks for long, so it is repeated only every ten minutes. Walks of many small files hold none. */
const EXPENSIVE_MS = 500
const MAX_DELAY = 600_000
/** The longest delay of a walk of many small files: on a busy machine a sample waits for its turn, which costs nothing. */
const MAX_WALK_DELAY = 60_000

/** A walk that takes less (ms) does not disturb anything: its share is not reduced, but it is sampled less often. */
const NEGLIGIBLE_MS = 10
/** The least share of a walk. With less, the files of every sample would use up the budget, and the others would wait for hours. */
const MIN_SHARE = 1 / 8

/** Samples a collector when it is due. */
export interface Sampler {
  readonly id: CollectorId
  readonly due: number
  /** takes a sample and returns it as a Reading; an error becomes a Reading too */
  sample(urgent: boolean): Reading
  /** the files that the next sample will read, where the node is over a link */
  expectPaths(urgent: boolean): readonly string[]
  /** the same of an expensive source, whose cost is to be known: its files are fetched on their own */
  expectAlone(): readonly string[]
}

/** How often samples are taken, in milliseconds. */
export interface SamplerPlan extends ReaderOptions {
  readonly interval: number
  /** intervals in place of the collectors' own */
  readonly intervals?: Readonly<Partial<Record<CollectorId, number>>>
  /** the largest share of time that a source may take, in place of 0.01 */
  readonly timeBudget?: number
}

/** Creates the sampler of a collector. */
export function createSampler(
  id: CollectorId,
  host: Host,
  clock: Clock,
  { interval, once = false, watched = [], intervals = {}, timeBudget = TIME_BUDGET }: SamplerPlan,
): Sampler {
  const collector = getCollector(id)
  const { trackedHost, listRead } = trackPaths(host)
  const counter = countFailures(trackedHost)
  const readFiles = collector.openReader(counter.host, { once, watched })
  const baseInterval = Math.max(intervals[id] ?? collector.interval, interval)
  const keepChanged = isStream(id) ? (files: Files): Files => files : createChangeFilter()
  // over a link an expensive source is read on its own, so that its cost is known
  const isFetchedAlone = baseInterval > MAX_SHARED_INTERVAL && baseInterval > interval
  const readCheap = collector.openCheap?.(counter.host)
  const expensiveAbove = readCheap ? Number.POSITIVE_INFINITY : EXPENSIVE_MS
  let due = Number.NEGATIVE_INFINITY
  let fullDue = Number.NEGATIVE_INFINITY
  let previousCost = 0
  let share = 1
  const sampleFully = (time: number, urgent: boolean): Reading => {
    const measureCost = startMeasuring(host, clock, { startedAt: time, previousCost })
    const { files, error } = tryRead(() => keepChanged(counter.run(() => readFiles(time, urgent, share))))
    const cost = measureCost()
    // one slow sample may be chance (a page fault, a busy neighbour); the lower of two in a row is the cost
    const sustainedCost = Math.min(cost, previousCost)
    previousCost = cost
    // a smaller share after one slow sample does no harm
    if (!urgent) share = computeShare(share, cost / Math.max(NEGLIGIBLE_MS, timeBudget * baseInterval))
    const next = computeDelay(baseInterval, { cost: sustainedCost, timeBudget, expensiveAbove })
    if (!urgent) fullDue = time + next
    const reading = { time: roundTime(time), collector: id, files, cost: roundTime(cost) }
    return { ...reading, ...(error === undefined ? {} : { error }), ...(next === baseInterval ? {} : { next }) }
  }
  const isCheapNext = (time: number, urgent: boolean): boolean =>
    readCheap !== undefined && !urgent && fullDue - time > baseInterval / 2
  const sample = (urgent: boolean): Reading => {
    const time = host.link?.sampledAt ?? clock.now()
    listRead.clear()
    const wait = fullDue - time
    const isCheapOnly = isCheapNext(time, urgent)
    const reading = isCheapOnly
      ? {
          time: roundTime(time),
          collector: id,
          ...tryRead(() => keepChanged(counter.run(() => readCheap!(time, false)))),
          next: roundTime(wait),
        }
      : sampleFully(time, urgent)
    if (!urgent) due = readCheap ? Math.min(fullDue, time + baseInterval) : fullDue
    return reading
  }
  return {
    id,
    get due() {
      return due
    },
    sample,
    expectAlone: () => (isFetchedAlone && !isCheapNext(clock.now(), false) ? listRead.get() : []),
    expectPaths: urgent => {
      if (isFetchedAlone) return []
      const now = clock.now()
      return (isCheapNext(now, urgent) ? undefined : readFiles.expectPaths?.(now, urgent, share)) ?? listRead.get()
    },
  }
}

// On a busy node a sample also waits for its turn, which costs nothing: a source that seemed slow is measured by its CPU time. Others are
// not, because asking for it takes two system calls.
function startMeasuring(
  host: Host,
  clock: Clock,
  { startedAt, previousCost }: { readonly startedAt: number; readonly previousCost: number },
): () => number {
  const { link } = host
  if (link) return () => link.takeCost()
  const readTime = (previousCost > NEGLIGIBLE_MS && clock.readCpuTime) || clock.now
  const start = readTime === clock.now ? startedAt : readTime()
  return () => readTime() - start
}

/** Sources with a longer interval (ms) are fetched on their own over a link. */
const MAX_SHARED_INTERVAL = 5000

/** Over a link, the host that remembers which files were read since the last `clear`; else the host itself. */
function trackPaths(host: Host): { trackedHost: Host; listRead: { clear(): void; get(): readonly string[] } } {
  const { link } = host
  if (!link) return { trackedHost: host, listRead: { clear: () => {}, get: () => [] } }
  const read = new Set<string>()
  const trackedHost: Host = {
    processes: host.processes,
    link,
    readFile: path => {
      read.add(path)
      return host.readFile(path)
    },
    listDirectory: path => {
      read.add(path.endsWith('/') ? path : `${path}/`)
      return host.listDirectory(path)
    },
    listSubdirectories: path => host.listSubdirectories(path),
    statFile: path => host.statFile(path),
    readLink: path => host.readLink(path),
    drainDevice: path => host.drainDevice(path),
    watchDirectory: (path, onChange) => host.watchDirectory(path, onChange),
  }
  return { trackedHost, listRead: { clear: () => read.clear(), get: () => [...read] } }
}

const roundTime = (ms: number): number => Math.round(ms * 1000) / 1000

// `excess`: cost divided by budget. The share grows slowly, because a sample with little to read says little about the next.
const computeShare = (share: number, excess: number): number =>
  Math.min(1, Math.max(MIN_SHARE, share / Math.min(8, Math.max(0.8, excess))))

const computeDelay = (
  baseInterval: number,
  { cost, timeBudget, expensiveAbove }: Readonly<Record<'cost' | 'timeBudget' | 'expensiveAbove', number>>,
): number =>
  cost > expensiveAbove
    ? MAX_DELAY
    : Math.max(baseInterval, Math.min(cost / timeBudget, expensiveAbove === EXPENSIVE_MS ? MAX_DELAY : MAX_WALK_DELAY))

function tryRead(read: () => Files): { files: Files; error?: string } {
  try {
    return { files: read() }
  } catch (error) {
    return { files: {}, error: getErrorMessage(error) }
  }
}

/** Creates a filter that lets only changed texts through. */
export function createChangeFilter(): (files: Files) => Files {
  const last = new PathMap<string | number>()
  const isChanged = (path: string, text: string | null): boolean => {
    if (text === null) {
      last.delete(path)
      return true
    }
    const digest = text.length < HASHED_LENGTH ? text : hashText(text)
    if (last.get(path) === digest) return false
    last.set(path, digest)
    return true
  }
  return files => {
    const changed: Record<string, string | null> = {}
    for (const [path, text] of Object.entries(files)) if (isChanged(path, text)) changed[path] = text
    return changed
  }
}

/** Longer texts are compared by their hash: ten thousand texts of memory.stat would take 15 MB. */
const HASHED_LENGTH = 100

/** Returns 52 bits of a hash. A number takes less memory than a string. */
const hashText = (text: string): number => Number.parseInt(hash('sha1', text).slice(0, 13), 16)
