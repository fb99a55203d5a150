// The memory cgroups: their directories, the kernel's own count, and each one's use, limit and kills.
import { ParseError } from '../../base/errors.ts'
import { emptySeries, push } from '../../base/series.ts'
import { fromBytes, keyedNumbers } from '../../base/text.ts'
import type { Collector, Files } from '../collector.ts'
import type { Cgroup, CgroupTree, CounterKill } from './cgroup.ts'
import { findMounts } from './mounts.ts'
import { newCgroup, withFile } from './parse.ts'
import { hasMemory, openCgroups } from './reader.ts'

/** Rises of OOM-kill counters that are remembered. */
export const KEPT_RISES = 500

const emptyTree: CgroupTree = {
  mounts: { mode: 'none' },
  mode: 'none',
  cgroups: new Map(),
  directories: 0,
  numCgroups: null,
  dying: null,
  enabled: true,
  created: 0,
  removed: 0,
  series: {
    directories: emptySeries(),
    numCgroups: emptySeries(),
    dying: emptySeries(),
    created: emptySeries(),
    removed: emptySeries(),
  },
  kills: [],
  counts: { procCgroups: null, descendants: null, dyingDescendants: null, dyingMemory: null, memory: null },
  problems: new Map(),
  begunAt: null,
  time: null,
}

export const cgroups: Collector<CgroupTree> = {
  title: 'memory cgroups',
  interval: 0,
  open: openCgroups,
  empty: emptyTree,
  fold: (tree, files, time) => counted(foldCgroups(foldMounts(tree, files), files, time), files, time),
  problem: ({ problems }) => problems.values().next().value,
  hint: code =>
    code === 'EACCES'
      ? 'run as root'
      : code === 'ENOENT'
        ? 'mount the cgroup trees, or give the node’s root by --root'
        : undefined,
}

function foldMounts(tree: CgroupTree, files: Files): CgroupTree {
  const path = Object.keys(files).find(name => name.startsWith('/proc/') && name.endsWith('/mountinfo'))
  const mountinfo = path && files[path]
  if (!mountinfo) return tree
  const mounts = findMounts(mountinfo, mount => hasMemory(files[`${mount}/cgroup.controllers`]))
  return { ...tree, mounts, mode: mounts.mode }
}

/** What one reading changes; collected here, so that a tree of thousands is copied once a reading. */
interface Draft {
  readonly map: Map<string, Cgroup>
  readonly kills: CounterKill[]
  readonly problems: Map<string, string>
  created: number
  removed: number
}

function foldCgroups(tree: CgroupTree, files: Files, time: number): CgroupTree {
  const base = tree.mounts.memory?.path
  if (base === undefined) return tree
  const draft: Draft = {
    map: new Map(tree.cgroups),
    kills: [],
    problems: new Map(tree.problems),
    created: 0,
    removed: 0,
  }
  for (const [file, text] of Object.entries(files)) {
    if (!file.startsWith(`${base}/`)) continue
    const slash = file.lastIndexOf('/')
    const path = fromBytes(file.slice(base.length, slash)) || '/'
    const name = file.slice(slash + 1)
    if (name === '') foldDirectory(draft, path, text, time)
    else if (text !== null) foldFile(draft, tree, path, name, text, file, time)
  }
  for (const file of draft.problems.keys())
    if (files[file] === undefined && goneFrom(draft, base, file)) draft.problems.delete(file)
  return {
    ...tree,
    cgroups: draft.map,
    created: tree.created + (tree.time === null ? 0 : draft.created),
    removed: tree.removed + draft.removed,
    kills: draft.kills.length ? [...tree.kills, ...draft.kills].slice(-KEPT_RISES) : tree.kills,
    problems: draft.problems,
  }
}

const goneFrom = (draft: Draft, base: string, file: string): boolean =>
  file.startsWith(base) && !draft.map.has(fromBytes(file.slice(base.length, file.lastIndexOf('/'))) || '/')

function foldDirectory(draft: Draft, path: string, text: string | null, time: number): void {
  const before = draft.map.get(path)
  if (text === null) {
    if (draft.map.delete(path)) draft.removed++
    return
  }
  const inode = Number(text)
  if (before?.inode === inode) return
  if (before) draft.removed++
  draft.created++
  draft.map.set(path, newCgroup(path, inode, time))
}

