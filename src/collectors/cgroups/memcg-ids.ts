// The IDs of memory cgroups: how many are taken, how long they last, and the error at their end.

import { parseKernelVersion } from '../../base/kernel-version.ts'
import { getFirstTime, getLatest, getValueAt, type Series } from '../../base/series.ts'
import { DAY, MINUTE } from '../../base/units.ts'
import type { RecordingHeader } from '../collector.ts'
import type { Meminfo } from '../meminfo.ts'
import { type CgroupTree, MAX_MEMCG_IDS } from './cgroup.ts'

/** IDs of memory cgroups that are taken. */
export interface MemcgIds {
  readonly used: number
  /** how many of them removed cgroups hold, at most */
  readonly heldByRemoved: number
  /** `used` is the most it can be: how many of them are dead is not told (of a part of the tree), and dead ones keep no ID */
  readonly isUpperBound: boolean
  /** course of what takes them */
  readonly series: Series
}

/** What is asked of a node besides its tree. */
interface MemcgIdInput {
  readonly cgroups: CgroupTree
  readonly meminfo: Pick<Meminfo, 'values'>
  readonly session: RecordingHeader
}

/**
 * The IDs that are taken; undefined where the kernel does not tell. Before 4.8 a removed cgroup kept its ID until it was freed; since
 * then (mem_cgroup_id_put in css_offline) it gives it back at once, unless pages of it are swapped out.
 */
export function computeMemcgIds({ cgroups, meminfo, session }: MemcgIdInput): MemcgIds | undefined {
  const { numCgroups, dying, series } = cgroups
  if (numCgroups === null) return undefined
  const swapped = Math.max(0, meminfo.values.get('SwapUsed') ?? 0) / session.pageSize
  const heldByRemoved = Math.min(dying ?? 0, isIdKeptAfterRemoval(session.kernel) ? Number.POSITIVE_INFINITY : swapped)
  const used = Math.min(MAX_MEMCG_IDS, numCgroups - (dying ?? 0) + heldByRemoved)
  const isUpperBound = dying === null && !isIdKeptAfterRemoval(session.kernel)
  return {
    used,
    heldByRemoved,
    isUpperBound,
    series: dying === null || heldByRemoved > 0 ? series.numCgroups : series.live,
  }
}

/**
 * Whether removed cgroups keep their ID on a kernel of this release; assumed of one that is not known. IDs of memory cgroups' own, given
 * back when a cgroup is removed, came with 4.8 and went into 4.4.121 at the latest, and into RHEL's 3.10.0-1062.
 */
export function isIdKeptAfterRemoval(kernel: string): boolean {
  const { number: version, patch, el7Build } = parseKernelVersion(kernel)
  if (version === 3010) return el7Build === null || el7Build < 1062
  if (version === 4004) return !(patch >= 121)
  return !(version >= 4008)
}

const MIN_RATE = MAX_MEMCG_IDS / 1000 // IDs an hour that are worth a forecast: 40 days from empty to full
/** So many cgroups are no burst of pods: their pace is known after ten seconds; of fewer after ten minutes. */
const LARGE_GROWTH = 1000

/**
 * Milliseconds until the IDs are used up, at the rate over all that is known (a day at most): churn makes the slope of
 * minutes useless. 0 when they are. Undefined when too little is known, and when the rate is slow or falling.
 */
export function estimateTimeToIdExhaustion(ids: MemcgIds | undefined, now: number): number | undefined {
  if (ids === undefined) return undefined
  const { used, series } = ids
  const first = getFirstTime(series)
  if (first === undefined) return undefined
  const begin = Math.max(first, now - DAY)
  const growth = getLatest(series)! - getValueAt(series, begin)!
  if (now - begin < (growth < LARGE_GROWTH ? 10 * MINUTE : MINUTE / 6)) return undefined
  const rate = growth / (now - begin)
  return rate * 60 * MINUTE < MIN_RATE ? undefined : Math.max(0, MAX_MEMCG_IDS - used) / rate
}

/**
 * What mkdir of a memory cgroup fails with when all IDs are taken, in a kernel of this release. It went from ENOSPC to ENOMEM
 * (the IDR's error was lost), back to ENOSPC in 5.10, and to EBUSY with the xarray of 6.12; several where it is not known which.
 */
export function listExhaustionErrors(kernel: string): readonly string[] {
  const { number: version, el7Build } = parseKernelVersion(kernel)
  if (Number.isNaN(version)) return ['ENOSPC', 'ENOMEM', 'EBUSY']
  // 3.10.0-514 says ENOSPC, 3.10.0-1062 ENOMEM
  if (version === 3010 && el7Build !== null && el7Build > 514)
    return el7Build >= 1062 ? ['ENOMEM'] : ['ENOSPC', 'ENOMEM']
  if (version === 4004) return ['ENOMEM', 'ENOSPC'] // a stable update lost it
  if (version < 4008) return ['ENOSPC']
  if (kernel.includes('.el8')) return ['ENOMEM', 'ENOSPC']
  if (version <= 5004) return ['ENOMEM']
  if (version < 5010) return ['ENOMEM', 'ENOSPC']
  if (version <= 6006) return ['ENOSPC']
  return version < 6012 ? ['ENOSPC', 'EBUSY'] : ['EBUSY']
}
