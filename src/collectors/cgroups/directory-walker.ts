// Walks the cgroup directories and finds what was created and removed between two samples.
import { getErrorCode } from '../../base/errors.ts'
import type { Host } from '../collector.ts'
import { DirectoryTree, getParent } from './directory-tree.ts'
import { DirectoryWatches } from './directory-watches.ts'

// Time between walks of the whole tree: 5 s, longer on large trees, so that a walk takes a thousandth of the time. Changes in
// watched directories are noticed at once.
const MIN_WALK_INTERVAL = 5000
/** The same where the kernel's count of cgroups, and watches on all directories with children, show every change. */
const ANNOUNCED_WALK_INTERVAL = 30_000
/** Directories up to which the whole tree is walked when the count changes: 6 ms. */
export const MAX_WALKED_AT_ONCE = 1000
const WALK_INTERVAL_PER_CGROUP = 5 // ms for each cgroup
/** Directories walked in one sample, about 25 ms: a longer walk continues in the next. The first sample walks all. */
const MAX_PER_PIECE = 4000

/** An unfinished walk of the whole tree: what it has found, and where it still has to go. */
interface PendingWalk {
  readonly found: Map<string, number>
  readonly queue: string[]
}

/** Directories that were created, removed, or both since the last sample. Paths are full paths. */
export interface DirectoryChanges {
  readonly added: ReadonlyMap<string, number>
  readonly removed: readonly string[]
}

/**
 * Keeps the set of directories below `root`. A sample walks where a watch fired, and regularly the whole tree, in pieces.
 * In cgroupfs `links - 2` is the number of children (since 3.10), so a leaf costs one stat and no listing.
 */
export class DirectoryWalker {
  readonly tree: DirectoryTree
  /** inodes by path */
  readonly known: ReadonlyMap<string, number>
  private readonly watches: DirectoryWatches
  private walkedAt = Number.NEGATIVE_INFINITY
  private pendingWalk: PendingWalk | undefined
  private readonly notifiedPaths = new Set<string>()
  private transientPaths: string[] = []
  /** directories that this sample and the previous one found removed: notices about them come later */
  private recentlyRemoved: [now: Set<string>, before: Set<string>] = [new Set(), new Set()]
  /** directories in which another file system is mounted: the directory itself is a cgroup, what is in it is not */
  private mountPoints: ReadonlySet<string> = new Set()
  private readonly host: Host
  private readonly root: string
  private readonly isCountWatched: boolean
  /** v2: the kernel's number of directories below the root, and the one for which the tree was walked */
  private count: number | undefined
  private walkedCount: number | undefined

  /** @param isCountWatched whether `requestFullWalk` is called when the kernel's count of cgroups changes, on a small tree */
  constructor(host: Host, root: string, isCountWatched = false) {
    this.host = host
    this.root = root
    this.tree = new DirectoryTree(root)
    this.known = this.tree.known
    this.isCountWatched = isCountWatched
    this.watches = new DirectoryWatches(host, path => this.notifiedPaths.add(path))
  }

  setMountPoints(paths: readonly string[]): void {
    this.mountPoints = new Set(paths)
  }

  /** Sets the kernel's number of directories below the root. One that is not explained by notices is a reason to walk. */
  updateCount(count: number | undefined): void {
    this.count = count
  }

  /** Requests that the next sample walks the whole tree. */
  requestFullWalk(): void {
    this.walkedAt = Number.NEGATIVE_INFINITY
  }

  /** Returns what changed since the last call. A directory that vanishes meanwhile is no error; throws if the root cannot be read. */
  detectChanges(time: number): DirectoryChanges {
    const added = new Map<string, number>()
    const removed = this.transientPaths.splice(0)
    this.recentlyRemoved = [new Set(), this.recentlyRemoved[0]]
    if (!this.pendingWalk && this.isWalkDue(time)) {
      this.walkedAt = time
      this.walkedCount = this.count
      this.pendingWalk = { found: new Map(), queue: [this.root] }
    }
    if (this.pendingWalk)
      this.addNewDirectories(
        this.walkPiece(this.pendingWalk, this.known.size === 0 ? Number.POSITIVE_INFINITY : MAX_PER_PIECE),
        added,
      )
    for (const path of this.notifiedPaths) this.probe(path, added, removed)
    this.notifiedPaths.clear()
    if (this.pendingWalk?.queue.length === 0) {
      const { found } = this.pendingWalk
      this.pendingWalk = undefined
      this.replaceSubtree(this.root, found, added, removed)
    }
    return { added, removed }
  }

