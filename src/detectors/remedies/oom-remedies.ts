// What to do about OOM kills: the same advice on the live screen, in the detail of a kill and for saved logs.
import { MiB } from '../../base/units.ts'
import { shortenCgroupPath } from '../../collectors/cgroups/short-name.ts'
import type { History } from '../../history.ts'
import type { Remedy } from '../detector.ts'
import type { MemoryPart } from '../oom/memory-parts.ts'
import type { NodeCause } from '../oom/node-cause.ts'
import { chooseReserve } from './machine-remedies.ts'

/** Of a cgroup: it was seen to be removed, or the tree does not have it: removed before the session, or in a part that is not mounted. */
export type OwnerState = 'listed' | 'removed' | 'not listed'

/** What is known about a kill. */
export interface OomRemedyInput {
  /** the cgroup whose limit was hit; null where it is unknown */
  readonly owner: string | null
  /** whether that cgroup is still there; absent: yes */
  readonly ownerState?: OwnerState
  /** the node ran out of memory, not a cgroup */
  readonly isGlobal: boolean
  /** the largest part of the memory at the limit; undefined where the report does not have it */
  readonly largestPart: MemoryPart['name'] | undefined
  /** there are live cgroups to look at; false for a saved log */
  readonly hasViews: boolean
  /** most of its page cache waits to be written */
  readonly isDirty?: boolean
  /** why the node had no memory; undefined for the limit of a cgroup */
  readonly cause?: NodeCause['kind']
  /** bytes of RAM, if the report has them */
  readonly ram?: number
  /** the kernel of a machine on which other advice fits: Android, WSL, Proxmox */
  readonly release?: string | null
  /** false: no Kubernetes on this machine, so advice about pods does not fit */
  readonly hasPods?: boolean
}

/** Remedies for a kill, those for its cause first. */
export function listOomRemedies(input: OomRemedyInput): readonly Remedy[] {
  const { isGlobal, largestPart, hasViews, isDirty = false, cause = 'full' } = input
  const { hasPods = true, ram = SMALL_MACHINE } = input
  const inspect = hasViews ? [describeInspection(input)] : []
  if (isGlobal && cause !== 'full') return CAUSE_REMEDIES[cause]
  if (isGlobal && !hasPods && ram < SMALL_MACHINE) return [...listNodeCauseRemedies(largestPart), ...SMALL]
  if (isGlobal)
    return [...listNodeCauseRemedies(largestPart), ...inspect, hasPods ? RESERVE : chooseReserve(input.release)]
  if (isDirty) return [...DIRTY, ...inspect]
  return [...listCauseRemedies(largestPart), ...inspect, RAISE_LIMIT, ...listPossibleRemedies(largestPart)]
}

function describeInspection({ owner, ownerState = 'listed' }: OomRemedyInput): Remedy {
  if (!owner)
    return {
      text: 'find the cgroup that uses most memory: the Cgroups view of kmemtop, sorted by memory',
      risk: 'none',
    }
  const name = shortenCgroupPath(owner)
  const onPage = 'what it used is on the page of the kill in the OOM view'
  const texts: Readonly<Record<OwnerState, string>> = {
    listed: `find what uses its memory: ${name} in the Cgroups view of kmemtop`,
    removed: `${name} was removed since: ${onPage}; watch its successor in the Cgroups view of kmemtop`,
    'not listed': `${name} is not among the cgroups now: ${onPage}`,
  }
  return { text: texts[ownerState], risk: 'none' }
}

/** Returns whether the cgroup of a kill is still there. Before the tree was read it counts as listed. */
export function findOwnerState({ cgroups: { cgroups, removedNames } }: History, path: string | null): OwnerState {
  if (path === null || cgroups.size === 0 || cgroups.has(path)) return 'listed'
  return removedNames.has(path) ? 'removed' : 'not listed'
}

const RAISE_LIMIT: Remedy = {
  text: 'raise the limit if the load needs it; if not, fix what allocates (an error loop allocates too)',
  risk: 'low',
}

const RESERVE: Remedy = {
  text: 'give every pod a limit, and reserve more of the node (kubelet system-reserved)',
  risk: 'low',
}

// Routers and boards run without systemd, and have no more memory to give.
const SMALL_MACHINE = 256 * MiB
const SMALL: readonly Remedy[] = [
  {
    text: 'run less on this machine, or give its programs smaller buffers and fewer connections',
    risk: 'low',
  },
  { text: 'compress idle memory with zram swap, where the kernel has it', risk: 'low' },
]

const DIRTY: readonly Remedy[] = [
  {
    text: 'the storage is too slow for this limit: write back earlier (vm.dirty_background_bytes), write more slowly or with O_DIRECT, or use faster storage',
    risk: 'low',
  },
  { text: 'raise the limit if the load needs it', risk: 'low' },
]

const CAUSE_REMEDIES: Readonly<Record<Exclude<NodeCause['kind'], 'full'>, readonly Remedy[]>> = {
  'by hand': [
    {
      text: 'find who asked for it: `echo f > /proc/sysrq-trigger` or Alt-SysRq-f; no limit would have helped. To forbid it set kernel.sysrq',
      command: 'sysctl kernel.sysrq',
      risk: 'none',
    },
  ],
  'low memory': [
    {
      text: 'run a 64-bit kernel: it has no low memory to run out of. Until then fewer processes, open files and network buffers',
      risk: 'high',
    },
  ],
  fragmented: [
    { text: 'see free blocks by order', command: 'cat /proc/buddyinfo', risk: 'none' },
    { text: 'compact memory now, and keep more free', command: 'echo 1 > /proc/sys/vm/compact_memory', risk: 'low' },
    { text: 'raise vm.min_free_kbytes; find what asks for so many pages in a row', risk: 'low' },
  ],
  'huge pages': [
    {
      text: 'set fewer huge pages aside: nobody else may use them',
      command: 'sysctl vm.nr_hugepages; grep -i huge /proc/meminfo',
      risk: 'low',
    },
  ],
  zone: [
    {
      text: 'find the device or driver that asks for memory of this zone, and update it: limits and more memory do not help it',
      risk: 'none',
    },
    { text: 'see what is free in each zone', command: 'cat /proc/buddyinfo', risk: 'none' },
  ],
  nodes: [
    {
      text: 'allow the process more memory nodes (cpuset.mems, numactl), or spread its processes over the nodes',
      command: 'grep -r . /sys/fs/cgroup --include=cpuset.mems; numastat -m',
      risk: 'low',
    },
  ],
  cma: [
    {
      text: 'keep less memory for CMA (cma= on the kernel command line): only movable pages may use it',
      command: 'grep -i cma /proc/meminfo; cat /proc/cmdline',
      risk: 'low',
    },
  ],
  'not short': [
    { text: 'see whether it happens again, and what ends at that moment: its memory was free again', risk: 'none' },
  ],
}

const FULL_SLAB: Remedy = {
  text: 'slab holds most of it: find the largest cache',
  command: 'slabtop -o -s c | head -20',
  risk: 'none',
}

const FULL_TMPFS: Remedy = {
  text: 'files in tmpfs hold most of it (/dev/shm, /run, /tmp, emptyDir medium Memory) and stay after a kill: delete them, or limit the mounts',
  command: 'df -h -t tmpfs; ipcs -m',
  risk: 'low',
}

function listNodeCauseRemedies(largestPart: OomRemedyInput['largestPart']): readonly Remedy[] {
  if (largestPart === 'slab') return [FULL_SLAB]
  return largestPart === 'shared (tmpfs)' ? [FULL_TMPFS] : []
}

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
