// The rise of SUnreclaim that matters most: a fast one (a minute), a lasting one (five horizons), or one that stands in a pause.
import { getFirstTime, getLatest, type Series, getValueAt } from '../base/series.ts'
import type { History } from '../history.ts'
import type { Finding } from './detector.ts'
import { timeLeft } from './exhaustion.ts'
import { fastRise } from './fast.ts'
import { companionGrowth } from './growers.ts'
import { lastingRises, type Rise } from './lasting.ts'
import { burstPace, standing } from './standing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MiB = 2 ** 20

export const MINUTE_LONG = 'minute'

export const defaults = {
  /** a rise within a minute that is told: share of RAM, but within these bounds (on large nodes the upper one is what ends the memory in a day) */
  fastShare: 0.001,
  fastLeast: 32 * MiB,
  fastMost: 160 * MiB,
  /** time left (hours) below which a fast rise is told though it was as high before */
  urgentHours: 2,
  /** time left (hours) below which a rise is red, once it took 15 % of what there was (2 %: the last hour) */
  criticalHours: 24,
  /** minutes after boot in which a rise is warm-up, unless the end is as near as that */
  warmUpMinutes: 30,
  /** shares of RAM that unreclaimable slab may hold at all */
  warningLevel: 0.1,
  criticalLevel: 0.25,
}
export type Thresholds = Readonly<typeof defaults>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.001, least: 16 * MiB },
]

/** A rise, and whether nothing but the last minutes speak for it. */
export interface Found extends Rise {
  readonly fast: boolean
}

/**
 * The rise that an alert is to tell, undefined when there is none.
 * @param total MemTotal, bytes
 * @param open the alert of it that is open
 */
export function riseOf(
  history: History,
  series: Series,
  total: number,
  thresholds: Thresholds,
  open: Finding | undefined,
): Found | undefined {
  const lasting = lastingOf(history, series, total, thresholds, open)
  const fast = fastOf(history, series, fastFloor(total, thresholds), thresholds)
  const fastOnly = rose(open) && open.evidence.horizon === MINUTE_LONG
  if (fast && (!lasting || fast.perHour > lasting.perHour))
    return { ...(fastOnly ? since(series, fast, open.since) : fast), fast: true }
  if (lasting) return { ...lasting, fast: false }
  const stands = rose(open) && standing(series, history.time, open.since, fastFloor(total, thresholds) / 2)
  return stands ? { ...stands, fast: fastOnly, ...(fastOnly ? { perHour: 0 } : {}) } : undefined
}

// A fast rise that goes on is one rise: what it took since it began bears it out.
const since = (series: Series, rise: Rise, begin: number): Rise =>
  begin < rise.since
    ? { ...rise, since: begin, growth: Math.max(rise.growth, getLatest(series)! - (getValueAt(series, begin) ?? 0)) }
    : rise

/** Share of RAM a minute that ends in about a day: on the largest nodes a step of less is a deploy, and a leak is told by what lasts. */
const A_DAY = 4.5e-4

const fastFloor = (total: number, { fastShare, fastLeast, fastMost }: Thresholds): number =>
  Math.min(Math.max(fastMost, A_DAY * total), Math.max(fastLeast, fastShare * total))

// The alert is of a rise, not of a level alone.
const rose = (open: Finding | undefined): open is Finding => typeof open?.evidence.growth === 'number'

function lastingOf(
  history: History,
  series: Series,
  total: number,
  thresholds: Thresholds,
  open: Finding | undefined,
): Rise | undefined {
  if (warmingUp(history, thresholds)) return undefined
  const rises = lastingRises(series, history.time, { horizons: HORIZONS, whole: total, open: open !== undefined })
  const rise = rises.find(one => matters(history, one, total, open !== undefined))
  if (!rise) return undefined
  const pace = burstPace(series, history.time, rose(open) ? [open.since, rise.since] : [rise.since])
  if (pace === undefined) return rise
  const { quickens: _, ...even } = rise
  return { ...even, perHour: pace }
}

// A rise to where it already was this morning is a deploy or a load that came back, unless the end would be near.
function fastOf(history: History, series: Series, floor: number, thresholds: Thresholds): Rise | undefined {
  const gap = history.sources.meminfo?.gap
  const follows = (since: number): number => companionGrowth(history, since)
  const rise = fastRise(series, history.time, floor, { gap, peaks: 5 * MINUTE, follows })
  if (!rise || (timeLeft(history, rise) ?? Number.POSITIVE_INFINITY) < thresholds.urgentHours * HOUR) return rise
  if (warmingUp(history, thresholds)) return undefined
  const young = history.time - getFirstTime(series)! < 10 * MINUTE // how restless it is by itself is not known yet
  const least = young ? Math.max(floor, 2e-3 * (history.meminfo.values.get('MemTotal') ?? 0)) : floor
  return fastRise(series, history.time, least, { gap, peaks: 6 * HOUR, follows })
}

// What only follows cached inodes is no growth of its own.
function matters(history: History, { growth, window }: Rise, total: number, open: boolean): boolean {
  const horizon = HORIZONS.find(({ span }) => window >= (span * 2) / 3 - 1)!
  const floor = Math.max(horizon.share * total, horizon.least) / (open ? 2 : 1)
  return growth - companionGrowth(history, history.time - window) >= floor
}

function warmingUp({ uptime, time }: History, { warmUpMinutes }: Thresholds): boolean {
  return uptime.bootedAt !== undefined && time - uptime.bootedAt < warmUpMinutes * MINUTE
}
