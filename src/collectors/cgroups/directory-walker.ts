// The walk: which cgroup directories there are, and what came and went between two looks.
import type { Host } from '../collector.ts'

// Between walks of the whole tree: 5 s, longer on large trees, so that it stays at a thousandth of the time. Watched
// directories tell at once what comes and goes in them.
const MIN_WALK_INTERVAL = 5000
const WALK_INTERVAL_PER_CGROUP = 5 // ms for each cgroup
const MAX_WATCHES = 512
/** Directories walked at one look, some 25 ms: a walk of many goes on at the next. The first look walks all. */
const MAX_PER_PIECE = 4000

/** What a walk knows of a directory. */
interface Directory {
  readonly inode: number
  readonly stop?: (() => void) | undefined
}

/** A walk of the whole tree that is under way: what it found, and where it has yet to go. */
interface PendingWalk {
  readonly found: Map<string, number>
  readonly queue: string[]
}

/** Directories that are there, and those that came, went, or came and went unseen since the last look. Paths are full paths. */
export interface DirectoryChanges {
  readonly added: ReadonlyMap<string, number>
  readonly removed: readonly string[]
}

/**
 * Keeps the set of directories below `root`. A look walks where a watch fired, and now and then the whole tree, in pieces.
 * In cgroupfs `links - 2` is the number of children (3.10 on), so a leaf costs one stat and no listing.
 */
export class DirectoryWalker {
  readonly known = new Map<string, Directory>()
  private readonly descendants = new Map<string, number>()
  private watchCount = 0
  private walkedAt = Number.NEGATIVE_INFINITY
  private pendingWalk: PendingWalk | undefined
  private readonly notifiedPaths = new Set<string>()
  private transientPaths: string[] = []
  /** gone as this look, and as the one before, found: notices of it come later */
  private recentlyRemoved: [now: Set<string>, before: Set<string>] = [new Set(), new Set()]
  private readonly host: Host
  private readonly root: string

  constructor(host: Host, root: string) {
    this.host = host
    this.root = root
  }

  /** How many known directories there are below `path`. */
  countDescendants(path: string): number {
    return this.descendants.get(path) ?? 0
  }

  /** The next look walks the whole tree. */
  requestFullWalk(): void {
    this.walkedAt = Number.NEGATIVE_INFINITY
  }

  /** Looks for what came and went. Never throws for a directory that vanishes meanwhile; throws when the root cannot be read. */
  detectChanges(time: number): DirectoryChanges {
    const added = new Map<string, number>()
    const removed = this.transientPaths.splice(0)
    this.recentlyRemoved = [new Set(), this.recentlyRemoved[0]]
    if (
      !this.pendingWalk &&
      time - this.walkedAt >= Math.max(MIN_WALK_INTERVAL, WALK_INTERVAL_PER_CGROUP * this.known.size)
    ) {
      this.walkedAt = time
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

  // A name in a watched directory came or went.
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

  // Makes what is known at `top` and below it what was found there.
  private replaceSubtree(
    top: string,
    found: ReadonlyMap<string, number>,
    added: Map<string, number>,
    removed: string[],
  ): void {
    for (const path of this.listKnown(top)) if (!found.has(path)) removed.push(this.removeDirectory(path))
    this.addNewDirectories(found, added)
  }

  // What is new is told at once, though the walk of the whole tree may take many looks more.
  private addNewDirectories(found: ReadonlyMap<string, number>, added: Map<string, number>): void {
    for (const [path, inode] of found) if (this.known.get(path)?.inode !== inode) this.addDirectory(path, inode, added)
  }

  private listKnown(top: string): readonly string[] {
    if (top === this.root) return [...this.known.keys()]
    const own = this.known.has(top) ? [top] : []
    if (this.countDescendants(top) === 0) return own
    return [...own, ...[...this.known.keys()].filter(path => path.startsWith(`${top}/`))]
  }

  // Gives what it found in this piece.
  private walkPiece({ found, queue }: PendingWalk, limit = Number.POSITIVE_INFINITY): ReadonlyMap<string, number> {
    const piece = new Map<string, number>()
    for (let remaining = limit; remaining > 0 && queue.length > 0; remaining--) {
      const path = queue.pop()!
      try {
        const { inode, links } = this.host.statFile(path)
        found.set(path, inode)
        piece.set(path, inode)
        if (links !== 2) for (const name of this.host.listSubdirectories(path)) queue.push(`${path}/${name}`)
      } catch (error) {
        if (path !== this.root) continue
        this.pendingWalk = undefined
        this.requestFullWalk() // until it can be read nothing is known: no directory is no answer
        throw error
      }
    }
    return piece
  }

  private addDirectory(path: string, inode: number, added: Map<string, number>): void {
    if (this.known.has(path)) this.removeDirectory(path)
    this.known.set(path, { inode })
    this.pendingWalk?.found.set(path, inode) // what a watch told meanwhile is newer than what the walk found
    this.updateAncestorCounts(path, 1)
    added.set(path, inode)
    this.watch(this.root)
    if (path !== this.root) this.watch(path.slice(0, path.lastIndexOf('/')))
  }

  private removeDirectory(path: string): string {
    const stop = this.known.get(path)?.stop
    if (stop) {
      stop()
      this.watchCount--
    }
    if (this.known.delete(path)) this.updateAncestorCounts(path, -1)
    this.recentlyRemoved[0].add(path)
    this.pendingWalk?.found.delete(path)
    return path
  }

  private updateAncestorCounts(path: string, delta: 1 | -1): void {
    for (let slash = path.lastIndexOf('/'); slash >= this.root.length; slash = path.lastIndexOf('/', slash - 1)) {
      const ancestor = path.slice(0, slash)
      const count = this.countDescendants(ancestor) + delta
      if (count > 0) this.descendants.set(ancestor, count)
      else this.descendants.delete(ancestor)
    }
  }

  // It came and went between two looks: told as come now, without an inode, and as gone at the next look, so that nothing is uncounted.
  private reportTransient(path: string, added: Map<string, number>): void {
    added.set(path, 0)
    this.transientPaths.push(path)
  }

  /** false: it is not there; undefined: a file. */
  private isDirectory(path: string): boolean | undefined {
    try {
      this.host.listSubdirectories(path)
      return true
    } catch (error) {
      return (error as { code?: string }).code === 'ENOTDIR' ? undefined : false
    }
  }

  // Directories with children are where cgroups come and go; leaves are not watched. Bounded: a watch costs kernel memory.
  private watch(path: string): void {
    const directory = this.known.get(path)
    if (!directory || directory.stop || this.watchCount >= MAX_WATCHES) return
    const stop = this.host.watchDirectory(path, name => this.notifiedPaths.add(`${path}/${name}`))
    if (!stop) return
    this.watchCount++
    this.known.set(path, { ...directory, stop })
  }
}
