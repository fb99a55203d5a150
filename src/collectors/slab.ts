// /sys/kernel/slab: which caches are merged under one name, and which are reclaimable. Follows mm/slub.c (sysfs).
import { decodeUtf8, splitLines } from '../base/text.ts'
import type { Collector, CollectorReader, Host } from './collector.ts'
import { applyCopyFiles, COPY_ID, COPY_NAME, type CopyCounts, openCopiesReader } from './slab-copies.ts'
import type { Slabinfo } from './slabinfo.ts'

const DIRECTORY = '/sys/kernel/slab/'

/** Merged caches: SLUB merges caches of similar size and flags, and slabinfo shows one of their names. */
export interface SlabSysfs {
  /** all names of the merged cache that a name belongs to, itself included */
  readonly aliases: ReadonlyMap<string, readonly string[]>
  /** true: counts as SReclaimable (reclaim_account); false: as SUnreclaim; absent: unknown */
  readonly reclaimable: ReadonlyMap<string, boolean>
  /** 3.10-5.8: per-cgroup copies: number by cgroup name, by cache */
  readonly copies: ReadonlyMap<string, CopyCounts>
}

/** Reads /sys/kernel/slab every minute: merged names and flags of caches. */
export const slab: Collector<SlabSysfs> = {
  kind: 'file',
  title: 'merged and reclaimable slab caches',
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
      const cache = decodeUtf8(match[1]!)
      for (const name of aliases.get(cache) ?? [cache]) reclaimable.set(name, text.trim() === '1')
    }
    return { aliases, reclaimable, copies: applyCopyFiles(state.copies, files, DIRECTORY) }
  },
  explainError: code => (code === 'ENOENT' ? 'this kernel uses the SLAB allocator, or /sys is not mounted' : undefined),
}

// The listing has one name per line, `name -> target` for a symbolic link. reclaim_account of a cache never changes, so it is read
// once, for one cache of each merged group. Per-cgroup copies are only counted.
function openSlab(host: Host): CollectorReader {
  const knownCaches = new Set<string>()
  const readCopies = openCopiesReader(host, DIRECTORY)
  const readEntries = openEntriesReader(host)
  return time => {
    const names = host
      .listDirectory(DIRECTORY)
      .filter(name => !COPY_ID.test(name))
      .sort()
    const entries = readEntries(
      names.filter(name => !COPY_NAME.test(name)),
      time,
    )
    const listing = entries.map(({ name, target }) => (target === undefined ? name : `${name} -> ${target}`))
    const files: Record<string, string | null> = { [DIRECTORY]: `${listing.join('\n')}\n` }
    const newCaches = entries.filter(({ name, target }) => target === undefined && !knownCaches.has(name))
    if (newCaches.length > 0) host.link?.prefetch(newCaches.map(({ name }) => `${DIRECTORY}${name}/reclaim_account`))
    for (const { name, target } of entries) {
      if (target !== undefined || knownCaches.has(name)) continue
      knownCaches.add(name)
      const path = `${DIRECTORY}${name}/reclaim_account`
      try {
        files[path] = host.readFile(path)
      } catch {} // mode 0400: the flag stays unknown without root
    }
    const caches = entries.filter(({ target }) => target === undefined).map(({ name }) => name)
    return { ...files, ...readCopies(names, caches) }
  }
}

interface Entry {
  readonly name: string
  /** the cache that a symbolic link names */
  readonly target: string | undefined
}

/** Milliseconds after which the links are read again, though no cache came or went. */
const LINKS_INTERVAL = 600_000

// A node has hundreds of links, and they change with the caches. Only a cache that was destroyed and made again since the last
// listing, merged with other caches that were there all the time, has a new target under old names.
function openEntriesReader(host: Host): (names: readonly string[], time: number) => readonly Entry[] {
  let known: readonly Entry[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return (names, time) => {
    const isSame = names.length === known.length && names.every((name, i) => name === known[i]!.name)
    if (isSame && time - readAt < LINKS_INTERVAL) return known
    readAt = time
    known = names.map(name => ({ name, target: readLinkTarget(host, name) }))
    return known
  }
}

// The directory of a merged cache has its id as its name, `:0000192`; only names of caches are links (create_unique_id in mm/slub.c).
function readLinkTarget(host: Host, name: string): string | undefined {
  if (name.startsWith(':')) return undefined
  return host.readLink(`${DIRECTORY}${name}`)?.replace(/^.*\//, '')
}

/** Parses a listing with `name -> target` lines to all names of each merged cache, by name. Caches that are not merged are left out. */
export function parseListing(listing: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const line of splitLines(decodeUtf8(listing))) {
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

/** Returns the per-cgroup copies from /sys/kernel/slab, or without it (SLAB) from the rows of slabinfo. */
export const selectCopies = ({
  slab,
  slabinfo,
}: {
  slab: SlabSysfs
  slabinfo: Slabinfo
}): ReadonlyMap<string, CopyCounts> => (slab.copies.size > 0 ? slab.copies : slabinfo.copies)

/** Returns the other names of a row of slabinfo; empty if the cache is not merged. */
export function listOtherNames(slab: SlabSysfs, name: string): readonly string[] {
  return (slab.aliases.get(name) ?? []).filter(other => other !== name)
}

// Caches with SLAB_RECLAIM_ACCOUNT in every kernel: used if /sys/kernel/slab cannot be read.
const USUALLY_RECLAIMABLE =
  /^(dentry|(?!lsm_|shmem_|mqueue_|hugetlbfs_)\w*inode_cache|(xfs|btrfs|ovl|gfs2|erofs)_inode|ceph_inode_info|bdev_cache|dquot|buffer_head|radix_tree_node|(\w+_)?extent_status|kmalloc-rcl-.*)$/

/** Returns whether a cache counts as SReclaimable; judged by its name if the kernel's flag is unknown. */
export function isReclaimable(slab: SlabSysfs, name: string): boolean {
  return slab.reclaimable.get(name) ?? USUALLY_RECLAIMABLE.test(name)
}
