// Unreclaimable slab growth: fast (a minute), lasting (five horizons), or simply too much. SUnreclaim is what slab holds that
// no reclaim can free, so a lasting rise ends in OOM.
import { bytes, duration, percent, signedBytes } from '../base/format.ts'
import { firstTime, lastBelow, latest, type Series, valueAt } from '../base/series.ts'
import { isReclaimable } from '../collectors/slab.ts'
import type { History } from '../history.ts'
import { blameFor, blameWords, confidenceOf } from './blame.ts'
import { versionOf } from './cgroup-remedies.ts'
import { type Detector, type Finding, RANK, type Severity } from './detector.ts'
import { isCritical, roomLeft, timeLeft } from './exhaustion.ts'
import { fastRise } from './fast.ts'
import { companionGrowth } from './growers.ts'
import { lastingRises, type Rise } from './lasting.ts'
import { slabRemedies } from './slab-remedies.ts'
import { burstPace, standing } from './standing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const MiB = 2 ** 20

const defaults = {
  /** a rise within a minute that is told: share of RAM, but within these bounds (above 1 TiB the upper one grows too) */
  fastShare: 0.001,
  fastLeast: 32 * MiB,
  fastMost: 160 * MiB,
  /** time left (hours) below which a fast rise is told though it was as high before */
  urgentHours: 2,
  /** time left (hours) below which a rise is red, once it took 15 % of what there was (2 %: the last hour) */
  criticalHours: 24,
  /** minutes after boot in which a lasting rise is warm-up */
  warmUpMinutes: 30,
  /** shares of RAM that unreclaimable slab may hold at all */
  warningLevel: 0.1,
  criticalLevel: 0.25,
}
type Thresholds = Readonly<typeof defaults>

const CGROUPS = ['kmem-leak', 'memcg-ids', 'dying-cgroups']
const SUBJECT = 'SUnreclaim'
const MINUTE_LONG = 'minute'

const HORIZONS = [
  { span: 72 * HOUR, share: 0.015, least: 384 * MiB },
  { span: 24 * HOUR, share: 0.01, least: 256 * MiB },
  { span: 8 * HOUR, share: 0.006, least: 128 * MiB },
  { span: 2 * HOUR, share: 0.003, least: 64 * MiB },
  { span: 15 * MINUTE, share: 0.001, least: 16 * MiB },
]

export const slabGrowth: Detector<Thresholds> = {
  title: 'unreclaimable slab grows',
  after: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const series = history.meminfo.series.SUnreclaim
    const total = history.meminfo.values.get('MemTotal')
    if (!series || !total) return []
    const rise = riseOf(history, series, total, thresholds, open?.get(SUBJECT))
    const level = levelFinding(history, series, total, thresholds)
    const found = rise ? riseFinding(history, rise, thresholds) : undefined
    return found && level ? [both(found, level)] : (found ?? level) ? [found ?? level!] : []
  },
}

// One cause, one alert: how fast it grows, and how much it holds already.
const both = (rise: Finding, level: Finding): Finding => ({
  ...rise,
  severity: RANK[level.severity] > RANK[rise.severity] ? level.severity : rise.severity,
  summary: `${rise.summary}; ${level.summary.replace(/, most of it.*/, '')}`,
  evidence: { ...level.evidence, ...rise.evidence },
})

interface Found extends Rise {
  readonly fast: boolean
}

function riseOf(
  history: History,
  series: Series,
  total: number,
  thresholds: Thresholds,
  open: Finding | undefined,
): Found | undefined {
  const lasting = lastingOf(history, series, total, thresholds, open)
  const fast = fastOf(history, series, fastFloor(total, thresholds), thresholds)
  if (fast && (!lasting || fast.perHour > lasting.perHour)) return { ...fast, fast: true }
  if (lasting) return { ...lasting, fast: false }
  const stands = rose(open) && standing(series, history.time, open.since, fastFloor(total, thresholds) / 2)
  const fastOnly = open?.evidence.horizon === MINUTE_LONG
  return stands ? { ...stands, fast: fastOnly, ...(fastOnly ? { perHour: 0 } : {}) } : undefined
}

const fastFloor = (total: number, { fastShare, fastLeast, fastMost }: Thresholds): number =>
  Math.min(Math.max(fastMost, 2e-4 * total), Math.max(fastLeast, fastShare * total))

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
  return pace === undefined ? rise : { ...rise, perHour: pace }
}

