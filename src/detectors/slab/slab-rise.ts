// The rise of SUnreclaim to report: a spike (within a minute), a sustained one (five horizons), or one that pauses.

import { getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { HOUR, MINUTE, MiB } from '../../base/units.ts'
import type { History } from '../../history.ts'
import type { Finding } from '../detector.ts'
import { computeBurstRate, findPausedRise } from '../growth/burst.ts'
import { estimateTimeLeft } from '../growth/forecast.ts'
import type { Rise } from '../growth/rise.ts'
import { findSpike } from '../growth/spike.ts'
import { computeFloor, findSustainedRises } from '../growth/trend.ts'
import type { ThresholdTable, ThresholdValues } from '../thresholds.ts'
import { computeInodeMetadataGrowth } from './growing-caches.ts'

/** The thresholds of slab growth. */
export const THRESHOLDS = {
  fastShare: [0.001, 'share of RAM', 'growth within a minute that is a spike'],
  fastLeast: [32 * MiB, 'bytes', 'lower bound of that growth'],
  fastMost: [160 * MiB, 'bytes', 'upper bound of that growth; higher on the largest nodes'],
  urgentHours: [
    2,
    'hours',
    'a spike is reported even at a level that was reached before if memory runs out within this time',
  ],
  criticalHours: [
    24,
    'hours',
    'critical if memory runs out within this time and the growth used 15 % of what was available',
  ],
  warmUpMinutes: [
    30,
    'minutes',
    'time after boot in which growth is expected, unless memory runs out within urgentHours',
  ],
  warningLevel: [0.1, 'share of RAM', 'unreclaimable slab: warning'],
  criticalLevel: [0.25, 'share of RAM', 'unreclaimable slab: critical'],
  levelLeast: [
    128 * MiB,
    'bytes',
    'less unreclaimable slab is not reported by its level: a kernel needs tens of MiB on any node',
  ],
} as const satisfies ThresholdTable
/** Their values. */
export type SlabGrowthThresholds = ThresholdValues<typeof THRESHOLDS>

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB, smallShare: 0.03 },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB, smallShare: 0.02 },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB, smallShare: 0.012 },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB, smallShare: 0.006 },
  { span: 15 * MINUTE, share: 0.001, least: 16 * MiB, smallShare: 0.004 },
]

/** A rise, and whether it was found by the last minutes alone. */
export interface SlabRise extends Rise {
  readonly isSpike: boolean
}

/** SUnreclaim over time and the size of the node, bytes. */
export interface SlabInput {
  readonly series: Series
  /** MemTotal */
  readonly total: number
}

/**
 * Finds the rise to report; undefined if there is none.
 * @param open the alert of it that is open
 */
export function findSlabRise(
  history: History,
  { series, total }: SlabInput,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): SlabRise | undefined {
  const sustained = findSustainedRise(history, { series, total }, thresholds, open)
  const spike = findSlabSpike(history, series, computeSpikeFloor(total, thresholds), thresholds)
  const isSpikeAlert = isRiseAlert(open) && open.foundBy!.includes('spike')
  if (spike && (!sustained || spike.perHour > sustained.perHour))
    return { ...(isSpikeAlert ? extendRise(series, spike, open.since) : spike), isSpike: true }
  if (sustained) return { ...sustained, isSpike: false }
  const paused =
    isRiseAlert(open) && findPausedRise(series, history.time, open.since, computeSpikeFloor(total, thresholds) / 2)
  return paused ? { ...paused, isSpike: isSpikeAlert, ...(isSpikeAlert ? { perHour: 0 } : {}) } : undefined
}

// A spike that continues is one rise: its growth counts since the alert began, or since the data begins where the alert is of an earlier run.
function extendRise(series: Series, rise: Rise, begin: number): Rise {
  const since = Math.max(begin, getFirstTime(series) ?? rise.since)
  if (since >= rise.since) return rise
  return { ...rise, since, growth: Math.max(rise.growth, getLatest(series)! - getValueAt(series, since)!) }
}

/** Share of RAM per minute that takes about a day to fill it. On the largest nodes a smaller step is a deployment; a leak shows as a trend. */
const DAY_RATE = 4.5e-4

const computeSpikeFloor = (total: number, { fastShare, fastLeast, fastMost }: SlabGrowthThresholds): number =>
  Math.min(Math.max(fastMost, DAY_RATE * total), Math.max(fastLeast, fastShare * total))

// The alert is about a rise, not about the level alone.
const isRiseAlert = (open: Finding | undefined): open is Finding => open?.foundBy?.some(how => how !== 'level') ?? false

function findSustainedRise(
  history: History,
  { series, total }: SlabInput,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): Rise | undefined {
  if (isWarmingUp(history, thresholds)) return undefined
  const rises = findSustainedRises(series, history.time, { horizons: HORIZONS, whole: total, open: open !== undefined })
  const rise = rises.find(one => isSignificant(history, one, total, open !== undefined))
  if (!rise) return undefined
  const burstRate = computeBurstRate(series, history.time, isRiseAlert(open) ? [open.since, rise.since] : [rise.since])
  if (burstRate === undefined) return rise
  const { acceleration: _, ...even } = rise
  return { ...even, perHour: burstRate }
}

// A rise to a level of the last hours is a deployment or a returning load, unless memory would run out soon.
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
  const young = history.time - getFirstTime(series)! < 10 * MINUTE // its usual noise is not known yet
  const least = young ? Math.max(floor, 2e-3 * (history.meminfo.values.get('MemTotal') ?? 0)) : floor
  return findSpike(series, history.time, least, { gap, peakWindow: 6 * HOUR, getHarmlessGrowth: getInodeGrowth })
}

// Growth that only follows cached inodes does not count.
function isSignificant(history: History, { growth, window }: Rise, total: number, open: boolean): boolean {
  const horizon = HORIZONS.find(({ span }) => window >= (span * 2) / 3 - 1)!
  const floor = computeFloor(horizon, total) / (open ? 2 : 1)
  return growth - computeInodeMetadataGrowth(history, history.time - window) >= floor
}

function isWarmingUp({ uptime, time }: History, { warmUpMinutes }: SlabGrowthThresholds): boolean {
  return uptime.bootedAt !== undefined && time - uptime.bootedAt < warmUpMinutes * MINUTE
}
