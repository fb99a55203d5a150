// Sampler: one collector on one host. Times every look, keeps only what changed, and backs off when a look is dear.
import type { Collector, Files, Host } from '../collectors/collector.ts'
import { type CollectorId, collectors } from '../collectors/index.ts'
import type { Reading } from '../history.ts'
import type { Clock } from './clock.ts'
import { KeptTexts } from './kept-texts.ts'

/** No source may take more than this share of time. */
const BUDGET = 0.01
/** A look that takes longer (ms) holds kernel locks for long: then it is repeated every ten minutes only. One that goes over many small files holds none. */
const DEAR = 500
const SELDOM = 600_000

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
  const look = collector.open(host, once)
  const usual = Math.max(collector.interval, interval)
  const changes = changedOnly()
  const brief = collector.brief?.(host)
  const dear = brief ? Number.POSITIVE_INFINITY : DEAR
  let due = Number.NEGATIVE_INFINITY
  let wholeDue = Number.NEGATIVE_INFINITY
  let costBefore = 0
  const whole = (time: number, urgent: boolean): Reading => {
    const { files, error } = attempt(() => changes(look(time, urgent)))
    const cost = clock.now() - time
    // one slow look may be chance (a page fault, a neighbour); two in a row are the price
    const next = backOff(usual, Math.min(cost, costBefore), dear)
    costBefore = cost
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

const backOff = (usual: number, cost: number, dear: number): number =>
  cost > dear ? SELDOM : Math.max(usual, cost / BUDGET)

function attempt(look: () => Files): { files: Files; error?: string } {
  try {
    return { files: look() }
  } catch (error) {
    return { files: {}, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Lets only those texts through that differ from the last ones; of the kernel log all, for each record is news. */
export function changedOnly(): (files: Files) => Files {
  const last = new KeptTexts()
  return files => {
    const changed: Record<string, string | null> = {}
    for (const [path, text] of Object.entries(files))
      if (path === '/dev/kmsg' || last.take(path, text)) changed[path] = text
    return changed
  }
}
