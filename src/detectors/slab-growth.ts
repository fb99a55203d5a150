// Unreclaimable slab growth: fast (a minute), lasting (three horizons), or simply too much. See KERNEL docs on SUnreclaim:
// it is what slab holds that no reclaim can free, so a lasting rise ends in OOM.
import { bytes, duration, percent, signedBytes } from '../base/format.ts'
import { between, firstTime, latest, type Series, sample, valueAt } from '../base/series.ts'
import { isLasting, trendOf } from '../base/trend.ts'
import type { History } from '../history.ts'
import { type Detector, type Finding, RANK, type Severity } from './detector.ts'
import { companionGrowth, type Grower, growers, telling } from './growers.ts'
import { slabRemedies } from './slab-remedies.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const MiB = 2 ** 20

const defaults = {
  /** a rise within a minute that is told: share of RAM, but within these bounds */
  fastShare: 0.001,
  fastLeast: 32 * MiB,
  fastMost: 128 * MiB,
  /** a rise within a minute that is red whatever else */
  fastCritical: 160 * MiB,
  /** time left (hours) below which a lasting rise is red */
  criticalHours: 24,
  /** shares of RAM that unreclaimable slab may hold at all */
  warningLevel: 0.1,
  criticalLevel: 0.25,
}
type Thresholds = Readonly<typeof defaults>

const SUBJECT = 'SUnreclaim'

// span: how far back; share and least: the growth in it that matters
const HORIZONS = [
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.001, least: 16 * MiB },
]

/** A rise of SUnreclaim: bytes gained since a time, and the pace in bytes per hour (0: it has levelled off). */
interface Rise {
  readonly since: number
  readonly growth: number
  readonly perHour: number
  readonly horizon: string
}

export const slabGrowth: Detector<Thresholds> = {
  title: 'unreclaimable slab grows',
  after: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const series = history.meminfo.series.SUnreclaim
    const total = history.meminfo.values.get('MemTotal')
    if (!series || !total) return []
    const fast = fastRise(history, series, total, thresholds)
    const lasting = lastingRises(history, series, total, open?.has(SUBJECT) ?? false)
    const rise = fast ?? lasting[0]
    const finding = rise
      ? riseFinding(history, rise, { fast: rise === fast, horizons: lasting.length }, thresholds)
      : undefined
    const level = levelFinding(history, series, total, thresholds)
    return [finding, level]
      .filter(found => found !== undefined)
      .sort((a, b) => RANK[b.severity] - RANK[a.severity])
      .slice(0, 1)
  },
}

// --- fast

// A fast rise is told while it lasts and for a minute after, so that it does not come and go with every burst.
function fastRise(history: History, series: Series, total: number, thresholds: Thresholds): Rise | undefined {
  const floor = Math.min(thresholds.fastMost, Math.max(thresholds.fastLeast, thresholds.fastShare * total))
  const now = history.time
  for (const time of [now, now - 20 * SECOND, now - 40 * SECOND, now - MINUTE]) {
    const reference = referenceLevel(series, time)
    if (reference === undefined) continue
    const growth = stood(series, time, reference.level, floor)
    if (growth < floor) continue
    const still = lowest(series, now - 5 * SECOND, now) - reference.level
    if (still < floor / 2 || still - companionGrowth(history, reference.until) < floor / 2) continue
    const recent = (valueAt(series, now) ?? 0) - (valueAt(series, now - 10 * SECOND) ?? reference.level)
    const span = Math.max(12 * SECOND, now - reference.until)
    const level = recent < (growth / span) * 10 * SECOND * 0.25 // the last 10 s at a quarter of the pace
    return { since: reference.until, growth: still, perHour: level ? 0 : (still * HOUR) / span, horizon: 'minute' }
  }
  return undefined
}

// What it rose from: the highest of the five minutes before the last one, so that a saw-tooth measures itself against
// its own last peak; in a young session what its first look showed.
function referenceLevel(series: Series, time: number): { level: number; until: number } | undefined {
  const first = firstTime(series)
  if (first === undefined || time - first < 8 * SECOND) return undefined
  const until = Math.max(first, time - MINUTE)
  const { values } = between(series, until - 5 * MINUTE, until)
  return { level: Math.max(...values), until }
}

// How far it stands above the reference: a large rise must have stood for 5 s, a small one for 12.
function stood(series: Series, time: number, level: number, floor: number): number {
  const large = lowest(series, time - 5 * SECOND, time) - level
  return large >= 1.5 * floor ? large : lowest(series, time - 12 * SECOND, time) - level
}

const lowest = (series: Series, begin: number, end: number): number => Math.min(...between(series, begin, end).values)

// --- lasting

// An open alert stands until the rise is clearly over.
const STILL = { z: 1, persistence: 0.15, ratchet: 3 }

