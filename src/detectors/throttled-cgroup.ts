// Throttled cgroups: over its memory.high (v2) each task that allocates must reclaim first. Nothing is killed and nothing is logged.

import { filterMap } from '../base/filter-map.ts'
import { formatBytes, formatPercent } from '../base/format.ts'
import { isBelow } from '../base/paths.ts'
import { getValueAt, type Series } from '../base/series.ts'
import { quoteShellWord } from '../base/text.ts'
import { SECOND } from '../base/units.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { computeUnreclaimable } from '../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../collectors/container-names.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector, Finding } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  perSecond: [1, 'events per second', 'throttle events in each third of the last 30 s'],
  pinned: [0.8, 'share of its memory', 'unreclaimable memory: a cgroup with less only recycles page cache'],
  most: [5, 'alerts', 'at most'],
} as const satisfies ThresholdTable

export const throttledCgroup: Detector<typeof THRESHOLDS> = {
  title: 'a cgroup is throttled at its memory.high',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['THROTTLED'],
      meaning:
        'A cgroup is over `memory.high` with memory that cannot be reclaimed. Its tasks are slowed down; nothing is killed or logged.',
      lasts: 'while it holds',
      response: 'raise `memory.high`, or reduce the load',
    },
  ],
  collectors: ['cgroups'],
  thresholds: THRESHOLDS,
  detect: (history, { perSecond, pinned, most }, open) => {
    const throttled = filterMap(history.cgroups.cgroups, cgroup => {
      const hysteresis = open?.has(cgroup.path) ? 0.3 : 1
      const rate = computeThrottleRate(cgroup.seriesByField.throttled, history.time)
      const isThrottled =
        rate >= perSecond * hysteresis &&
        computePinnedShare(cgroup) >= pinned &&
        !hasReleasedMemory(cgroup, history.time)
      return isThrottled ? { cgroup, rate } : undefined
    })
    // memory.events counts events of descendants too
    return throttled
      .filter(({ cgroup }) => !throttled.some(other => isBelow(other.cgroup.path, cgroup.path)))
      .sort((a, b) => b.rate - a.rate)
      .slice(0, most)
      .map(({ cgroup, rate }) => buildFinding(history, cgroup, rate))
  },
}

/** Returns the lowest throttle rate of three parts of the last 30 s, events per second. */
function computeThrottleRate(series: Series | undefined, now: number): number {
  if (!series) return 0
  const values = [30, 20, 10, 0].map(seconds => getValueAt(series, now - seconds * SECOND))
  if (values.some(value => value === undefined)) return 0
  return Math.min(...values.slice(1).map((value, i) => (value! - values[i]!) / 10))
}

// The process that held the memory has ended: the throttle events were before that.
const hasReleasedMemory = ({ series, current }: Cgroup, now: number): boolean =>
  (current ?? 0) < 0.5 * (getValueAt(series, now - 10 * SECOND) ?? 0)

const computePinnedShare = (cgroup: Cgroup): number =>
  (computeUnreclaimable(cgroup) ?? 0) / Math.max(1, cgroup.current ?? 0)

function buildFinding(history: History, cgroup: Cgroup, rate: number): Finding {
  const { path, current, throttled, pressure } = cgroup
  const stallText = pressure?.full
    ? `; all its tasks stalled ${formatPercent(pressure.full.avg10 / 100)} of the time`
    : ''
  const quoteFilePath = (name: string): string =>
    quoteShellWord(`${history.cgroups.mounts.memory?.path ?? '/sys/fs/cgroup'}${path}/${name}`)
  return buildCondition(history, {
    subject: path,
    severity: 'warning',
    title: 'THROTTLED',
    summary: `${formatCgroupName(history, path)} is over its memory.high (uses ${formatBytes(current ?? undefined)}, little of it reclaimable): tasks throttled ${Math.round(rate)} times per second${stallText}`,
    confidence: 'high: counted by the kernel (memory.events high)',
    confirm: {
      text: 'high rises while memory.current is above memory.high',
      command: `cat ${['memory.high', 'memory.current', 'memory.events'].map(quoteFilePath).join(' ')}`,
    },
    cost: 'the cgroup almost stops; nothing is killed or logged, so it looks like a hang',
    causedBy: ['frozen-cgroup'],
    evidenceSeries: [`cgroup ${path}`, 'psi some'],
    evidence: listEvidence(
      ['usage', current, 'bytes', 'current'],
      ['throttle events', throttled, 'count', 'throttled in all'],
      ['throttle rate', rate, 'perSecond', 'pace'],
      ['PSI full avg10', pressure?.full?.avg10, 'percent', 'full avg10'],
    ),
    remedy: [
      { text: 'find what grows in it: its page in the Cgroups view of kmemtop', risk: 'none' },
      {
        text: 'raise its memory.high: its tasks continue at once',
        command: `echo BYTES > ${quoteFilePath('memory.high')}`,
        risk: 'low',
      },
      { text: 'restart the process that grows in it', risk: 'high' },
    ],
  })
}
