// Sampler: one collector on one host. Times every look, keeps only what changed, and backs off when a look is dear.

import { PathMap } from '../base/path-map.ts'
import type { Collector, Files, Host } from '../collectors/collector.ts'
import { type CollectorId, collectors } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import type { Clock } from './clock.ts'

/** No source may take more than this share of time. */
const TIME_BUDGET = 0.01
/** A look that takes longer (ms) holds kernel locks for long: then it is repeated every ten minutes only. One that goes over many small files holds none. */
const EXPENSIVE_MS = 500
const MAX_DELAY = 600_000
/** The longest wait of one that goes over many small files: on a busy machine a look waits for its turn, and that is no price. */
const MAX_WALK_DELAY = 60_000

/** Milliseconds of a look at many small files that nobody feels: one of less is not made smaller, but comes more seldom. */
const NEGLIGIBLE_MS = 10
/** At least this share is read at such a look. With less, what every look reads would take all it may, and the others wait for hours. */
const MIN_SHARE = 1 / 8

/** A collector that looks when it is due. */
export interface Sampler {
  readonly id: CollectorId
  readonly due: number
  /** one look, as a Reading; a refusal is a Reading too */
  sample(urgent: boolean): Reading
}

/** @param once see Collector.open */
export function createSampler(id: CollectorId, host: Host, clock: Clock, interval: number, once = false): Sampler {
  const collector = collectors[id] as Collector<unknown>
  const readFiles = collector.openReader(host, once)
  const baseInterval = Math.max(collector.interval, interval)
  const keepChanged = createChangeFilter()
  const readCheap = collector.openCheap?.(host)
  const expensiveAbove = readCheap ? Number.POSITIVE_INFINITY : EXPENSIVE_MS
  let due = Number.NEGATIVE_INFINITY
  let fullDue = Number.NEGATIVE_INFINITY
  let previousCost = 0
  let share = 1
  const sampleFully = (time: number, urgent: boolean): Reading => {
    const { files, error } = tryRead(() => keepChanged(readFiles(time, urgent, share)))
    const cost = clock.now() - time
    // one slow look may be chance (a page fault, a neighbour); two in a row are the price
    const sustainedCost = Math.min(cost, previousCost)
    previousCost = cost
    if (!urgent) share = computeShare(share, cost / Math.max(NEGLIGIBLE_MS, TIME_BUDGET * baseInterval)) // to read less after one slow look does no harm
    const next = computeDelay(baseInterval, sustainedCost, expensiveAbove)
    if (!urgent) fullDue = time + next
    const reading = { time: roundTime(time), collector: id, files, cost: roundTime(cost) }
    return { ...reading, ...(error === undefined ? {} : { error }), ...(next === baseInterval ? {} : { next }) }
  }
  const sample = (urgent: boolean): Reading => {
    const time = clock.now()
    const wait = fullDue - time
    const isCheapOnly = readCheap !== undefined && !urgent && wait > baseInterval / 2
    const reading = isCheapOnly
      ? {
          time: roundTime(time),
          collector: id,
          ...tryRead(() => keepChanged(readCheap(time, false))),
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
  }
}

const roundTime = (ms: number): number => Math.round(ms * 1000) / 1000

// `excess`: the price over what it may be. More is taken on by and by: a look that has little to read says little of the next.
const computeShare = (share: number, excess: number): number =>
  Math.min(1, Math.max(MIN_SHARE, share / Math.min(8, Math.max(0.8, excess))))

const computeDelay = (baseInterval: number, cost: number, expensiveAbove: number): number =>
  cost > expensiveAbove
    ? MAX_DELAY
    : Math.max(baseInterval, Math.min(cost / TIME_BUDGET, expensiveAbove === EXPENSIVE_MS ? MAX_DELAY : MAX_WALK_DELAY))

function tryRead(read: () => Files): { files: Files; error?: string } {
  try {
    return { files: read() }
  } catch (error) {
    return { files: {}, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Lets only those texts through that differ from the last ones; of the kernel log all, for each record is news. */
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
    for (const [path, text] of Object.entries(files))
      if (path === '/dev/kmsg' || isChanged(path, text)) changed[path] = text
    return changed
  }
}

/** Longer texts are compared by their hash: ten thousand of memory.stat would be 15 MB. */
const HASHED_LENGTH = 100

// cyrb53 (public domain): 53 bits, so that two texts are taken for the same once in a million years
function hashText(text: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2_654_435_761)
    b = Math.imul(b ^ code, 1_597_334_677)
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0)
}
