// What grows with an error storm: the kind of memory and the cgroup whose curve agrees best with that of the errors.
import { findAgreement } from '../base/cross-correlation.ts'
import { getValueAt, getValueOrFirst, type Series } from '../base/series.ts'
import { MINUTE, MiB } from '../base/units.ts'
import type { AppLog } from '../collectors/applog/index.ts'
import type { History } from '../history.ts'

/** Milliseconds before now that are compared. */
export const BASELINE = 15 * MINUTE
const STEP = 5000
const MAX_LAG = 12 // steps
const SAME_SCORE = 0.03

/** Memory that grew in the same minutes. */
export interface Companion {
  /** name as in `findEvidenceSeries` */
  readonly name: string
  readonly label: string
  readonly growth: number
  readonly r: number
  /** ms that memory follows the errors; negative: it came first */
  readonly lag: number
}

const MEMORY = [
  'SUnreclaim',
  'SReclaimable',
  'AnonPages',
  'Shmem',
  'KernelStack',
  'PageTables',
  'SecPageTables',
  'Percpu',
  'GPUActive',
  'unaccounted',
] as const

/** What grew with the errors of a log, the best agreement of each; undefined where nothing did. */
export interface Companions {
  /** a kind of memory of the node */
  readonly memory: Companion | undefined
  readonly cgroup: Companion | undefined
}

/** What a growth needs to be named: the correlation, and MiB. */
interface Bounds {
  readonly agreement: number
  readonly growth: number
}

/** Finds the memory and the cgroup that grew most in step with the errors of a log. */
export function findCompanions(history: History, log: AppLog, bounds: Bounds): Companions {
  const memory = MEMORY.map(name => ({ name: `meminfo ${name}`, label: name, series: history.meminfo.series[name] }))
  const cgroups = [...history.cgroups.cgroups.values()]
    .filter(({ path }) => path !== '/')
    .map(({ path, series }) => ({ name: `cgroup ${path}`, label: path, series }))
  const errors = computeRates(log.errors, history.time, Math.min(BASELINE, history.time))
  return {
    memory: rankCandidates(memory, errors, history.time, bounds)[0],
    cgroup: pickDeepest(rankCandidates(cgroups, errors, history.time, bounds)),
  }
}

interface Candidate {
  readonly name: string
  readonly label: string
  readonly series: Series | undefined
}

// The best agreement first.
function rankCandidates(
  candidates: readonly Candidate[],
  errors: readonly number[],
  time: number,
  { agreement, growth }: Bounds,
): readonly Companion[] {
  const span = Math.min(BASELINE, time)
  const found = candidates.flatMap(({ name, label, series }): readonly Companion[] => {
    if (!series || series.length < 3) return []
    const grown = (getValueAt(series, time) ?? 0) - getValueOrFirst(series, time - span)!
    if (grown < growth * MiB) return []
    const best = findAgreement(errors, computeRates(series, time, span), MAX_LAG)
    const isAgreed = best && computeScore(best.r, best.lag * STEP) >= agreement
    return isAgreed ? [{ name, label, growth: grown, r: best.r, lag: best.lag * STEP }] : []
  })
  return found.sort((a, b) => computeScore(b.r, b.lag) - computeScore(a.r, a.lag))
}

// A cgroup and those above it have the same curve: the one that holds the memory is the deepest.
function pickDeepest(ranked: readonly Companion[]): Companion | undefined {
  const [best] = ranked
  const isAsGood = (one: Companion): boolean =>
    computeScore(one.r, one.lag) >= computeScore(best!.r, best!.lag) - SAME_SCORE && one.growth >= best!.growth / 2
  return ranked.filter(isAsGood).sort((a, b) => b.label.split('/').length - a.label.split('/').length)[0]
}

// Of many curves one agrees by chance at some lag: the longer the lag, the better the agreement must be.
const computeScore = (r: number, lag: number): number => r * (1 - Math.abs(lag) / (4 * MINUTE))

// Change per step, smoothed over three: samples of memory and of logs do not come at the same moments.
function computeRates(series: Series, time: number, span: number): readonly number[] {
  const steps = Math.floor(span / STEP)
  const values = Array.from({ length: steps + 1 }, (_, i) => getValueOrFirst(series, time - (steps - i) * STEP) ?? 0)
  const changes = values.slice(1).map((value, i) => value - values[i]!)
  return changes.map((change, i) => (change + (changes[i - 1] ?? change) + (changes[i + 1] ?? change)) / 3)
}
