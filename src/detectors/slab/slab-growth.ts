// Unreclaimable slab: a spike, a sustained growth or a high level of SUnreclaim. Reclaim cannot free it, so sustained growth ends in
// OOM kills.

import { formatBytes, formatDuration, formatPercent, formatSignedBytes } from '../../base/format.ts'
import { parseKernelVersion } from '../../base/kernel-version.ts'
import { computeGrowthSince, findLastBelow, getLatest, getValueOrFirst } from '../../base/series.ts'
import { MiB } from '../../base/units.ts'
import { isReclaimable } from '../../collectors/slab.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { History } from '../../history.ts'
import { type Detector, type Finding, SEVERITY_RANK, type Severity } from '../detector.ts'
import { listEvidence } from '../evidence.ts'
import { isCritical } from '../growth/forecast.ts'
import { formatForecast, formatShortForecast, listForecastEvidence } from '../growth/forecast-text.ts'
import { forecastRise, measureTotalGrowth } from '../growth/growth-rate.ts'
import type { Rise } from '../growth/rise.ts'
import { listSlabRemedies } from '../remedies/slab-remedies.ts'
import { attributeGrowth, describeConfidence, formatAttribution, NOT_READ_YET } from './attribution.ts'
import { applyKnownOwner } from './known-caches.ts'
import { findSlabRise, type SlabGrowthThresholds, type SlabInput, type SlabRise, THRESHOLDS } from './slab-rise.ts'

const CGROUP_CAUSES = ['kmem-leak', 'memcg-ids', 'dying-cgroups']
const SUBJECT = 'SUnreclaim'
const NEVER_READ = 'cache unknown, slabinfo was not read while it grew'

export const slabGrowth: Detector<typeof THRESHOLDS> = {
  title: 'unreclaimable slab grows',
  topic: 'slab',
  alerts: [
    {
      titles: ['SLAB GROWTH'],
      meaning:
        'Unreclaimable slab rises within a minute, or lastingly (15 minutes, 2 hours, a day, three days), or is over 10 % of RAM. Critical if memory runs out within 24 hours at the current rate and the growth has already used 15 % of what was available (1.5 % within the hour), or from 25 % of RAM.',
      lasts: 'while it grows; resolved a minute or two after it levels off, or half a minute after the memory is freed',
      response: 'the alert names the caches, who usually fills them, and a command for each',
    },
  ],
  collectors: ['meminfo', 'slabinfo'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) => {
    const series = history.meminfo.series.SUnreclaim
    const total = history.meminfo.values.get('MemTotal')
    if (!series || !total) return []
    const rise = findSlabRise(history, { series, total }, thresholds, open?.get(SUBJECT))
    const level = buildLevelFinding(history, { series, total }, thresholds, open?.get(SUBJECT))
    const growthFinding = rise ? buildRiseFinding(history, rise, thresholds, open?.get(SUBJECT)) : undefined
    const finding = growthFinding && level ? mergeFindings(growthFinding, level) : (growthFinding ?? level?.finding)
    return finding ? [applyKnownOwner(history, finding)] : []
  },
}

// One cause, one alert: how fast it grows, and how much it holds already.
function mergeFindings(rise: Finding, { finding: level, levelText }: LevelFinding): Finding {
  const known = new Set(rise.evidence.map(({ name }) => name))
  return {
    ...rise,
    severity: SEVERITY_RANK[level.severity] > SEVERITY_RANK[rise.severity] ? level.severity : rise.severity,
    summary: `${rise.summary}; ${levelText}`,
    foundBy: [...rise.foundBy!, 'level'],
    evidence: [...rise.evidence, ...level.evidence.filter(({ name }) => !known.has(name))],
  }
}

function buildRiseFinding(
  history: History,
  rise: SlabRise,
  { criticalHours }: SlabGrowthThresholds,
  open: Finding | undefined,
): Finding {
  const series = history.meminfo.series.SUnreclaim!
  const forecast = forecastRise(history, series, rise)
  const critical = isCritical(history, rise, criticalHours)
  const attribution = attributeGrowth(history, rise.since)
  const { rate, end } = formatForecast(forecast)
  const pace = formatShortForecast(forecast)
  const formatGrowth = (growth: number, since: number): string =>
    `SUnreclaim ${formatSignedBytes(growth)} in ${formatDuration(history.time - since)}`
  const attributionText = formatAttribution(history, attribution)
  const total = measureTotalGrowth(series, rise, open)
  return {
    ...buildBaseFinding(history, critical ? 'critical' : 'warning', rise.since),
    summary: `${formatGrowth(rise.growth, rise.since)}${rate}: ${attributionText}${end}`,
    ...(pace ? { short: `${pace}: ${attributionText}` } : {}),
    peak: {
      magnitude: total.growth,
      summary: `${formatGrowth(total.growth, total.since)}: ${attribution.isStale ? NEVER_READ : attributionText}`,
    },
    confidence: describeConfidence(attribution, !rise.isSpike),
    evidenceSeries: [
      'meminfo SUnreclaim',
      ...attribution.contributors.map(({ name }) => `cache ${name}`).slice(0, 3),
      'meminfo MemAvailable',
    ],
    ...(isCgroupGrowth(history, rise) ? { causedBy: CGROUP_CAUSES } : {}),
    foundBy: [rise.isSpike ? 'spike' : 'trend'],
    caches: attribution.contributors.map(({ name }) => name),
    ...(attribution.isStale ? { unattributed: true } : {}),
    forecast,
    evidence: listEvidence(
      ['SUnreclaim', getLatest(series), 'bytes'],
      ['growth', rise.growth, 'bytes'],
      ...listForecastEvidence(forecast),
      ['window', rise.isSpike ? 'minute' : formatDuration(rise.window), 'text', 'horizon'],
      ...attribution.contributors.map(({ name, growth }) => [`cache ${name}`, growth, 'bytes'] as const),
    ),
  }
}

