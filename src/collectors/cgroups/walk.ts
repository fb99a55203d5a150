// The walk: which cgroup directories there are, and what came and went between two looks.
import type { Host } from '../collector.ts'

// Between walks of the whole tree: 5 s, longer on large trees, so that it stays at a thousandth of the time. Watched
// directories tell at once what comes and goes in them.
const REWALK = 5000
const REWALK_EACH = 5 // ms for each cgroup
const WATCHES = 512
/** Directories walked at one look, some 25 ms: a walk of many goes on at the next. The first look walks all. */
const PIECE = 4000

/** What a walk knows of a directory. */
interface Directory {
  readonly inode: number
  readonly stop?: (() => void) | undefined
}

/** A walk of the whole tree that is under way: what it found, and where it has yet to go. */
interface Round {
  readonly found: Map<string, number>
  readonly queue: string[]
}

/** Directories that are there, and those that came, went, or came and went unseen since the last look. Paths are full paths. */
export interface Changes {
  readonly came: ReadonlyMap<string, number>
  readonly went: readonly string[]
}

/**
 * Keeps the set of directories below `root`. A look walks where a watch fired, and now and then the whole tree, in pieces.
 * In cgroupfs `links - 2` is the number of children (3.10 on), so a leaf costs one stat and no listing.
 */
export class Walk {
  readonly known = new Map<string, Directory>()
  private readonly descendants = new Map<string, number>()
  private watching = 0
  private walkedAt = Number.NEGATIVE_INFINITY
  private round: Round | undefined
  private readonly stirred = new Set<string>()
  private passed: string[] = []
  /** gone as this look, and as the one before, found: notices of it come later */
  private left: [now: Set<string>, before: Set<string>] = [new Set(), new Set()]
  private readonly host: Host
  private readonly root: string

  constructor(host: Host, root: string) {
    this.host = host
    this.root = root
  }

  /** How many known directories there are below `path`. */
  below(path: string): number {
    return this.descendants.get(path) ?? 0
  }

  /** The next look walks the whole tree. */
  hurry(): void {
    this.walkedAt = Number.NEGATIVE_INFINITY
  }

  /** Looks for what came and went. Never throws for a directory that vanishes meanwhile; throws when the root cannot be read. */
  look(time: number): Changes {
    const came = new Map<string, number>()
    const went = this.passed.splice(0)
    this.left = [new Set(), this.left[0]]
    if (!this.round && time - this.walkedAt >= Math.max(REWALK, REWALK_EACH * this.known.size)) {
      this.walkedAt = time
      this.round = { found: new Map(), queue: [this.root] }
    }
    if (this.round)
      this.arriveAll(this.walk(this.round, this.known.size === 0 ? Number.POSITIVE_INFINITY : PIECE), came)
    for (const path of this.stirred) this.probe(path, came, went)
    this.stirred.clear()
    if (this.round?.queue.length === 0) {
      const { found } = this.round
      this.round = undefined
      this.settle(this.root, found, came, went)
    }
    return { came, went }
  }

  // A name in a watched directory came or went.
  private probe(path: string, came: Map<string, number>, went: string[]): void {
    const there = this.isDirectory(path)
    if (there === undefined) return
    if (!there) this.round?.found.delete(path)
    if (!there && !this.known.has(path)) {
      if (!this.left.some(gone => gone.has(path))) this.pass(path, came)
    } else this.settle(path, there ? this.walk({ found: new Map(), queue: [path] }) : new Map(), came, went)
  }

  // Makes what is known at `top` and below it what was found there.
  private settle(top: string, found: ReadonlyMap<string, number>, came: Map<string, number>, went: string[]): void {
    for (const path of this.knownFrom(top)) if (!found.has(path)) went.push(this.leave(path))
    this.arriveAll(found, came)
  }

  // What is new is told at once, though the walk of the whole tree may take many looks more.
  private arriveAll(found: ReadonlyMap<string, number>, came: Map<string, number>): void {
    for (const [path, inode] of found) if (this.known.get(path)?.inode !== inode) this.arrive(path, inode, came)
  }

  private knownFrom(top: string): readonly string[] {
    if (top === this.root) return [...this.known.keys()]
    const own = this.known.has(top) ? [top] : []
    if (this.below(top) === 0) return own
    return [...own, ...[...this.known.keys()].filter(path => path.startsWith(`${top}/`))]
  }

  // Gives what it found in this piece.
  private walk({ found, queue }: Round, most = Number.POSITIVE_INFINITY): ReadonlyMap<string, number> {
    const piece = new Map<string, number>()
    for (let left = most; left > 0 && queue.length > 0; left--) {
      const path = queue.pop()!
      try {
        const { inode, links } = this.host.statFile(path)
        found.set(path, inode)
        piece.set(path, inode)
        if (links !== 2) for (const name of this.host.listSubdirectories(path)) queue.push(`${path}/${name}`)
      } catch (error) {
        if (path !== this.root) continue
        this.round = undefined
        this.hurry() // until it can be read nothing is known: no directory is no answer
        throw error
      }
    }
    return piece
  }

  private arrive(path: string, inode: number, came: Map<string, number>): void {
    if (this.known.has(path)) this.leave(path)
    this.known.set(path, { inode })
    this.round?.found.set(path, inode) // what a watch told meanwhile is newer than what the walk found
    this.countAbove(path, 1)
    came.set(path, inode)
    this.watch(this.root)
    if (path !== this.root) this.watch(path.slice(0, path.lastIndexOf('/')))
  }

  private leave(path: string): string {
    const stop = this.known.get(path)?.stop
    if (stop) {
      stop()
      this.watching--
    }
    if (this.known.delete(path)) this.countAbove(path, -1)
    this.left[0].add(path)
    this.round?.found.delete(path)
    return path
  }

  private countAbove(path: string, by: 1 | -1): void {
    for (let at = path.lastIndexOf('/'); at >= this.root.length; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at)
      const count = this.below(above) + by
      if (count > 0) this.descendants.set(above, count)
      else this.descendants.delete(above)
    }
  }

  // It came and went between two looks: told as come now, without an inode, and as gone at the next look, so that nothing is uncounted.
  private pass(path: string, came: Map<string, number>): void {
    came.set(path, 0)
    this.passed.push(path)
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
    if (!directory || directory.stop || this.watching >= WATCHES) return
    const stop = this.host.watchDirectory(path, name => this.stirred.add(`${path}/${name}`))
    if (!stop) return
    this.watching++
    this.known.set(path, { ...directory, stop })
  }
}
