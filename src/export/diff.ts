// What grew between two points in time, of one node or of two: memory, slab caches, cgroups by path, rates of counters.
import type { History } from '../history.ts'

/** The history at the end of a window, with the counters at its start. */
export interface DiffWindow {
  readonly name: string
  readonly begin: number
  readonly history: History
  /** counters of vmstat at `begin`; undefined if the window has no length, and so no rates */
  readonly countersAtBegin: Readonly<Record<string, number>> | undefined
}

/** A value before and after; null is missing or unknown. `change` is 0 if only one is known. */
export interface Change {
  readonly name: string
  readonly before: number | null
  readonly after: number | null
  readonly change: number
}

/** What became of a slab cache between two times. */
export interface CacheChange extends Change {
  /** objects */
  readonly objects: Pick<Change, 'before' | 'after' | 'change'>
}

// Names of each status in earlier versions, which JSON keeps.
const EARLIER_NAMES = { created: 'came', deleted: 'went', recreated: 'anew', kept: 'stayed' } as const

/** `recreated`: another cgroup has the name now. `what`: the same as `status`, in the words of earlier versions. */
export interface CgroupChange extends Change {
  readonly status: keyof typeof EARLIER_NAMES
  readonly what: (typeof EARLIER_NAMES)[keyof typeof EARLIER_NAMES]
}

/** Everything that changed. In each list the largest growth comes first, then what shrank. Sizes in bytes. */
export interface Diff {
  readonly memory: readonly Change[]
  readonly caches: readonly CacheChange[]
  readonly cgroups: readonly CgroupChange[]
  readonly counts: readonly Change[]
  /** per second within each window */
  readonly rates: readonly Change[]
}

/**
 * Compares two windows.
 * @param isSameBoot whether inodes of cgroups can be compared
 */
export function computeDiff(a: DiffWindow, b: DiffWindow, isSameBoot: boolean): Diff {
  const [before, after] = [a.history, b.history]
  return {
    memory: computeChanges(before.meminfo.values, after.meminfo.values),
    caches: compareCaches(before, after),
    cgroups: compareCgroups(before, after, isSameBoot),
    counts: computeChanges(getCounts(before), getCounts(after)),
    rates: computeChanges(computeRates(a), computeRates(b)),
  }
}

function computeChange(name: string, before: number | null, after: number | null): Change {
  const difference = before === null || after === null ? 0 : after - before
  return { name, before, after, change: difference }
}

function computeChanges(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly Change[] {
  const names = [...new Set([...after.keys(), ...before.keys()])]
  return sortChanges(names.map(name => computeChange(name, before.get(name) ?? null, after.get(name) ?? null)))
}

function sortChanges<T extends Change>(all: readonly T[]): readonly T[] {
  return all
    .filter(one => one.change !== 0 || isKnownOnOneSide(one))
    .sort((a, b) => Number(b.change > 0) - Number(a.change > 0) || Math.abs(b.change) - Math.abs(a.change))
}

// Known on one side only, and not 0 there.
const isKnownOnOneSide = ({ before, after }: Change): boolean =>
  (before === null) !== (after === null) && (before ?? after) !== 0

// Some kernels have two caches of one name. They are summed.
function sumCaches({ slabinfo }: History): ReadonlyMap<string, { bytes: number; objects: number }> {
  const caches = new Map<string, { bytes: number; objects: number }>()
  for (const { name, bytes, numObjs } of slabinfo.caches) {
    const known = caches.get(name)
    caches.set(name, { bytes: bytes + (known?.bytes ?? 0), objects: numObjs + (known?.objects ?? 0) })
  }
  return caches
}

// A cache that is not in the list holds nothing. Without a list nothing is known.
function compareCaches(before: History, after: History): readonly CacheChange[] {
  if (before.slabinfo.time === null || after.slabinfo.time === null) return []
  const [old, now] = [sumCaches(before), sumCaches(after)]
  const all = [...new Set([...now.keys(), ...old.keys()])].map(name => {
    const [was, is] = [old.get(name), now.get(name)]
    const { before, after, change: grown } = computeChange(name, was?.objects ?? 0, is?.objects ?? 0)
    return { ...computeChange(name, was?.bytes ?? 0, is?.bytes ?? 0), objects: { before, after, change: grown } }
  })
  return sortChanges(all)
}

function compareCgroups(before: History, after: History, isSameBoot: boolean): readonly CgroupChange[] {
  if (before.cgroups.time === null || after.cgroups.time === null) return []
  const [old, now] = [before.cgroups.cgroups, after.cgroups.cgroups]
  const all = [...new Set([...now.keys(), ...old.keys()])].map((path): CgroupChange => {
    const [was, is] = [old.get(path), now.get(path)]
    const status = classifyCgroup(was?.inode, is?.inode, isSameBoot)
    const sizes = computeChange(path, was ? was.current : 0, is ? is.current : 0)
    return { ...sizes, status, what: EARLIER_NAMES[status] }
  })
  return all
    .filter(one => one.status !== 'kept' || one.change !== 0)
    .sort((a, b) => Math.sign(b.change) - Math.sign(a.change) || Math.abs(b.change) - Math.abs(a.change))
}

function classifyCgroup(was: number | undefined, is: number | undefined, isSameBoot: boolean): CgroupChange['status'] {
  if (was === undefined) return 'created'
  if (is === undefined) return 'deleted'
  return isSameBoot && was !== is ? 'recreated' : 'kept'
}

function getCounts({ cgroups }: History): ReadonlyMap<string, number> {
  const { directories, numCgroups, dying, time } = cgroups
  const counts = { directories: time === null ? null : directories, numCgroups, dying }
  return new Map(Object.entries(counts).filter((pair): pair is [string, number] => pair[1] !== null))
}

function computeRates({ history, begin, countersAtBegin }: DiffWindow): ReadonlyMap<string, number> {
  const seconds = (history.time - begin) / 1000
  if (countersAtBegin === undefined || seconds <= 0) return new Map()
  const rates = Object.entries(history.vmstat.counters).flatMap(([name, value]) => {
    const from = countersAtBegin[name]
    return from === undefined ? [] : [[name, Math.max(0, value - from) / seconds] as const]
  })
  return new Map(rates)
}
