// Cgroups close to their limit with memory that cannot be reclaimed. Only the deepest such cgroup is reported, not its ancestors.

import { filterMap } from '../base/filter-map.ts'
import { formatBytes, formatDuration, formatPercent } from '../base/format.ts'
import { isBelow } from '../base/paths.ts'
import { slicePoints } from '../base/series.ts'
import { quoteShellWord } from '../base/text.ts'
import { MINUTE } from '../base/units.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { computeUnreclaimable, estimateTimeToLimit } from '../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../collectors/container-names.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { getCorrelatedKills } from './oom/oom-correlation.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

const RECENT_KILL = 10 * MINUTE
const PEAK_WINDOW = 6 * 60 * MINUTE
const RATE_WINDOW = 5 * MINUTE

const THRESHOLDS = {
  growingLevel: [0.75, 'share of the limit', 'unreclaimable memory from which a growing cgroup is reported'],
  minutesLeft: [30, 'minutes', 'a growing cgroup is reported if it reaches its limit within this time'],
  fullLevel: [0.97, 'share of the limit', 'reported even without growth'],
  most: [5, 'alerts', 'at most'],
} as const satisfies ThresholdTable
type CgroupLimitThresholds = ThresholdValues<typeof THRESHOLDS>

interface NearLimit {
  readonly cgroup: Cgroup
  readonly working: number
  readonly left: number | undefined
}

export const cgroupLimit: Detector<typeof THRESHOLDS> = {
  title: 'a cgroup is about to hit its limit',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['NEAR LIMIT'],
      meaning: 'A cgroup will reach its limit within half an hour with memory that cannot be reclaimed, or is at 97 %.',
      lasts: 'while it holds',
      response: 'find the growing process before the kernel kills it',
    },
  ],
  collectors: ['cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds, open) => {
    const killed = getRecentlyKilled(history)
    const near = filterMap(history.cgroups.cgroups, cgroup =>
      evaluateLimit(history, cgroup, thresholds, open?.has(cgroup.path) ?? false),
    )
    return near
      .filter(({ cgroup }) => !near.some(other => isBelow(other.cgroup.path, cgroup.path)))
      .filter(({ cgroup }) => !killed.has(cgroup.path)) // the kill has its own alert
      .sort((a, b) => (a.left ?? Number.POSITIVE_INFINITY) - (b.left ?? Number.POSITIVE_INFINITY))
      .slice(0, thresholds.most)
      .map(one => buildFinding(history, one, open?.get(one.cgroup.path)))
  },
}

// Cgroups at whose limit a process was killed within the last minutes.
const getRecentlyKilled = (history: History): ReadonlySet<string | null> =>
  new Set(
    getCorrelatedKills(history)
      .filter(({ time }) => history.time - time < RECENT_KILL)
      .map(({ kill, cgroup }) => kill?.oomMemcg ?? cgroup),
  )

function evaluateLimit(
  history: History,
  cgroup: Cgroup,
  thresholds: CgroupLimitThresholds,
  open: boolean,
): NearLimit | undefined {
  const { current, limit, path } = cgroup
  if (current === null || limit === null || !Number.isFinite(limit) || limit === 0) return undefined
  const { growingLevel, minutesLeft, fullLevel } = thresholds
  const hysteresis = open ? 0.95 : 1
  if (current < Math.min(growingLevel, fullLevel) * hysteresis * limit) return undefined
  const working = computeUnreclaimable(cgroup)
  if (working === undefined) return undefined
  const left = estimateTimeToLimit(history.cgroups, path, history.time)
  const full = working >= fullLevel * hysteresis * limit
  const isNew = open || left === undefined || !hasPeakedBefore(cgroup, history.time, fullLevel * limit)
  const soon = left !== undefined && left < minutesLeft * MINUTE * (open ? 2 : 1) && isNew
  return full || (soon && working >= growingLevel * hysteresis * limit) ? { cgroup, working, left } : undefined
}

// It was about as high within the last hours and fell again: a heap before garbage collection, or a batch job. Two cases are still
// reported: it took a quarter of the room left at that peak, or the peak was the limit itself.
function hasPeakedBefore({ series, current, limit }: Cgroup, now: number, full: number): boolean {
  const peak = Math.max(...slicePoints(series, now - PEAK_WINDOW, now - RATE_WINDOW).values)
  return peak < full && current! < peak + (limit! - peak) / 4
}

function buildFinding(history: History, { cgroup, working, left }: NearLimit, open: Finding | undefined): Finding {
  const { path, limit, current, failcnt } = cgroup
  const { version = 2, path: mount = '/sys/fs/cgroup' } = history.cgroups.mounts.memory ?? {}
  const quoteFilePath = (name: string): string => quoteShellWord(`${mount}${path}/${name}`)
  const notice = open ? open.notice : left
  const noticeText =
    notice === undefined ? '' : `; the alert came ~${formatDuration(notice)} before the limit would be reached`
  const shared =
    (cgroup.shmem ?? 0) > working / 2 ? `, ${formatBytes(cgroup.shmem!)} of it shared memory and tmpfs` : ''
  const usageText = `${formatCgroupName(history, path)} uses ${formatPercent(working / limit!)} of its limit (${formatBytes(working)} unreclaimable of ${formatBytes(limit!)}${shared})`
  const end = left === undefined ? 'not growing now; at the limit' : `limit reached in ~${formatDuration(left)}, then`
  return buildCondition(history, {
    subject: path,
    severity: left !== undefined && left < 5 * MINUTE ? 'critical' : 'warning',
    title: 'NEAR LIMIT',
    summary: `${usageText}; ${end} a process in it is killed`,
    confidence:
      left === undefined
        ? 'medium: from the level alone'
        : 'high: from the level and the growth of the last five minutes',
    confirm: {
      text: 'anon and shmem, close to the limit',
      command: `grep -E '^(total_)?(anon|rss|shmem|file|cache) ' ${quoteFilePath('memory.stat')}`,
    },
    cost: 'at the limit the kernel kills its largest process, or all of them (memory.oom.group)',
    causedBy: ['frozen-cgroup'],
    evidenceSeries: [`cgroup ${path}`],
    notice,
    forecast: left === undefined ? undefined : { timeLeft: left },
    peak: { magnitude: working / limit!, summary: `${usageText}${noticeText}` },
    evidence: listEvidence(
      ['usage', current, 'bytes', 'current'],
      ['unreclaimable', working, 'bytes', 'working'],
      ['limit', limit, 'bytes'],
      ['shared memory and tmpfs', cgroup.shmem, 'bytes', 'shmem'],
      ['times at limit', failcnt, 'count', 'failcnt'],
      ['time left', left, 'ms', 'timeLeft'],
      ['notice given', notice, 'ms', 'notice'],
    ),
    remedy: [
      { text: 'find what grows in it: its page in the Cgroups view of kmemtop', risk: 'none' },
      {
        text: 'raise its limit (resources.limits.memory of the pod) or add a replica',
        command: `echo BYTES > ${quoteFilePath(version === 1 ? 'memory.limit_in_bytes' : 'memory.max')}`,
        risk: 'low',
      },
      { text: 'restart it at a time of your choice, before the kernel kills it', risk: 'high' },
    ],
  })
}
