// The IDs of memory cgroups: how many are used, and the error when none is left.

import { parseKernelVersion } from '../../base/kernel-version.ts'
import type { Series } from '../../base/series.ts'
import type { RecordingHeader } from '../collector.ts'
import type { Meminfo } from '../meminfo.ts'
import { type CgroupTree, MAX_MEMCG_IDS } from './cgroup.ts'

/** Memory cgroup IDs in use. */
export interface MemcgIds {
  readonly used: number
  /** how many of them removed cgroups hold, at most */
  readonly heldByRemoved: number
  /** true: `used` is an upper bound, because in a part of the tree the number of dying cgroups is unknown, and they keep no ID */
  readonly isUpperBound: boolean
  /** history of the cgroups that use them */
  readonly series: Series
}

/** What is asked of a node besides its tree. */
interface MemcgIdInput {
  readonly cgroups: CgroupTree
  readonly meminfo: Pick<Meminfo, 'values'>
  readonly session: RecordingHeader
}

/**
 * Returns the IDs in use; undefined if the kernel does not report them. Before 4.8 a removed cgroup keeps its ID until it is freed.
 * Since then (mem_cgroup_id_put in css_offline) it returns its ID at once, unless some of its pages are swapped out.
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
 * Returns whether removed cgroups keep their ID on a kernel of this release; true if the release is unknown. IDs that are returned
 * when a cgroup is removed came with 4.8, and were backported to 4.4.121 at the latest and to RHEL's 3.10.0-1062.
 */
export function isIdKeptAfterRemoval(kernel: string): boolean {
  const { number: version, patch, el7Build } = parseKernelVersion(kernel)
  if (version === 3010) return el7Build === null || el7Build < 1062
  if (version === 4004) return !(patch >= 121)
  return !(version >= 4008)
}

/**
 * Lists the errors with which mkdir of a memory cgroup may fail if all IDs are in use, for a kernel release. The error changed from
 * ENOSPC to ENOMEM (the IDR's error was lost), back to ENOSPC in 5.10, and to EBUSY with the xarray of 6.12.
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