// A memory cgroup, live or dying, takes 10 to 200 KiB of slab; up to Linux 5.8, where it has caches of its own, megabytes. The slab
// is attributed to cgroups if there are that many.
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
  const added = computeGrowthSince(numCgroups, since)
  const { minCgroups, maxBytesEach } = estimateCgroupSlab(history)
  return added >= minCgroups && growth < added * maxBytesEach
}

const isCgroupLevel = (history: History, level: number): boolean =>
  (history.cgroups.numCgroups ?? 0) >= 1000 &&
  level < history.cgroups.numCgroups! * estimateCgroupSlab(history).maxBytesEach

/** A finding about the level, and its text without the largest cache. */
interface LevelFinding {
  readonly finding: Finding
  readonly levelText: string
}

function buildLevelFinding(
  history: History,
  { series, total }: SlabInput,
  thresholds: SlabGrowthThresholds,
  open: Finding | undefined,
): LevelFinding | undefined {
  const level = getLatest(series)!
  const { values } = history.meminfo
  const lru = ['Active', 'Inactive', 'Unevictable'].reduce((sum, name) => sum + (values.get(name) ?? 0), 0)
  const share = level / total
  const hysteresis = open?.foundBy?.includes('level') ? 0.9 : 1 // it lasts until it is clearly below
  if (share < thresholds.warningLevel * hysteresis || level < thresholds.levelLeast * hysteresis) return undefined
  const critical = share >= thresholds.criticalLevel || (lru > 0 && level > lru)
  const isStale = isReadBefore(history, level)
  const top = isStale ? undefined : findLargestCache(history)
  const topText = top
    ? `, ${top.bytes > level / 2 ? 'mostly' : 'the largest cache is'} ${top.name} (${formatBytes(top.bytes)})`
    : ''
  const levelText = `SUnreclaim holds ${formatBytes(level)} (${formatPercent(share)} of RAM)`
  const finding: Finding = {
    ...buildBaseFinding(
      history,
      critical ? 'critical' : 'warning',
      findLastBelow(series, thresholds.warningLevel * total),
    ),
    ...(isCgroupLevel(history, level) ? { causedBy: CGROUP_CAUSES } : {}),
    confidence: 'high: counted by the kernel; from the level, it need not grow',
    summary: `${levelText}${isStale ? `: ${NOT_READ_YET}` : topText}`,
    peak: { magnitude: share, summary: `${levelText}${isStale ? `: ${NEVER_READ}` : topText}` }, // any growth in bytes is more
    foundBy: ['level'],
    ...(isStale ? { unattributed: true } : {}),
    caches: top ? [top.name] : [],
    evidence: listEvidence(
      ['SUnreclaim', level, 'bytes'],
      ['share of RAM', share, 'share', 'share'],
      ['user pages (LRU)', lru, 'bytes'],
      ...(top ? ([[`cache ${top.name}`, top.bytes, 'bytes']] as const) : []),
    ),
  }
  return { finding, levelText }
}

const findLargestCache = ({ slabinfo, slab }: History): SlabCache | undefined =>
  slabinfo.caches.toSorted((a, b) => b.bytes - a.bytes).find(({ name }) => !isReclaimable(slab, name))

// Most of the level came after slabinfo was last read.
function isReadBefore({ slabinfo, meminfo }: History, level: number): boolean {
  const { SUnreclaim } = meminfo.series
  return (
    slabinfo.time !== null && SUnreclaim !== undefined && (getValueOrFirst(SUnreclaim, slabinfo.time) ?? 0) < level / 2
  )
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
      text: 'the counter, and the largest caches',
      command: 'grep SUnreclaim /proc/meminfo; slabtop -o -s c | head -15',
    },
    cost: 'reclaim cannot free it: processes have that much less memory, and it ends in OOM kills',
    evidenceSeries: ['meminfo SUnreclaim', 'meminfo MemAvailable'],
    remedy: listSlabRemedies(history),
  }
}
