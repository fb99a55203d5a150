// The walk: which cgroup directories there are, and what came and went between two looks.
import type { Host } from '../collector.ts'

const REWALK = 5000 // ms between walks of the whole tree; watched directories are looked at as soon as they change
const WATCHES = 512

/** What a walk knows of a directory. */
interface Directory {
  readonly inode: number
  readonly stop?: (() => void) | undefined
}

/** Directories that are there, and those that came, went, or came and went unseen since the last look. Paths are full paths. */
export interface Changes {
  readonly came: ReadonlyMap<string, number>
  readonly went: readonly string[]
}

/**
 * Keeps the set of directories below `root`. A look walks the tree at most every 5 s, or at once when a watch fired.
 * In cgroupfs `links - 2` is the number of children (3.10 on), so a leaf costs one stat and no listing.
 */
export class Walk {
  readonly known = new Map<string, Directory>()
  private walkedAt = Number.NEGATIVE_INFINITY
  private readonly stirred = new Set<string>()
  private passed: string[] = []
  private readonly host: Host
  private readonly root: string

  constructor(host: Host, root: string) {
    this.host = host
    this.root = root
  }

  /** Looks for what came and went. Never throws for a directory that vanishes meanwhile; throws when the root cannot be read. */
  look(time: number): Changes {
    const came = new Map<string, number>()
    const went = this.passed.splice(0)
    if (time - this.walkedAt < REWALK && this.stirred.size === 0) return { came, went }
    this.walkedAt = time
    const found = this.walk()
    for (const [path, inode] of found) if (this.known.get(path)?.inode !== inode) this.arrive(path, inode, came)
    for (const path of this.known.keys()) if (!found.has(path)) went.push(this.leave(path))
    for (const path of this.stirred) if (!this.known.has(path) && !went.includes(path)) this.pass(path, came)
    this.stirred.clear()
    this.watch(found)
    return { came, went }
  }

  private walk(): Map<string, number> {
    const found = new Map<string, number>()
    const queue = [this.root]
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      try {
        const { inode, links } = this.host.stat(path)
        found.set(path, inode)
        if (links !== 2) for (const name of this.host.directories(path)) queue.push(`${path}/${name}`)
      } catch (error) {
        if (path === this.root) throw error
      }
    }
    return found
  }

  private arrive(path: string, inode: number, came: Map<string, number>): void {
    if (this.known.has(path)) this.leave(path)
    this.known.set(path, { inode })
    came.set(path, inode)
  }

  private leave(path: string): string {
    this.known.get(path)?.stop?.()
    this.known.delete(path)
    return path
  }

  // It came and went between two looks: told as come now and as gone at the next look, so that nothing is uncounted.
  private pass(path: string, came: Map<string, number>): void {
    if (this.isThere(path)) return // a file, or a directory made after the walk
    came.set(path, 0)
    this.passed.push(path)
  }

  private isThere(path: string): boolean {
    try {
      return this.host.stat(path).links > 0
    } catch {
      return false
    }
  }

  // Directories with children are where cgroups come and go; leaves are not watched. Bounded: a watch costs kernel memory.
  private watch(found: ReadonlyMap<string, number>): void {
    const parents = new Set([this.root])
    for (const path of found.keys()) parents.add(path.slice(0, path.lastIndexOf('/')))
    let watching = 0
    for (const [path, directory] of this.known) {
      if (!parents.has(path) || watching >= WATCHES) continue
      watching++
      if (directory.stop) continue
      const stop = this.host.watch(path, name => this.stirred.add(`${path}/${name}`))
      if (stop) this.known.set(path, { ...directory, stop })
    }
  }
}
