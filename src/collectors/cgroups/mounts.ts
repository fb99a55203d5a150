// Finds where the cgroup trees are mounted, and which of them has the memory controller. Follows proc(5), mountinfo.
import { decodeOctals, splitLines } from '../../base/text.ts'

/** v1: a hierarchy of its own; v2: the unified tree; hybrid: both are mounted and one of them has memory; none: no memory controller. */
export type CgroupMode = 'v1' | 'v2' | 'hybrid' | 'none'

/** The tree that has the memory controller. */
export interface MemoryMount {
  readonly version: 1 | 2
  readonly path: string
  /**
   * the part of the hierarchy that is mounted: `/` is all of it. For another part the kernel's global counts cannot be compared.
   * The kernel prints it relative to the reader's cgroup namespace; here `/` is the whole, NAMESPACE_ROOT a part
   */
  readonly root: string
}

/** The root of a mount that is the root only in a cgroup namespace. */
export const NAMESPACE_ROOT = 'that of a cgroup namespace'

/** What /proc/PID/ns/cgroup of the first namespace links to: PROC_CGROUP_INIT_INO in include/linux/proc_ns.h. */
const INITIAL_CGROUP_NAMESPACE = 'cgroup:[4026531835]'

/** Where the hierarchies are mounted. */
export interface CgroupMounts {
  readonly mode: CgroupMode
  readonly memory?: MemoryMount
  /** a v2 tree without the memory controller, in hybrid mode */
  readonly unified?: string
}

// 33 24 0:28 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
const MOUNT_LINE = /^\d+ \d+ \S+ (\S+) (\S+) .*? - (cgroup2?) \S+ (\S+)$/

interface CgroupMount {
  readonly root: string
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** Parses the cgroup mounts of a mountinfo text, in the kernel's order. */
function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  return splitLines(mountinfo).flatMap(line => {
    const match = MOUNT_LINE.exec(line)
    if (!match) return []
    const [, root = '', path = '', type = '', options = ''] = match
    return [{ root: decodeOctals(root), path: decodeOctals(path), type, options: options.split(',') }]
  })
}

/** Facts about the mounts that mountinfo does not contain. */
export interface MountProbe {
  /** returns whether `cgroup.controllers` of a v2 mount point lists memory */
  readonly hasMemory: (path: string) => boolean
  /** returns whether a mount point is the root of the whole hierarchy, from files that only the root has or lacks */
  readonly isRoot?: (path: string, version: 1 | 2) => boolean
  /** target of the link `ns/cgroup` of the process; undefined if it cannot be read (before 4.6 it does not exist) */
  readonly namespace?: string | undefined
}

/** Finds the tree that has the memory controller. */
export function findMounts(mountinfo: string, probe: MountProbe): CgroupMounts {
  const { hasMemory } = probe
  const mounts = parseCgroupMounts(mountinfo)
    .map(mount => ({ ...mount, root: resolveRoot(mount, probe) }))
    .sort(compareMounts)
  const v1 = mounts.find(({ type, options }) => type === 'cgroup' && options.includes('memory'))
  const v2 = mounts.find(({ type }) => type === 'cgroup2')
  const v2WithMemory = mounts.find(({ type, path }) => type === 'cgroup2' && hasMemory(path))
  const pure = v1 ? 'v1' : 'v2'
  const mode = v2 && mounts.some(({ type }) => type === 'cgroup') ? 'hybrid' : pure
  if (v2WithMemory) return { mode, memory: { version: 2, path: v2WithMemory.path, root: v2WithMemory.root } }
  const unified = v2 ? { unified: v2.path } : {}
  if (v1) return { mode, memory: { version: 1, path: v1.path, root: v1.root }, ...unified }
  return { mode: 'none', ...unified }
}

// In a container the root of the node's whole tree is `/../../..`, and the container's own cgroup is `/`.
function resolveRoot(
  { root, path, type }: CgroupMount,
  { isRoot, namespace = INITIAL_CGROUP_NAMESPACE }: MountProbe,
): string {
  const isOwnRoot = namespace !== INITIAL_CGROUP_NAMESPACE && root === '/'
  if (!isOwnRoot && !/^(\/\.\.)+$/.test(root)) return root
  if (isRoot?.(path, type === 'cgroup2' ? 2 : 1)) return '/'
  return isOwnRoot ? NAMESPACE_ROOT : root
}

// Sorts mounts of the whole hierarchy before mounts of a part of it (a container's), and short paths before long ones.
function compareMounts(a: CgroupMount, b: CgroupMount): number {
  return Number(a.root !== '/') - Number(b.root !== '/') || a.path.length - b.path.length
}

/** Returns the mount points below `path`: what is in them belongs to another hierarchy or file system. */
export const listMountsBelow = (mountinfo: string, path: string): readonly string[] =>
  splitLines(mountinfo).flatMap(line => {
    const mountPoint = decodeOctals(/^\d+ \d+ \S+ \S+ (\S+) /.exec(line)?.[1] ?? '')
    return mountPoint.startsWith(`${path}/`) ? [mountPoint] : []
  })

/** Returns only the cgroup lines of a mountinfo text: nothing else is recorded. */
export function filterCgroupLines(mountinfo: string): string {
  return splitLines(mountinfo)
    .filter(line => / - cgroup2? /.test(line))
    .map(line => `${line}\n`)
    .join('')
}
