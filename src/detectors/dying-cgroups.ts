// Dying cgroups: removed, and kept by the kernel as long as a page, a slab object or a swap entry is charged to them.

import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { getLatest } from '../base/series.ts'
import { HOUR } from '../base/units.ts'
import { getDyingMemory } from '../collectors/cgroups/dying-memory.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { findSustainedRises, type Rise } from './growth/trend.ts'
import { COUNT_CGROUPS, COUNT_HINT, listDyingCgroupRemedies } from './remedies/cgroup-remedies.ts'

const defaults = {
  /** dying cgroups that are told: at least so many, and so many for each directory */
  least: 300,
  perDirectory: 3,
  /** a lasting rise that is told, in two hours and in a day */
  rise: 200,
}

export const dyingCgroups: Detector<typeof defaults> = {
  title: 'removed cgroups that the kernel keeps',
  collectors: ['cgroups'],
  defaults,
  detect: (history, { least, perDirectory, rise: minRise }, open) => {
    const { dying, directories } = history.cgroups
    if (dying === null || dying < Math.min(least, minRise) / 2) return []
    const isOpen = open?.has('dying') ?? false
    const rise = findSustainedRises(history.cgroups.series.dying, history.time, {
      horizons: [
        { span: 24 * HOUR, share: 0, least: 2 * minRise },
        { span: 2 * HOUR, share: 0, least: minRise },
      ],
      whole: 0,
      open: isOpen,
    })[0]
    const many = dying > Math.max(least, perDirectory * directories) * (isOpen ? 0.8 : 1)
    return many || rise ? [buildFinding(history, dying, rise)] : []
  },
}

function buildFinding(history: History, dying: number, rise: Rise | undefined) {
  const { cgroups, directories, created, removed } = history.cgroups
  // v2 tells how many are dying below each: where none is it was left by what is freed already, or is its own
  const dyingMemory = getDyingMemory(history.cgroups).find(({ path }) => cgroups.get(path)?.dying !== 0)
  const rateText = rise ? `, ${formatCount(Math.round(rise.perHour))} more an hour` : ''
  const heldText = dyingMemory
    ? `; below ${dyingMemory.path} they hold ${dyingMemory.exact ? '' : 'up to '}${formatBytes(dyingMemory.bytes)}`
    : ''
  return buildCondition(history, {
    subject: 'dying',
    severity: 'warning',
    title: 'DYING CGROUPS',
    summary: `${formatCount(dying)} removed cgroups live on in the kernel beside ${formatCount(directories)} that are there${rateText}${heldText}`,
    confidence: 'high: the kernel’s count less the directories',
    confirm: { text: `compare the kernel’s count with the directories; ${COUNT_HINT}`, command: COUNT_CGROUPS },
    cost: 'each keeps about 20 KiB of slab and per-CPU memory and what is charged to it, and slows reclaim; on older kernels an ID too',
    causedBy: ['kmem-leak', 'memcg-ids'],
    courses: ['cgroups dying', 'cgroups directories', 'meminfo SUnreclaim', 'meminfo Percpu'],
    ...(rise ? { since: rise.since } : {}),
    evidence: {
      dying,
      directories,
      'made since the start': created,
      'removed since the start': removed,
      'rise lasts for': rise ? formatDuration(history.time - rise.since) : null,
      'held by deleted': dyingMemory?.bytes ?? null,
      SUnreclaim: getLatest(history.meminfo.series.SUnreclaim) ?? null,
    },
    remedy: listDyingCgroupRemedies(history.session.kernel),
  })
}
