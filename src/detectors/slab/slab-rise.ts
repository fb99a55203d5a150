// The rise of SUnreclaim that matters most: a fast one (a minute), a lasting one (five horizons), or one that stands in a pause.

import { getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { HOUR, MINUTE, MiB } from '../../base/units.ts'
import type { History } from '../../history.ts'
import type { Finding } from '../detector.ts'
import { computeBurstRate, findPausedRise } from '../growth/burst.ts'
import { estimateTimeLeft } from '../growth/forecast.ts'
import { findSpike } from '../growth/spike.ts'
import { findSustainedRises, type Rise } from '../growth/trend.ts'
import { computeInodeMetadataGrowth } from './growing-caches.ts'

export const MINUTE_HORIZON = 'minute'

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
export type SlabGrowthThresholds = Readonly<typeof defaults>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.001, least: 16 * MiB },
]

/** A rise, and whether nothing but the last minutes speak for it. */
export interface SlabRise extends Rise {
  readonly isSpike: boolean
}

/**
 * The rise that an alert is to tell, undefined when there is none.
 * @param total MemTotal, bytes
 * @param open the alert of it that is open
 */
export function findSlabRise(
  history: History,
  series: Series,
  total: number,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): SlabRise | undefined {
  const sustained = findSustainedRise(history, series, total, thresholds, open)
  const spike = findSlabSpike(history, series, computeSpikeFloor(total, thresholds), thresholds)
  const isSpikeAlert = isRiseAlert(open) && open.evidence.horizon === MINUTE_HORIZON
  if (spike && (!sustained || spike.perHour > sustained.perHour))
    return { ...(isSpikeAlert ? extendRise(series, spike, open.since) : spike), isSpike: true }
  if (sustained) return { ...sustained, isSpike: false }
  const paused =
    isRiseAlert(open) && findPausedRise(series, history.time, open.since, computeSpikeFloor(total, thresholds) / 2)
  return paused ? { ...paused, isSpike: isSpikeAlert, ...(isSpikeAlert ? { perHour: 0 } : {}) } : undefined
}

// A fast rise that goes on is one rise: what it took since it began bears it out.
const extendRise = (series: Series, rise: Rise, begin: number): Rise =>
  begin < rise.since
    ? { ...rise, since: begin, growth: Math.max(rise.growth, getLatest(series)! - (getValueAt(series, begin) ?? 0)) }
    : rise

/** Share of RAM a minute that ends in about a day: on the largest nodes a step of less is a deploy, and a leak is told by what lasts. */
const DAY_RATE = 4.5e-4

const computeSpikeFloor = (total: number, { fastShare, fastLeast, fastMost }: SlabGrowthThresholds): number =>
  Math.min(Math.max(fastMost, DAY_RATE * total), Math.max(fastLeast, fastShare * total))

// The alert is of a rise, not of a level alone.
const isRiseAlert = (open: Finding | undefined): open is Finding => typeof open?.evidence.growth === 'number'

function findSustainedRise(
  history: History,
  series: Series,
  total: number,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): Rise | undefined {
  if (isWarmingUp(history, thresholds)) return undefined
  const rises = findSustainedRises(series, history.time, { horizons: HORIZONS, whole: total, open: open !== undefined })
  const rise = rises.find(one => isSignificant(history, one, total, open !== undefined))
  if (!rise) return undefined
  const burstRate = computeBurstRate(series, history.time, isRiseAlert(open) ? [open.since, rise.since] : [rise.since])
  if (burstRate === undefined) return rise
  const { quickens: _, ...even } = rise
  return { ...even, perHour: burstRate }
}

// A rise to where it already was this morning is a deploy or a load that came back, unless the end would be near.
function findSlabSpike(
  history: History,
  series: Series,
  floor: number,
  thresholds: SlabGrowthThresholds,
): Rise | undefined {
  const gap = history.sources.meminfo?.gap
  const getInodeGrowth = (since: number): number => computeInodeMetadataGrowth(history, since)
  const rise = findSpike(series, history.time, floor, {
    gap,
    peakWindow: 5 * MINUTE,
    getHarmlessGrowth: getInodeGrowth,
  })
  if (!rise || (estimateTimeLeft(history, rise) ?? Number.POSITIVE_INFINITY) < thresholds.urgentHours * HOUR)
    return rise
  if (isWarmingUp(history, thresholds)) return undefined
  const young = history.time - getFirstTime(series)! < 10 * MINUTE // how restless it is by itself is not known yet
  const least = young ? Math.max(floor, 2e-3 * (history.meminfo.values.get('MemTotal') ?? 0)) : floor
  return findSpike(series, history.time, least, { gap, peakWindow: 6 * HOUR, getHarmlessGrowth: getInodeGrowth })
}

// What only follows cached inodes is no growth of its own.
function isSignificant(history: History, { growth, window }: Rise, total: number, open: boolean): boolean {
  const horizon = HORIZONS.find(({ span }) => window >= (span * 2) / 3 - 1)!
  const floor = Math.max(horizon.share * total, horizon.least) / (open ? 2 : 1)
  return growth - computeInodeMetadataGrowth(history, history.time - window) >= floor
}

function isWarmingUp({ uptime, time }: History, { warmUpMinutes }: SlabGrowthThresholds): boolean {
  return uptime.bootedAt !== undefined && time - uptime.bootedAt < warmUpMinutes * MINUTE
}
