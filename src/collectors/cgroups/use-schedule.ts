// When the usage of cgroups that are not hot is read: at once below a cgroup whose own usage moved, and all of them in turn.
import { KiB } from '../../base/units.ts'
import type { Host } from '../collector.ts'
import type { DirectoryTree } from './directory-tree.ts'
import type { MemoryMount } from './mounts.ts'
import { RoundRobin } from './round-robin.ts'

/** Milliseconds between two descents from the root of the tree. Samples come a little early or late. */
const DESCENT_INTERVAL = 5000 - 250
/** Bytes by which the usage of a cgroup has moved since its children were last read, so that they are read again. */
const MIN_MOVE = 256 * KiB
/** Most reads per second below cgroups that moved. */
const MAX_PER_SECOND = 250
/** Milliseconds of a turn, and the most per second, where the usage of a cgroup includes all below it, and where it may not. */
const TURNS = { hierarchical: { period: 15_000, maxPerSecond: 60 }, flat: { period: 5000, maxPerSecond: 250 } }

/**
 * In a hierarchical tree a page counter is the sum of its children and its own charges (mm/page_counter.c), so children of a cgroup
 * whose usage did not move are quiet, or what one took another gave back. The turns find the second.
 */
export class UseSchedule {
  private readonly turns: RoundRobin
  private readonly isHierarchical: boolean
  private readonly root: string
  private queue: string[] = []
  private descendedAt = Number.NEGATIVE_INFINITY
  private readonly usesAtDescent = new Map<string, number>()

  constructor(root: string, isHierarchical: boolean) {
    this.root = root
    this.isHierarchical = isHierarchical
    const { period, maxPerSecond } = TURNS[isHierarchical ? 'hierarchical' : 'flat']
    this.turns = new RoundRobin(period, maxPerSecond)
  }

  forget(path: string): void {
    this.usesAtDescent.delete(path)
  }

  /** Returns the cgroups whose turn it is; the other arguments as in RoundRobin. */
  selectDue(paths: readonly string[], elapsed: number, share: number): readonly string[] {
    return this.turns.selectDue(paths, elapsed, share)
  }

  /** Returns the paths that `selectDue` would return, and changes nothing. */
  peekDue(paths: readonly string[], elapsed: number, share: number): readonly string[] {
    return this.turns.peekDue(paths, elapsed, share)
  }

  /**
   * Reads what moved, from the root down, as far as `share` permits; the next sample continues.
   * @param read reads the usage of a cgroup; undefined if it cannot be read
   */
  readMoved(tree: DirectoryTree, time: number, share: number, read: (path: string) => number | undefined): void {
    if (!this.isHierarchical) return
    if (this.queue.length === 0 && time - this.descendedAt >= DESCENT_INTERVAL) {
      this.descendedAt = time
      this.queue = [...tree.listChildren(this.root)]
    }
    const limit = Math.ceil(MAX_PER_SECOND * share)
    let position = 0
    for (; position < this.queue.length && position < limit; position++) {
      const path = this.queue[position]!
      if (tree.known.has(path) && this.hasMoved(path, tree, read(path))) this.queue.push(...tree.listChildren(path))
    }
    this.queue.splice(0, position)
  }

  private hasMoved(path: string, tree: DirectoryTree, use: number | undefined): boolean {
    if (use === undefined || tree.countDescendants(path) === 0) return false
    const before = this.usesAtDescent.get(path)
    if (before !== undefined && Math.abs(use - before) < MIN_MOVE) return false
    this.usesAtDescent.set(path, use)
    return true
  }
}

/**
 * Returns whether the usage of each cgroup includes that of all below it, as it does on v2, and on v1 since 5.11 or where
 * `memory.use_hierarchy` of the root is 1 (systemd sets it). A copy of a tree, and one over a link, are read in turn.
 */
export function isTreeHierarchical(host: Pick<Host, 'readFile' | 'notices'>, { path, version }: MemoryMount): boolean {
  if (!host.notices?.isCgroupTree(path)) return false
  if (version === 2) return true
  try {
    return host.readFile(`${path}/memory.use_hierarchy`).trim() === '1'
  } catch {
    return false
  }
}