function foldFile(
  draft: Draft,
  tree: CgroupTree,
  path: string,
  name: string,
  text: string,
  file: string,
  time: number,
): void {
  const before = draft.map.get(path) ?? newCgroup(path, 0, time) // a recording by hand need not list directories
  const after = attempt(draft.problems, file, () => withFile(before, name, text, file, time))
  if (after === undefined || after === before) return
  draft.map.set(path, after)
  const count = newKills(before, after, tree)
  if (count > 0) draft.kills.push({ path, after: tree.time ?? time, time, count })
}

// A garbled file is a problem that is shown until it reads well again; everything else goes on.
function attempt<T>(problems: Map<string, string>, file: string, parse: () => T): T | undefined {
  try {
    problems.delete(file)
    return parse()
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    problems.set(file, error.message)
    return undefined
  }
}

// A counter that is read for the first time is only a base, unless its cgroup was made while we looked: then it rose from 0.
function newKills(before: Cgroup, after: Cgroup, tree: CgroupTree): number {
  if (after.oomKill === null) return 0
  const madeMeanwhile = tree.begunAt !== null && before.seenAt > tree.begunAt
  const base = before.oomKill ?? (madeMeanwhile ? 0 : after.oomKill)
  return after.oomKill - base
}

function counted(tree: CgroupTree, files: Files, time: number): CgroupTree {
  const problems = new Map(tree.problems)
  const stat = `${tree.mounts.memory?.path}/cgroup.stat`
  const told = files[stat] ? attempt(problems, stat, () => kernelCounts(tree, files[stat]!, stat)) : undefined
  const counts = { ...tree.counts, ...told }
  const text = files['/proc/cgroups']
  const row = text ? attempt(problems, '/proc/cgroups', () => procRow(text)) : undefined
  const { enabled, procCgroups } = row ?? { enabled: tree.enabled, procCgroups: counts.procCgroups }
  const directories = tree.cgroups.size
  const { numCgroups, dying } = compare({ ...tree, directories }, { ...counts, procCgroups })
  const kept = (name: keyof CgroupTree['series'], value: number | null) =>
    value === null ? tree.series[name] : push(tree.series[name], time, value)
  return {
    ...tree,
    counts: { ...counts, procCgroups },
    enabled,
    directories,
    numCgroups,
    dying,
    series: {
      directories: kept('directories', directories),
      numCgroups: kept('numCgroups', numCgroups),
      dying: kept('dying', dying),
      created: kept('created', tree.created),
      removed: kept('removed', tree.removed),
    },
    problems,
    begunAt: tree.begunAt ?? time,
    time,
  }
}

// memory	4	12	1
function procRow(text: string): { enabled: boolean; procCgroups: number | null } {
  if (!text.startsWith('#subsys_name'))
    throw new ParseError('/proc/cgroups', 1, '#subsys_name hierarchy num_cgroups enabled', text)
  const row = /^memory\t(\d+)\t(\d+)\t([01])$/m.exec(text)
  return row ? { enabled: row[3] === '1', procCgroups: Number(row[2]) } : { enabled: true, procCgroups: null }
}

function kernelCounts(tree: CgroupTree, text: string, path: string): Partial<CgroupTree['counts']> {
  if (tree.mounts.memory?.version !== 2) return {}
  const stat = keyedNumbers(text, path)
  return {
    descendants: stat.get('nr_descendants') ?? null,
    dyingDescendants: stat.get('nr_dying_descendants') ?? null,
    dyingMemory: stat.get('nr_dying_subsys_memory') ?? null,
    memory: stat.get('nr_subsys_memory') ?? null,
  }
}

// v1: dying = the kernel's count less the directories. v2: the kernel tells it. Neither can be had from a part of the tree:
// /proc/cgroups is global. When the row of memory is gone (6.11 on), the count is directories and dying together.
function compare(tree: CgroupTree, counts: CgroupTree['counts']): { numCgroups: number | null; dying: number | null } {
  const { memory } = tree.mounts
  if (memory?.root !== '/') return { numCgroups: counts.procCgroups, dying: null }
  if (memory.version === 1) {
    const numCgroups = counts.procCgroups
    return { numCgroups, dying: numCgroups === null ? null : Math.max(0, numCgroups - tree.directories) }
  }
  const dying = counts.dyingMemory ?? counts.dyingDescendants
  const live = counts.memory ?? (counts.descendants === null ? null : counts.descendants + 1) // nr_subsys_memory counts the root too
  const sum = live === null || dying === null ? null : live + dying
  return { numCgroups: sum ?? counts.procCgroups, dying }
}
