// Counts the per-cgroup copies of slab caches, 3.10 to 5.8: how many each cache has, and how many belong to dying cgroups.
// Follows mm/slab_common.c and mm/slub.c of 3.10.0-1062, 4.4 and 5.4.
import { decodeUtf8, splitLines } from '../base/text.ts'
import { type Files, type Host, tryListDirectory } from './collector.ts'
import { OTHERS } from './top-allocators.ts'

/** Number of copies by cgroup name; `(others)` is the sum of those that are not listed. */
export type CopyCounts = ReadonlyMap<string, number>

/** A copy's name: `dentry(123:web-0)`; the number is the kmem ID on 3.10, the css serial number since 4.4. */
export const COPY_NAME = /^((?:[^(]|\((?!\d+:))+)\((\d+):(.*)\)$/
/** The target of a copy's link on 3.10: flags, size and the kmem ID. */
export const COPY_ID = /^:[^-]*-\d{7}-\d{8}$/

const MAX_CGROUPS = 500 // cgroups listed by name for each cache
const CACHES_PER_SAMPLE = 20 // caches whose copies are listed in one sample

/**
 * Creates a reader that counts copies. On 3.10 they are among the caches; since 4.4 in the `cgroup` directory of each cache, which is
 * listed for a few caches in each sample, and no longer if no cache has one.
 */
export function openCopiesReader(
  host: Host,
  directory: string,
): (names: readonly string[], caches: readonly string[]) => Files {
  let nextCache = 0
  let isMissing = false
  const before = new Map<string, ReadonlySet<string>>() // caches that had copies, by the directory that listed them
  return (names, caches) => {
    const counts = new Map<string, Map<string, number>>()
    const addCopies = (directoryName: string, copies: readonly string[]): void => {
      const now = new Set(copies.flatMap(name => addCopy(counts, name) ?? []))
      for (const cache of before.get(directoryName) ?? []) if (!counts.has(cache)) counts.set(cache, new Map()) // no copy is left
      before.set(directoryName, now)
    }
    addCopies('', names)
    const batch = isMissing
      ? []
      : Array.from({ length: Math.min(CACHES_PER_SAMPLE, caches.length) }, () => caches[nextCache++ % caches.length]!)
    const lists = batch.map(cache => tryListDirectory(host, `${directory}${cache}/cgroup`))
    if (batch.length > 0) isMissing = lists.every(list => list === undefined)
    for (const [i, list] of lists.entries()) addCopies(batch[i]!, list ?? [])
    return Object.fromEntries(
      [...counts].map(([cache, copies]) => [`${directory}${cache}/cgroup/`, formatCopies(copies)]),
    )
  }
}

/** Counts a copy by its name and returns the cache it is a copy of; undefined for any other name. */
export function addCopy(counts: Map<string, Map<string, number>>, name: string): string | undefined {
  const [, cache, , cgroup] = COPY_NAME.exec(name) ?? []
  if (cache === undefined) return undefined
  const copies = counts.get(cache) ?? new Map<string, number>()
  counts.set(cache, copies.set(cgroup!, (copies.get(cgroup!) ?? 0) + 1))
  return cache
}

function formatCopies(copies: CopyCounts): string {
  const most = [...copies].sort(([, a], [, b]) => b - a)
  const rest = most.slice(MAX_CGROUPS).reduce((sum, [, count]) => sum + count, 0)
  const lines = most.slice(0, MAX_CGROUPS).map(([cgroup, count]) => `${count} ${cgroup}\n`)
  return `${lines.join('')}${rest > 0 ? `${rest} ${OTHERS}\n` : ''}`
}

/** Returns the copies after a reading with `count cgroup` lines at `<cache>/cgroup/`. */
export function applyCopyFiles(
  before: ReadonlyMap<string, CopyCounts>,
  files: Files,
  directory: string,
): ReadonlyMap<string, CopyCounts> {
  let after: Map<string, CopyCounts> | undefined
  for (const [path, text] of Object.entries(files)) {
    if (text === null || !path.startsWith(directory) || !path.endsWith('/cgroup/')) continue
    after ??= new Map(before)
    after.set(path.slice(directory.length, -'/cgroup/'.length), parseCopies(text))
  }
  return after ?? before
}

function parseCopies(text: string): CopyCounts {
  return new Map(
    splitLines(text).flatMap(line => {
      const [, count, cgroup] = /^(\d+) (.*)$/.exec(line) ?? []
      return count === undefined ? [] : [[decodeUtf8(cgroup!), Number(count)] as const]
    }),
  )
}

/**
 * Counts the copies of a cache, and those of removed cgroups. Copies of unlisted cgroups beyond the number of directories belong to
 * removed cgroups too.
 * @param live number of directories by name: a copy names only the last part of its cgroup's path
 * @returns dead: null if the directories are not known
 */
export function countCopies(
  copies: CopyCounts,
  live: ReadonlyMap<string, number> | undefined,
): { count: number; dead: number | null } {
  if (!live) return { count: [...copies.values()].reduce((sum, own) => sum + own, 0), dead: null }
  let [count, dead, liveCopies] = [0, 0, 0]
  for (const [cgroup, own] of copies) {
    count += own
    if (cgroup === OTHERS) continue
    const liveOfCgroup = Math.min(own, live.get(cgroup) ?? 0)
    liveCopies += liveOfCgroup
    dead += own - liveOfCgroup
  }
  const others = copies.get(OTHERS) ?? 0
  const unmatchedLive = others === 0 ? 0 : [...live.values()].reduce((sum, own) => sum + own, 0) - liveCopies
  return { count, dead: dead + Math.max(0, others - unmatchedLive) }
}
