// The cgroup collector: directories of memory cgroups, the kernel's own count, and each one's usage, limit and kills.
import { createSeries } from '../../base/series.ts'
import { SnapshotMap } from '../../base/snapshot-map.ts'
import { decodeUtf8 } from '../../base/text.ts'
import type { Collector, Files } from '../collector.ts'
import type { Cgroup, CgroupTree, KillCounterRise } from './cgroup.ts'
import { applyCounts, tryParse } from './kernel-counts.ts'
import { findMounts } from './mounts.ts'
import { applyFile, type CgroupFile, computeSeriesCapacity, createCgroup } from './parse-file.ts'
import { createMountProbe, getNamespacePath, openCgroups, openCounts } from './reader.ts'
import { getParentPath } from './tree-queries.ts'

/** Maximum number of OOM-kill counter rises kept. */
export const MAX_KILL_RISES = 500
/** Maximum number of names of removed cgroups kept, to recognize one that is created again. */
const MAX_REMOVED_NAMES = 500
/** Inode of a cgroup of which only files are known, and of one that was created and removed between two samples. */
const UNKNOWN_INODE = 0

const emptyTree: CgroupTree = {
  mounts: { mode: 'none' },
  mode: 'none',
  cgroups: new SnapshotMap(),
  removedNames: new Map(),
  directories: 0,
  numCgroups: null,
  dying: null,
  enabled: true,
  created: 0,
  removed: 0,
  series: {
    directories: createSeries(),
    numCgroups: createSeries(),
    dying: createSeries(),
    live: createSeries(),
    created: createSeries(),
    removed: createSeries(),
  },
  kills: [],
  counts: { procCgroups: null, descendants: null, dyingDescendants: null, dyingMemory: null, memory: null },
  problems: new Map(),
  firstReadAt: null,
  time: null,
}

/** Reads the tree of memory cgroups in every sample: a share of it where it is large. */
export const cgroups: Collector<CgroupTree> = {
  kind: 'file',
  title: 'memory cgroups',
  interval: 0,
  openReader: openCgroups,
  openCheap: openCounts,
  empty: emptyTree,
  applyFiles: (tree, files, time) => applyCounts(foldCgroups(foldMounts(tree, files), files, time), files, time),
  describeProblem: ({ problems }) => problems.values().next().value,
  explainError: code => {
    if (code === 'EACCES') return 'run as root'
    return code === 'ENOENT' ? 'mount the cgroup trees, or set --root to the node’s root' : undefined
  },
}

function foldMounts(tree: CgroupTree, files: Files): CgroupTree {
  const path = Object.keys(files).find(name => name.startsWith('/proc/') && name.endsWith('/mountinfo'))
  const mountinfo = path && files[path]
  if (!mountinfo) return tree
  const namespace = files[getNamespacePath(path)] ?? undefined
  const mounts = findMounts(mountinfo, createMountProbe(files, namespace))
  return { ...tree, mounts, mode: mounts.mode }
}

/** Collects the changes of one reading, so that its cost depends on the changes and not on the size of the tree. */
interface TreeDraft {
  readonly tree: CgroupTree
  readonly changes: Map<string, Cgroup | undefined>
  /** points of each series */
  readonly seriesCapacity: number
  readonly removedNames: Map<string, number>
  readonly kills: KillCounterRise[]
  readonly problems: Map<string, string>
  created: number
  removed: number
}

function foldCgroups(tree: CgroupTree, files: Files, time: number): CgroupTree {
  const base = tree.mounts.memory?.path
  if (base === undefined) return tree
  const draft: TreeDraft = {
    tree,
    changes: new Map(),
    seriesCapacity: computeSeriesCapacity(tree.cgroups.size),
    removedNames: new Map(),
    kills: [],
    problems: new Map(tree.problems),
    created: 0,
    removed: 0,
  }
  const prefix = `${base}/`
  for (const file in files) {
    if (!file.startsWith(prefix)) continue
    const text = files[file]!
    const slash = file.lastIndexOf('/')
    const path = decodeUtf8(file.slice(base.length, slash)) || '/'
    const name = file.slice(slash + 1)
    if (name === '') foldDirectory(draft, path, text, time)
    else if (text !== null) foldFile(draft, path, { name, path: file, text }, time)
    else foldDroppedFile(draft, path, name)
  }
  for (const file of draft.problems.keys())
    if (files[file] === undefined && isCgroupGone(draft, base, file)) draft.problems.delete(file)
  return {
    ...tree,
    cgroups: tree.cgroups.applyChanges(draft.changes),
    removedNames:
      draft.removedNames.size > 0 ? mergeRemovedNames(tree.removedNames, draft.removedNames) : tree.removedNames,
    created: tree.created + (tree.time === null ? 0 : draft.created),
    removed: tree.removed + (tree.time === null ? 0 : draft.removed),
    kills: draft.kills.length ? [...tree.kills, ...draft.kills].slice(-MAX_KILL_RISES) : tree.kills,
    problems: draft.problems,
  }
}

