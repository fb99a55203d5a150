// What to do about OOM kills: the same advice on the live screen, in the detail of a kill and for saved logs.
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import type { Remedy } from '../detector.ts'
import type { MemoryPart } from '../oom/memory-parts.ts'

/** What is known about a kill. */
export interface OomRemedyInput {
  /** the cgroup whose limit was hit; null where it is unknown */
  readonly owner: string | null
  /** the node ran out of memory, not a cgroup */
  readonly isGlobal: boolean
  /** the largest part of the memory at the limit; undefined where the report does not have it */
  readonly largestPart: MemoryPart['name'] | undefined
  /** there are live cgroups to look at; false for a saved log */
  readonly hasViews: boolean
}

/** Remedies for a kill, those for its cause first. */
export function listOomRemedies({ owner, isGlobal, largestPart, hasViews }: OomRemedyInput): readonly Remedy[] {
  const inspect = hasViews ? [describeInspection(owner)] : []
  if (isGlobal) return [...listNodeCauseRemedies(largestPart), ...inspect, RESERVE]
  return [...listCauseRemedies(largestPart), ...inspect, RAISE_LIMIT, ...listPossibleRemedies(largestPart)]
}

const describeInspection = (owner: string | null): Remedy => ({
  text: owner
    ? `find what uses its memory: ${shortenCgroupPath(owner)} in view 2`
    : 'find the cgroup that uses most memory: view 2, sorted by memory',
  risk: 'none',
})

const RAISE_LIMIT: Remedy = {
  text: 'raise the limit if the load needs it; if not, fix what allocates (an error loop allocates too)',
  risk: 'low',
}

const RESERVE: Remedy = {
  text: 'give every pod a limit, and reserve more of the node (kubelet system-reserved)',
  risk: 'low',
}

const FULL_SLAB: Remedy = {
  text: 'slab holds most of it: find the largest cache',
  command: 'slabtop -o -s c | head -20',
  risk: 'none',
}

const listNodeCauseRemedies = (largestPart: OomRemedyInput['largestPart']): readonly Remedy[] =>
  largestPart === 'slab' ? [FULL_SLAB] : []

function listCauseRemedies(largestPart: OomRemedyInput['largestPart']): readonly Remedy[] {
  switch (largestPart) {
    case 'slab':
      return [FULL_SLAB]
    case 'shared (tmpfs)':
      return [
        {
          text: 'delete tmpfs files (emptyDir medium Memory, /dev/shm) and set a sizeLimit: they fill the limit and stay after a kill, so the next process is killed too',
          risk: 'low',
        },
      ]
    case 'kernel':
      return [
        {
          text: 'kernel memory fills it (sockets, open files, dentries of its processes): find the cache that grows',
          risk: 'none',
        },
      ]
    default:
      return []
  }
}

// The page cache of a full cgroup may be dirty or tmpfs pages that an old report does not count apart.
const listPossibleRemedies = (largestPart: OomRemedyInput['largestPart']): readonly Remedy[] =>
  largestPart === undefined || largestPart === 'page cache'
    ? [
        {
          text: 'if its memory is mostly file or shmem, delete tmpfs files (emptyDir medium Memory): they count against the limit',
          risk: 'low',
        },
      ]
    : []
