// /sys/kernel/slab: which caches are merged under one name, and which can be reclaimed. Follows mm/slub.c (sysfs).
import { splitLines } from '../base/text.ts'
import type { Collector, Files, Host } from './collector.ts'
import { applyCopyFiles, COPY_ID, COPY_NAME, type CopyCounts, openCopiesReader } from './slab-copies.ts'
import type { Slabinfo } from './slabinfo.ts'

const DIRECTORY = '/sys/kernel/slab/'

/** What the kernel keeps together: SLUB merges caches of like size and flags, and slabinfo shows one of their names. */
export interface SlabSysfs {
  /** every name of the merged cache that a name belongs to, itself included */
  readonly aliases: ReadonlyMap<string, readonly string[]>
  /** true: counted as SReclaimable (reclaim_account); false: as SUnreclaim; absent: not known */
  readonly reclaimable: ReadonlyMap<string, boolean>
  /** 3.10-5.8: copies of a cache that cgroups have of their own: cache -> name of the cgroup -> how many */
  readonly copies: ReadonlyMap<string, CopyCounts>
}

export const slab: Collector<SlabSysfs> = {
  title: 'merged slab caches and which are reclaimable',
  optional: true,
  interval: 60_000,
  openReader: openSlab,
  empty: { aliases: new Map(), reclaimable: new Map(), copies: new Map() },
  applyFiles: (state, files) => {
    const listing = files[DIRECTORY]
    const aliases = listing ? parseListing(listing) : state.aliases
    const reclaimable = new Map(state.reclaimable)
    for (const [path, text] of Object.entries(files)) {
      const match = /^\/sys\/kernel\/slab\/(.+)\/reclaim_account$/.exec(path)
      if (!match || text === null) continue
      for (const name of aliases.get(match[1]!) ?? [match[1]!]) reclaimable.set(name, text.trim() === '1')
    }
    return { aliases, reclaimable, copies: applyCopyFiles(state.copies, files, DIRECTORY) }
  },
  explainError: code =>
    code === 'ENOENT' ? 'no /sys/kernel/slab: the SLAB allocator, or /sys is not mounted' : undefined,
}

// The listing is written as `ls` would tell it: a name a line, `name -> target` for a symbolic link. A cache's
// reclaim_account never changes, so each is read once: one file of each merged group. Copies of cgroups are counted only.
function openSlab(host: Host): () => Files {
  const knownCaches = new Set<string>()
  const readCopies = openCopiesReader(host, DIRECTORY)
  return () => {
    const names = host
      .listDirectory(DIRECTORY)
      .filter(name => !COPY_ID.test(name))
      .sort()
    const entries = names
      .filter(name => !COPY_NAME.test(name))
      .map(name => ({ name, target: readLinkTarget(host, name) }))
    const listing = entries.map(({ name, target }) => (target === undefined ? name : `${name} -> ${target}`))
    const files: Record<string, string | null> = { [DIRECTORY]: `${listing.join('\n')}\n` }
    for (const { name, target } of entries) {
      if (target !== undefined || knownCaches.has(name)) continue
      knownCaches.add(name)
      const path = `${DIRECTORY}${name}/reclaim_account`
      try {
        files[path] = host.readFile(path)
      } catch {} // 0400: without root the flag stays unknown
    }
    const caches = entries.filter(({ target }) => target === undefined).map(({ name }) => name)
    return { ...files, ...readCopies(names, caches) }
  }
}

function readLinkTarget(host: Host, name: string): string | undefined {
  return host.readLink(`${DIRECTORY}${name}`)?.replace(/^.*\//, '')
}

/** name -> all names of its merged cache, from a listing with `name -> target` lines. Names that are alone are left out. */
export function parseListing(listing: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const line of splitLines(listing)) {
    const [name = '', target] = line.split(' -> ')
    const key = target ?? name
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  const aliases = new Map<string, readonly string[]>()
  for (const [key, members] of groups) {
    const names = members.filter(name => !name.startsWith(':'))
    for (const name of [key, ...members]) if (names.length > 0) aliases.set(name, names)
  }
  return aliases
}

/** Copies of caches that cgroups have: as /sys/kernel/slab tells, or, where it is not there (SLAB), the rows of slabinfo. */
export const selectCopies = ({
  slab,
  slabinfo,
}: {
  slab: SlabSysfs
  slabinfo: Slabinfo
}): ReadonlyMap<string, CopyCounts> => (slab.copies.size > 0 ? slab.copies : slabinfo.copies)

/** The other names a slabinfo row stands for; empty when it stands for itself only. */
export function listOtherNames(slab: SlabSysfs, name: string): readonly string[] {
  return (slab.aliases.get(name) ?? []).filter(other => other !== name)
}

// Caches that carry SLAB_RECLAIM_ACCOUNT in every kernel: used where /sys/kernel/slab cannot be read.
const USUALLY_RECLAIMABLE =
  /^(dentry|(?!lsm_|shmem_|mqueue_|hugetlbfs_)\w*inode_cache|(xfs|btrfs|ovl|gfs2|erofs)_inode|ceph_inode_info|bdev_cache|dquot|buffer_head|radix_tree_node|(\w+_)?extent_status|kmalloc-rcl-.*)$/

/** Whether a cache counts as SReclaimable; from its name where the kernel's own word is missing. */
export function isReclaimable(slab: SlabSysfs, name: string): boolean {
  return slab.reclaimable.get(name) ?? USUALLY_RECLAIMABLE.test(name)
}
