// Unreclaimable slab growth: fast (a minute), lasting (five horizons), or simply too much. SUnreclaim is what slab holds that
// no reclaim can free, so a lasting rise ends in OOM.

import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../../base/format.ts'
import { parseKernelVersion } from '../../base/kernel-version.ts'
import { findLastBelow, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { MiB } from '../../base/units.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import type { History } from '../../history.ts'
import { type Detector, type Finding, SEVERITY_RANK, type Severity } from '../detector.ts'
import { estimateTimeLeft, isCritical } from '../growth/forecast.ts'
import { formatRateForecast } from '../growth/forecast-text.ts'
import type { Rise } from '../growth/trend.ts'
import { listSlabRemedies } from '../remedies/slab-remedies.ts'
import { attributeGrowth, describeConfidence, formatAttribution } from './attribution.ts'
import { defaults, findSlabRise, MINUTE_HORIZON, type SlabGrowthThresholds, type SlabRise } from './slab-rise.ts'

const CGROUP_CAUSES = ['kmem-leak', 'memcg-ids', 'dying-cgroups']
const SUBJECT = 'SUnreclaim'

export const slabGrowth: Detector<SlabGrowthThresholds> = {
  title: 'unreclaimable slab grows',
  collectors: ['meminfo'],
  defaults,
  detect: (history, thresholds, open) => {
    const series = history.meminfo.series.SUnreclaim
    const total = history.meminfo.values.get('MemTotal')
    if (!series || !total) return []
    const rise = findSlabRise(history, series, total, thresholds, open?.get(SUBJECT))
    const level = buildLevelFinding(history, series, total, thresholds, open?.get(SUBJECT))
    const growthFinding = rise ? buildRiseFinding(history, rise, thresholds) : undefined
    return growthFinding && level
      ? [mergeFindings(growthFinding, level)]
      : (growthFinding ?? level)
        ? [growthFinding ?? level!]
        : []
  },
}

// One cause, one alert: how fast it grows, and how much it holds already.
const mergeFindings = (rise: Finding, level: Finding): Finding => ({
  ...rise,
  severity: SEVERITY_RANK[level.severity] > SEVERITY_RANK[rise.severity] ? level.severity : rise.severity,
  summary: `${rise.summary}; ${level.summary.replace(/, (most of it|the largest cache:) .*/, '')}`,
  evidence: { ...level.evidence, ...rise.evidence },
})

function buildRiseFinding(history: History, rise: SlabRise, { criticalHours }: SlabGrowthThresholds): Finding {
  const left = estimateTimeLeft(history, rise)
  const critical = isCritical(history, rise, criticalHours)
  const attribution = attributeGrowth(history, rise.since)
  const span = formatDuration(history.time - rise.since)
  const { pace, end } = formatRateForecast(history.meminfo.series.SUnreclaim!, history.time, rise, left)
  return {
    ...buildBaseFinding(history, critical ? 'critical' : 'warning', rise.since),
    summary: `SUnreclaim ${formatSignedBytes(rise.growth)} in ${span}${pace}: ${formatAttribution(history, attribution)}${end}`,
    confidence: describeConfidence(attribution, !rise.isSpike),
    courses: [
      'meminfo SUnreclaim',
      ...attribution.contributors.map(({ name }) => `cache ${name}`).slice(0, 3),
      'meminfo MemAvailable',
    ],
    ...(isCgroupGrowth(history, rise) ? { causedBy: CGROUP_CAUSES } : {}),
    evidence: {
      SUnreclaim: getLatest(history.meminfo.series.SUnreclaim) ?? null,
      growth: rise.growth,
      perHour: rise.perHour,
      timeLeft: left ?? null,
      horizon: rise.isSpike ? MINUTE_HORIZON : formatDuration(rise.window),
      ...Object.fromEntries(attribution.contributors.map(({ name, growth }) => [`cache ${name}`, growth])),
    },
  }
}

// A memory cgroup, live or dying, takes 10 to 200 KiB of slab, and up to 5.8, where it has caches of its own, megabytes: the
// slab is theirs when there are so many.
interface CgroupSlabUse {
  readonly minCgroups: number
  readonly maxBytesEach: number
}
const estimateCgroupSlab = ({ session }: History): CgroupSlabUse => {
  const { major, minor } = parseKernelVersion(session.kernel)
  return major * 1000 + minor < 5009
    ? { minCgroups: 20, maxBytesEach: 8 * MiB }
    : { minCgroups: 100, maxBytesEach: 300 * 1024 }
}

function isCgroupGrowth(history: History, { since, growth }: Rise): boolean {
  const { numCgroups } = history.cgroups.series
  const added = (getLatest(numCgroups) ?? 0) - (getValueAt(numCgroups, since) ?? numCgroups.values[0] ?? 0)
  const { minCgroups, maxBytesEach } = estimateCgroupSlab(history)
  return added >= minCgroups && growth < added * maxBytesEach
}

const isCgroupLevel = (history: History, level: number): boolean =>
  (history.cgroups.numCgroups ?? 0) >= 1000 &&
  level < history.cgroups.numCgroups! * estimateCgroupSlab(history).maxBytesEach

function buildLevelFinding(
  history: History,
  series: Series,
  total: number,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): Finding | undefined {
  const level = getLatest(series)!
  const { values } = history.meminfo
  const lru = ['Active', 'Inactive', 'Unevictable'].reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const share = level / total
  const hysteresis = typeof open?.evidence.share === 'number' ? 0.9 : 1 // it stands until it is clearly below
  if (share < thresholds.warningLevel * hysteresis) return undefined
  const critical = share >= thresholds.criticalLevel || (lru > 0 && level > lru)
  const top = [...history.slabinfo.caches]
    .sort((a, b) => b.bytes - a.bytes)
    .find(({ name }) => !isReclaimable(history.slab, name))
  const most = top
    ? `, ${top.bytes > level / 2 ? 'most of it' : 'the largest cache:'} ${top.name} (${formatBytes(top.bytes)})`
    : ''
  return {
    ...buildBaseFinding(
      history,
      critical ? 'critical' : 'warning',
      findLastBelow(series, thresholds.warningLevel * total),
    ),
    ...(isCgroupLevel(history, level) ? { causedBy: CGROUP_CAUSES } : {}),
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

function buildBaseFinding(history: History, severity: Severity, since: number): Omit<Finding, 'summary' | 'evidence'> {
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
    remedy: listSlabRemedies(history),
  }
}