  private isWalkDue(time: number): boolean {
    const interval = Math.max(this.getMinInterval(), WALK_INTERVAL_PER_CGROUP * this.known.size)
    if (time - this.walkedAt >= interval) return true
    const isNews = this.count !== this.walkedCount && this.notifiedPaths.size === 0
    return isNews && !this.isCountRight() && this.known.size <= MAX_WALKED_AT_ONCE
  }

  private getMinInterval(): number {
    const isCounted = this.isCountWatched || this.isCountRight()
    const isAnnounced = isCounted && this.watches.isComplete && this.known.size <= MAX_WALKED_AT_ONCE
    return isAnnounced ? ANNOUNCED_WALK_INTERVAL : MIN_WALK_INTERVAL
  }

  // The root itself is known too, and not in the count.
  private isCountRight(): boolean {
    return this.count !== undefined && this.count + 1 === this.known.size
  }

  // Handles a notice: a name in a watched directory was created or removed.
  private probe(path: string, added: Map<string, number>, removed: string[]): void {
    const exists = this.isDirectory(path)
    if (exists === undefined) return
    if (!exists) this.pendingWalk?.found.delete(path)
    if (!exists && !this.known.has(path)) {
      if (!this.recentlyRemoved.some(paths => paths.has(path))) this.reportTransient(path, added)
    } else
      this.replaceSubtree(
        path,
        exists ? this.walkPiece({ found: new Map(), queue: [path] }) : new Map(),
        added,
        removed,
      )
  }

  // Replaces the known directories at `top` and below by the found ones.
  private replaceSubtree(
    top: string,
    found: ReadonlyMap<string, number>,
    added: Map<string, number>,
    removed: string[],
  ): void {
    for (const path of this.tree.listKnown(top)) if (!found.has(path)) removed.push(this.removeDirectory(path))
    this.addNewDirectories(found, added)
  }

  // Reports new directories at once, although the walk of the whole tree may take many more samples.
  private addNewDirectories(found: ReadonlyMap<string, number>, added: Map<string, number>): void {
    for (const [path, inode] of found) if (this.known.get(path) !== inode) this.addDirectory(path, inode, added)
  }

  // Walks a piece of the tree and returns what it found.
  private walkPiece({ found, queue }: PendingWalk, limit = Number.POSITIVE_INFINITY): ReadonlyMap<string, number> {
    const piece = new Map<string, number>()
    for (let remaining = limit; remaining > 0 && queue.length > 0; remaining--) {
      const path = queue.pop()!
      try {
        const { inode, links } = this.host.statFile(path)
        found.set(path, inode)
        piece.set(path, inode)
        if (links !== 2 && !this.mountPoints.has(path))
          for (const name of this.host.listSubdirectories(path)) queue.push(`${path}/${name}`)
      } catch (error) {
        if (path !== this.root) continue
        this.pendingWalk = undefined
        this.requestFullWalk() // an unreadable root does not mean that there are no directories
        throw error
      }
    }
    return piece
  }

  private addDirectory(path: string, inode: number, added: Map<string, number>): void {
    if (this.known.has(path)) this.removeDirectory(path)
    this.tree.add(path, inode)
    this.pendingWalk?.found.set(path, inode) // a notice that came meanwhile is newer than the walk
    added.set(path, inode)
    // only directories with children are watched: there cgroups are created and removed
    this.watches.add(this.root)
    if (path !== this.root) this.watches.add(getParent(path))
  }

  private removeDirectory(path: string): string {
    this.watches.remove(path)
    this.tree.remove(path)
    this.recentlyRemoved[0].add(path)
    this.pendingWalk?.found.delete(path)
    return path
  }

  // A directory was created and removed between two samples: it is reported as added now, without an inode, and as removed in the
  // next sample, so that both are counted.
  private reportTransient(path: string, added: Map<string, number>): void {
    added.set(path, 0)
    this.transientPaths.push(path)
  }

  /** false: it does not exist; undefined: it is a file. */
  private isDirectory(path: string): boolean | undefined {
    try {
      this.host.listSubdirectories(path)
      return true
    } catch (error) {
      return getErrorCode(error) === 'ENOTDIR' ? undefined : false
    }
  }
}
