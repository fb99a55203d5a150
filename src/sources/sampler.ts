// Sampler: one collector on one host. Times every look, keeps only what changed, and backs off when a look is dear.
import type { Collector, Files, Host } from '../collectors/collector.ts'
import { type CollectorId, collectors } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import { ByDirectory } from './by-directory.ts'
import type { Clock } from './clock.ts'

/** No source may take more than this share of time. */
const BUDGET = 0.01
/** A look that takes longer (ms) holds kernel locks for long: then it is repeated every ten minutes only. One that goes over many small files holds none. */
const DEAR = 500
const SELDOM = 600_000
/** The longest wait of one that goes over many small files: on a busy machine a look waits for its turn, and that is no price. */
const LONGEST = 60_000

/** Milliseconds of a look at many small files that nobody feels: one of less is not made smaller, but comes more seldom. */
const UNFELT = 10
/** At least this share is read at such a look. With less, what every look reads would take all it may, and the others wait for hours. */
const LEAST = 1 / 8

/** A collector that looks when it is due. */
export interface Sampler {
  readonly id: CollectorId
  readonly due: number
  /** one look, as a Reading; a refusal is a Reading too */
  sample(urgent: boolean): Reading
}

/** @param once see Collector.open */
export function sampler(id: CollectorId, host: Host, clock: Clock, interval: number, once = false): Sampler {
  const collector = collectors[id] as Collector<unknown>
  const look = collector.openReader(host, once)
  const usual = Math.max(collector.interval, interval)
  const changes = changedOnly()
  const brief = collector.openCheap?.(host)
  const dear = brief ? Number.POSITIVE_INFINITY : DEAR
  let due = Number.NEGATIVE_INFINITY
  let wholeDue = Number.NEGATIVE_INFINITY
  let costBefore = 0
  let share = 1
  const whole = (time: number, urgent: boolean): Reading => {
    const { files, error } = attempt(() => changes(look(time, urgent, share)))
    const cost = clock.now() - time
    // one slow look may be chance (a page fault, a neighbour); two in a row are the price
    const price = Math.min(cost, costBefore)
    costBefore = cost
    if (!urgent) share = shareAfter(share, cost / Math.max(UNFELT, BUDGET * usual)) // to read less after one slow look does no harm
    const next = backOff(usual, price, dear)
    if (!urgent) wholeDue = time + next
    const reading = { time: round(time), collector: id, files, cost: round(cost) }
    return { ...reading, ...(error === undefined ? {} : { error }), ...(next === usual ? {} : { next }) }
  }
  const sample = (urgent: boolean): Reading => {
    const time = clock.now()
    const wait = wholeDue - time
    const spared = brief !== undefined && !urgent && wait > usual / 2
    const reading = spared
      ? { time: round(time), collector: id, ...attempt(() => changes(brief(time, false))), next: round(wait) }
      : whole(time, urgent)
    if (!urgent) due = brief ? Math.min(wholeDue, time + usual) : wholeDue
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

const round = (ms: number): number => Math.round(ms * 1000) / 1000

// `excess`: the price over what it may be. More is taken on by and by: a look that has little to read says little of the next.
const shareAfter = (share: number, excess: number): number =>
  Math.min(1, Math.max(LEAST, share / Math.min(8, Math.max(0.8, excess))))

const backOff = (usual: number, cost: number, dear: number): number =>
  cost > dear ? SELDOM : Math.max(usual, Math.min(cost / BUDGET, dear === DEAR ? SELDOM : LONGEST))

function attempt(look: () => Files): { files: Files; error?: string } {
  try {
    return { files: look() }
  } catch (error) {
    return { files: {}, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Lets only those texts through that differ from the last ones; of the kernel log all, for each record is news. */
export function changedOnly(): (files: Files) => Files {
  const last = new ByDirectory<string | number>()
  const isNews = (path: string, text: string | null): boolean => {
    if (text === null) {
      last.delete(path)
      return true
    }
    const mark = text.length < LONG ? text : hashOf(text)
    if (last.get(path) === mark) return false
    last.set(path, mark)
    return true
  }
  return files => {
    const changed: Record<string, string | null> = {}
    for (const [path, text] of Object.entries(files))
      if (path === '/dev/kmsg' || isNews(path, text)) changed[path] = text
    return changed
  }
}

/** Longer texts are compared by their hash: ten thousand of memory.stat would be 15 MB. */
const LONG = 100

// cyrb53 (public domain): 53 bits, so that two texts are taken for the same once in a million years
function hashOf(text: string): number {
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
