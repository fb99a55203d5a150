// Throttled cgroups: v2 memory.high stops no process, it makes each that allocates reclaim first. Nothing is killed and nothing logged.

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

const defaults = {
  /** times a second that its tasks were throttled, in each part of half a minute */
  perSecond: 1,
  /** share of it that cannot be reclaimed: a cgroup that only turns over its page cache is fine */
  pinned: 0.8,
  /** at most so many are told */
  most: 5,
}

export const throttledCgroup: Detector<typeof defaults> = {
  title: 'a cgroup is throttled at its memory.high',
  collectors: ['cgroups'],
  defaults,
  detect: (history, { perSecond, pinned, most }, open) => {
    const throttled = filterMap(history.cgroups.cgroups.values(), cgroup => {
      const hysteresis = open?.has(cgroup.path) ? 0.3 : 1
      const rate = computeThrottleRate(cgroup.seriesByField.throttled, history.time)
      const isThrottled =
        rate >= perSecond * hysteresis &&
        computePinnedShare(cgroup) >= pinned &&
        !hasReleasedMemory(cgroup, history.time)
      return isThrottled ? { cgroup, pace: rate } : undefined
    })
    // memory.events counts what happens below too
    return throttled
      .filter(({ cgroup }) => !throttled.some(other => isBelow(other.cgroup.path, cgroup.path)))
      .sort((a, b) => b.pace - a.pace)
      .slice(0, most)
      .map(({ cgroup, pace }) => buildFinding(history, cgroup, pace))
  },
}

/** The least pace of three parts of the last 30 s, times a second. */
function computeThrottleRate(series: Series | undefined, now: number): number {
  if (!series) return 0
  const values = [30, 20, 10, 0].map(seconds => getValueAt(series, now - seconds * SECOND))
  if (values.some(value => value === undefined)) return 0
  return Math.min(...values.slice(1).map((value, i) => (value! - values[i]!) / 10))
}

// What held it has ended: the count of the last seconds is of before.
const hasReleasedMemory = ({ series, current }: Cgroup, now: number): boolean =>
  (current ?? 0) < 0.5 * (getValueAt(series, now - 10 * SECOND) ?? 0)

const computePinnedShare = (cgroup: Cgroup): number =>
  (computeUnreclaimable(cgroup) ?? 0) / Math.max(1, cgroup.current ?? 0)

function buildFinding(history: History, cgroup: Cgroup, rate: number): Finding {
  const { path, current, throttled, pressure } = cgroup
  const stallText = pressure?.full
    ? `; all of its tasks waited ${formatPercent(pressure.full.avg10 / 100)} of the time`
    : ''
  const quoteFilePath = (name: string): string =>
    quoteShellWord(`${history.cgroups.mounts.memory?.path ?? '/sys/fs/cgroup'}${path}/${name}`)
  return buildCondition(history, {
    subject: path,
    severity: 'warning',
    title: 'THROTTLED',
    summary: `${formatCgroupName(history, path)} is over its memory.high with ${formatBytes(current ?? undefined)}, hardly any of it reclaimable: its tasks are slowed down ${Math.round(rate)} times a second${stallText}`,
    confidence: 'high: counted by the kernel (memory.events high)',
    confirm: {
      text: 'high rises while current stands above memory.high',
      command: `cat ${['memory.high', 'memory.current', 'memory.events'].map(quoteFilePath).join(' ')}`,
    },
    cost: 'it hardly moves, nothing is killed and the log is silent: it looks like a hang',
    causedBy: ['frozen-cgroup'],
    courses: [`cgroup ${path}`, 'psi some'],
    evidence: {
      current,
      'throttled in all': throttled,
      pace: `${Math.round(rate * 10) / 10} a second`,
      'full avg10': pressure?.full ? `${pressure.full.avg10} %` : null,
    },
    remedy: [
      { text: 'see what in it grows: view 2, the cgroup, Enter', risk: 'none' },
      {
        text: 'raise its memory.high: its tasks go on at once',
        command: `echo BYTES > ${quoteFilePath('memory.high')}`,
        risk: 'low',
      },
      { text: 'restart what grows in it', risk: 'high' },
    ],
  })
}