function lastingRises(history: History, series: Series, total: number, open: boolean): readonly Rise[] {
  const { bootedAt } = history.uptime
  if (bootedAt !== undefined && history.time - bootedAt < 30 * MINUTE) return [] // warm-up
  return HORIZONS.flatMap(({ span, share, least }) => {
    const begin = Math.max(firstTime(series)!, history.time - span)
    const window = history.time - begin
    if (window < (span * 2) / 3) return []
    const values = sample(series, begin, history.time, 60).map(value => value ?? 0)
    const trend = trendOf(values)
    if (!trend || !isLasting(trend, open ? STILL : undefined)) return []
    const growth = trend.slope * 59
    if (growth - companionGrowth(history, begin) < Math.max(share * total, least) / (open ? 2 : 1)) return []
    return [{ since: begin, growth, perHour: (growth * HOUR) / window, horizon: duration(window) }]
  })
}

// --- findings

function riseFinding(
  history: History,
  rise: Rise,
  { fast, horizons }: { fast: boolean; horizons: number },
  thresholds: Thresholds,
): Finding {
  const left = timeLeft(history, rise.perHour)
  const soon = left !== undefined && left < thresholds.criticalHours * HOUR * (fast ? 0.25 : 1)
  const critical =
    (fast && rise.perHour > 0 && rise.growth >= thresholds.fastCritical) ||
    (soon && (fast ? rise.growth >= 2 * thresholds.fastLeast : horizons > 1 || left < 6 * HOUR))
  const all = growers(history, rise.since)
  const named = telling(all, rise.growth)
  const span = duration(history.time - rise.since)
  const pace = rise.perHour > 0 ? `, ${signedBytes(rise.perHour)}/h` : ', now level'
  const end = left === undefined ? '' : `; no memory left in ~${duration(left)}`
  return {
    ...finding(history, critical ? 'critical' : 'warning', rise.since),
    summary: `SUnreclaim ${signedBytes(rise.growth)} in ${span}${pace}: ${blame(history, named, Math.max(rise.growth, grownBy(all)))}${end}`,
    evidence: {
      SUnreclaim: latest(history.meminfo.series.SUnreclaim) ?? null,
      growth: rise.growth,
      perHour: rise.perHour,
      timeLeft: left ?? null,
      horizon: rise.horizon,
      ...Object.fromEntries(named.map(({ name, growth }) => [`cache ${name}`, growth])),
    },
  }
}

// When something else shrank meanwhile, the growers grew by more than the sum did.
const grownBy = (all: readonly Grower[]): number => all.reduce((sum, { growth }) => sum + growth, 0)

/** The caches that grew, as a sentence: `71 % kmalloc-64, 18 % sigqueue (= inotify_inode_mark)`. */
function blame(history: History, named: readonly Grower[], growth: number): string {
  if (history.slabinfo.time === null) return 'which cache is not known, /proc/slabinfo could not be read'
  if (named.length === 0) return 'no slab cache grew as much: large kmalloc, or a counter that drifts'
  return named
    .map(({ name, aliases, growth: own }) => {
      const alias = aliases.length > 0 ? ` (= ${aliases.slice(0, 2).join(', ')}${aliases.length > 2 ? ', …' : ''})` : ''
      return `${percent(Math.min(1, own / growth))} ${name}${alias}`
    })
    .join(', ')
}

function levelFinding(history: History, series: Series, total: number, thresholds: Thresholds): Finding | undefined {
  const level = latest(series)!
  const { values } = history.meminfo
  const lru = ['Active', 'Inactive', 'Unevictable'].reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const share = level / total
  if (share < thresholds.warningLevel) return undefined
  const critical = share >= thresholds.criticalLevel || (lru > 0 && level > lru)
  const top = [...history.slabinfo.caches]
    .sort((a, b) => b.bytes - a.bytes)
    .find(({ name }) => growersName(history, name))
  const most = top ? `, most of it ${top.name} (${bytes(top.bytes)})` : ''
  return {
    ...finding(history, critical ? 'critical' : 'warning', firstTime(series)!),
    summary: `SUnreclaim holds ${bytes(level)}, ${percent(share)} of all RAM${most}`,
    evidence: { SUnreclaim: level, share, 'user pages (LRU)': lru },
  }
}

const growersName = (history: History, name: string): boolean => history.slab.reclaimable.get(name) === false

function finding(history: History, severity: Severity, since: number): Omit<Finding, 'summary' | 'evidence'> {
  return {
    subject: SUBJECT,
    kind: 'condition',
    severity,
    title: 'SLAB GROWTH',
    since,
    at: history.time,
    remedy: slabRemedies(history),
  }
}

/** Milliseconds until MemAvailable less a reserve of 3 % of RAM is used up at this pace; undefined when it does not grow. */
export function timeLeft(history: History, perHour: number): number | undefined {
  const available = history.meminfo.values.get('MemAvailable') ?? history.meminfo.values.get('MemFree')
  if (perHour <= 0 || available === undefined) return undefined
  const reserve = 0.03 * (history.meminfo.values.get('MemTotal') ?? 0)
  return (Math.max(0, available - reserve) / perHour) * HOUR
}
