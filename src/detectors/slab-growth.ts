// Unreclaimable slab growth: fast (a minute), lasting (five horizons), or simply too much. SUnreclaim is what slab holds that
// no reclaim can free, so a lasting rise ends in OOM.
import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../base/format.ts'
import { findLastBelow, getLatest, type Series, getValueAt } from '../base/series.ts'
import { isReclaimable } from '../collectors/slab.ts'
import type { History } from '../history.ts'
import { blameFor, blameWords, confidenceOf } from './blame.ts'
import { versionOf } from './cgroup-remedies.ts'
import { type Detector, type Finding, RANK, type Severity } from './detector.ts'
import { isCritical, timeLeft } from './exhaustion.ts'
import type { Rise } from './lasting.ts'
import { paceWords } from './pace.ts'
import { slabRemedies } from './slab-remedies.ts'
import { defaults, type Found, MINUTE_LONG, riseOf, type Thresholds } from './slab-rise.ts'

const MiB = 2 ** 20

const CGROUPS = ['kmem-leak', 'memcg-ids', 'dying-cgroups']
const SUBJECT = 'SUnreclaim'

export const slabGrowth: Detector<Thresholds> = {
  title: 'unreclaimable slab grows',
  after: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const series = history.meminfo.series.SUnreclaim
    const total = history.meminfo.values.get('MemTotal')
    if (!series || !total) return []
    const rise = riseOf(history, series, total, thresholds, open?.get(SUBJECT))
    const level = levelFinding(history, series, total, thresholds, open?.get(SUBJECT))
    const found = rise ? riseFinding(history, rise, thresholds) : undefined
    return found && level ? [both(found, level)] : (found ?? level) ? [found ?? level!] : []
  },
}

// One cause, one alert: how fast it grows, and how much it holds already.
const both = (rise: Finding, level: Finding): Finding => ({
  ...rise,
  severity: RANK[level.severity] > RANK[rise.severity] ? level.severity : rise.severity,
  summary: `${rise.summary}; ${level.summary.replace(/, (most of it|the largest cache:) .*/, '')}`,
  evidence: { ...level.evidence, ...rise.evidence },
})

function riseFinding(history: History, rise: Found, { criticalHours }: Thresholds): Finding {
  const left = timeLeft(history, rise)
  const critical = isCritical(history, rise, criticalHours)
  const blame = blameFor(history, rise.since)
  const span = formatDuration(history.time - rise.since)
  const { pace, end } = paceWords(history.meminfo.series.SUnreclaim!, history.time, rise, left)
  return {
    ...finding(history, critical ? 'critical' : 'warning', rise.since),
    summary: `SUnreclaim ${formatSignedBytes(rise.growth)} in ${span}${pace}: ${blameWords(history, blame)}${end}`,
    confidence: confidenceOf(blame, !rise.fast),
    courses: [
      'meminfo SUnreclaim',
      ...blame.named.map(({ name }) => `cache ${name}`).slice(0, 3),
      'meminfo MemAvailable',
    ],
    ...(cgroupsMadeGrowth(history, rise) ? { causedBy: CGROUPS } : {}),
    evidence: {
      SUnreclaim: getLatest(history.meminfo.series.SUnreclaim) ?? null,
      growth: rise.growth,
      perHour: rise.perHour,
      timeLeft: left ?? null,
      horizon: rise.fast ? MINUTE_LONG : formatDuration(rise.window),
      ...Object.fromEntries(blame.named.map(({ name, growth }) => [`cache ${name}`, growth])),
    },
  }
}

// A memory cgroup, live or dying, takes 10 to 200 KiB of slab, and up to 5.8, where it has caches of its own, megabytes: the
// slab is theirs when there are so many.
interface Taken {
  readonly cgroups: number
  readonly most: number
}
const takenBy = ({ session }: History): Taken => {
  const { major, minor } = versionOf(session.kernel)
  return major * 1000 + minor < 5009 ? { cgroups: 20, most: 8 * MiB } : { cgroups: 100, most: 300 * 1024 }
}

function cgroupsMadeGrowth(history: History, { since, growth }: Rise): boolean {
  const { numCgroups } = history.cgroups.series
  const came = (getLatest(numCgroups) ?? 0) - (getValueAt(numCgroups, since) ?? numCgroups.values[0] ?? 0)
  const { cgroups, most } = takenBy(history)
  return came >= cgroups && growth < came * most
}

const cgroupsMadeLevel = (history: History, level: number): boolean =>
  (history.cgroups.numCgroups ?? 0) >= 1000 && level < history.cgroups.numCgroups! * takenBy(history).most

function levelFinding(
  history: History,
  series: Series,
  total: number,
  thresholds: Thresholds,
  open: Finding | undefined,
): Finding | undefined {
  const level = getLatest(series)!
  const { values } = history.meminfo
  const lru = ['Active', 'Inactive', 'Unevictable'].reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const share = level / total
  const ease = typeof open?.evidence.share === 'number' ? 0.9 : 1 // it stands until it is clearly below
  if (share < thresholds.warningLevel * ease) return undefined
  const critical = share >= thresholds.criticalLevel || (lru > 0 && level > lru)
  const top = [...history.slabinfo.caches]
    .sort((a, b) => b.bytes - a.bytes)
    .find(({ name }) => !isReclaimable(history.slab, name))
  const most = top
    ? `, ${top.bytes > level / 2 ? 'most of it' : 'the largest cache:'} ${top.name} (${formatBytes(top.bytes)})`
    : ''
  return {
    ...finding(history, critical ? 'critical' : 'warning', findLastBelow(series, thresholds.warningLevel * total)),
    ...(cgroupsMadeLevel(history, level) ? { causedBy: CGROUPS } : {}),
    confidence: 'high: counted by the kernel; a level, not a rise',
    summary: `SUnreclaim holds ${formatBytes(level)}, ${formatPercent(share)} of all RAM${most}`,
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