// A rise to where it already was this morning is a deploy or a load that came back, unless the end would be near.
function fastOf(history: History, series: Series, floor: number, { urgentHours }: Thresholds): Rise | undefined {
  const gap = history.sources.meminfo?.gap
  const follows = (since: number): number => companionGrowth(history, since)
  const rise = fastRise(series, history.time, floor, { gap, peaks: 5 * MINUTE, follows })
  if (!rise || (timeLeft(history, rise.perHour) ?? Number.POSITIVE_INFINITY) < urgentHours * HOUR) return rise
  const young = history.time - firstTime(series)! < 10 * MINUTE // how restless it is by itself is not known yet
  const least = young ? Math.max(floor, 1e-3 * (history.meminfo.values.get('MemTotal') ?? 0)) : floor
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

function riseFinding(history: History, rise: Found, { criticalHours }: Thresholds): Finding {
  const left = timeLeft(history, rise.perHour)
  const critical = isCritical(left, rise.growth, roomLeft(history), criticalHours)
  const blame = blameFor(history, rise.since)
  const span = duration(history.time - rise.since)
  const pace = rise.perHour > 0 ? `, ${signedBytes(rise.perHour)}/h` : ', now level'
  const end = left === undefined ? '' : `; no memory left in ~${duration(left)}`
  return {
    ...finding(history, critical ? 'critical' : 'warning', rise.since),
    summary: `SUnreclaim ${signedBytes(rise.growth)} in ${span}${pace}: ${blameWords(history, blame)}${end}`,
    confidence: confidenceOf(blame, !rise.fast),
    courses: [
      'meminfo SUnreclaim',
      ...blame.named.map(({ name }) => `cache ${name}`).slice(0, 3),
      'meminfo MemAvailable',
    ],
    ...(cgroupsMadeGrowth(history, rise) ? { causedBy: CGROUPS } : {}),
    evidence: {
      SUnreclaim: latest(history.meminfo.series.SUnreclaim) ?? null,
      growth: rise.growth,
      perHour: rise.perHour,
      timeLeft: left ?? null,
      horizon: rise.fast ? MINUTE_LONG : duration(rise.window),
      ...Object.fromEntries(blame.named.map(({ name, growth }) => [`cache ${name}`, growth])),
    },
  }
}

// A memory cgroup, live or dying, takes 10 to 200 KiB of slab, and up to 5.8, where it has caches of its own, megabytes: the
// slab is theirs when there are so many.
const mostOf = ({ session }: History): number => {
  const { major, minor } = versionOf(session.kernel)
  return major * 1000 + minor < 5009 ? 8 * MiB : 300 * 1024
}

function cgroupsMadeGrowth(history: History, { since, growth }: Rise): boolean {
  const { numCgroups } = history.cgroups.series
  const came = (latest(numCgroups) ?? 0) - (valueAt(numCgroups, since) ?? numCgroups.values[0] ?? 0)
  return came >= 100 && growth < came * mostOf(history)
}

const cgroupsMadeLevel = (history: History, level: number): boolean =>
  (history.cgroups.numCgroups ?? 0) >= 1000 && level < history.cgroups.numCgroups! * mostOf(history)

function levelFinding(history: History, series: Series, total: number, thresholds: Thresholds): Finding | undefined {
  const level = latest(series)!
  const { values } = history.meminfo
  const lru = ['Active', 'Inactive', 'Unevictable'].reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const share = level / total
  if (share < thresholds.warningLevel) return undefined
  const critical = share >= thresholds.criticalLevel || (lru > 0 && level > lru)
  const top = [...history.slabinfo.caches]
    .sort((a, b) => b.bytes - a.bytes)
    .find(({ name }) => !isReclaimable(history.slab, name))
  const most = top ? `, most of it ${top.name} (${bytes(top.bytes)})` : ''
  return {
    ...finding(history, critical ? 'critical' : 'warning', lastBelow(series, thresholds.warningLevel * total)),
    ...(cgroupsMadeLevel(history, level) ? { causedBy: CGROUPS } : {}),
    confidence: 'high: counted by the kernel; a level, not a rise',
    summary: `SUnreclaim holds ${bytes(level)}, ${percent(share)} of all RAM${most}`,
    evidence: {
      SUnreclaim: level,
      share,
      'user pages (LRU)': lru,
      ...(top ? { [`cache ${top.name}`]: top.bytes } : {}),
    },
  }
}

function finding(history: History, severity: Severity, since: number): Omit<Finding, 'summary' | 'evidence'> {
  return {
    subject: SUBJECT,
    kind: 'condition',
    severity,
    title: 'SLAB GROWTH',
    since,
    at: history.time,
    confirm: {
      text: 'the counter, and the caches by size',
      command: 'grep SUnreclaim /proc/meminfo; slabtop -o -s c | head -15',
    },
    cost: 'no reclaim frees it: what is left for processes shrinks by as much, and it ends in OOM kills',
    courses: ['meminfo SUnreclaim', 'meminfo MemAvailable'],
    remedy: slabRemedies(history),
  }
}