const getCgroup = ({ tree, changes }: TreeDraft, path: string): Cgroup | undefined =>
  changes.has(path) ? changes.get(path) : tree.cgroups.get(path)

// Returns the string that the parent itself has, if it exists, so that siblings share it.
function resolveParent(draft: TreeDraft, path: string): string | undefined {
  const parent = getParentPath(path)
  return parent === undefined ? undefined : (getCgroup(draft, parent)?.path ?? parent)
}

const isCgroupGone = (draft: TreeDraft, base: string, file: string): boolean =>
  file.startsWith(base) && !getCgroup(draft, decodeUtf8(file.slice(base.length, file.lastIndexOf('/'))) || '/')

function mergeRemovedNames(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const merged = new Map(before)
  for (const [path, times] of now) {
    merged.delete(path)
    merged.set(path, times)
  }
  return new Map([...merged].slice(-MAX_REMOVED_NAMES))
}

function foldDirectory(draft: TreeDraft, path: string, text: string | null, time: number): void {
  const before = getCgroup(draft, path)
  if (text === null) {
    if (!before) return
    draft.changes.set(path, undefined)
    draft.removedNames.set(path, before.recreated + 1)
    draft.removed++
    return
  }
  const inode = Number(text)
  if (before?.inode === inode) return
  draft.created++
  if (before?.inode === UNKNOWN_INODE) {
    draft.changes.set(path, { ...before, inode }) // one of its files was read first
    return
  }
  if (before || inode === UNKNOWN_INODE) draft.removed++
  const recreated = before
    ? before.recreated + 1
    : (draft.removedNames.get(path) ?? draft.tree.removedNames.get(path) ?? 0)
  // a cgroup that is removed already must not count as a directory: it would hide a dying one
  if (inode === UNKNOWN_INODE) draft.removedNames.set(path, recreated + 1)
  else
    draft.changes.set(path, createCgroup({ path, parent: resolveParent(draft, path), inode, seenAt: time, recreated }))
}

// Handles a file that is no longer read: the pressure of the last seconds becomes unknown.
function foldDroppedFile(draft: TreeDraft, path: string, name: string): void {
  const before = getCgroup(draft, path)
  if (before?.pressure && name === 'memory.pressure') draft.changes.set(path, { ...before, pressure: null })
}

function foldFile(draft: TreeDraft, path: string, file: CgroupFile, time: number): void {
  // a hand-written recording need not list directories
  const before =
    getCgroup(draft, path) ??
    createCgroup({ path, parent: resolveParent(draft, path), inode: UNKNOWN_INODE, seenAt: time })
  const after = tryParse(draft.problems, file.path, () => applyFile(before, file, time, draft.seriesCapacity))
  if (after === undefined || after === before) return
  draft.changes.set(path, after)
  const count = countNewKills(before, after, draft.tree)
  if (count > 0) draft.kills.push({ path, after: draft.tree.time ?? time, time, count })
}

// A counter that is read for the first time only sets the base, unless its cgroup was created in this session: then it rose from 0.
function countNewKills(before: Cgroup, after: Cgroup, tree: CgroupTree): number {
  if (after.oomKill === null) return 0
  const isCreatedSinceStart = tree.firstReadAt !== null && before.seenAt > tree.firstReadAt
  const base = before.oomKill ?? (isCreatedSinceStart ? 0 : after.oomKill)
  return after.oomKill - base
}
