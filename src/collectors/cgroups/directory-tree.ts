// The set of known cgroup directories, with the children and the number of descendants of each. Paths are full paths.
import { isBelow } from '../../base/paths.ts'

const NO_CHILDREN: ReadonlySet<string> = new Set()

/** Directories below a root. */
export class DirectoryTree {
  /** inodes by path */
  readonly known = new Map<string, number>()
  private readonly descendants = new Map<string, number>()
  private readonly children = new Map<string, Set<string>>()
  private readonly root: string

  constructor(root: string) {
    this.root = root
  }

  add(path: string, inode: number): void {
    this.known.set(path, inode)
    this.updateAncestorCounts(path, 1)
    if (path === this.root) return
    const parent = getParent(path)
    const siblings = this.children.get(parent)
    if (siblings) siblings.add(path)
    else this.children.set(parent, new Set([path]))
  }

  remove(path: string): void {
    if (!this.known.delete(path)) return
    this.updateAncestorCounts(path, -1)
    const parent = getParent(path)
    const siblings = this.children.get(parent)
    siblings?.delete(path)
    if (siblings?.size === 0) this.children.delete(parent)
  }

  /** Returns the number of known directories below `path`. */
  countDescendants(path: string): number {
    return this.descendants.get(path) ?? 0
  }

  /** Returns the known directories right below `path`. */
  listChildren(path: string): ReadonlySet<string> {
    return this.children.get(path) ?? NO_CHILDREN
  }

  /** Returns the known directories at `top` and below. */
  listKnown(top: string): readonly string[] {
    if (top === this.root) return [...this.known.keys()]
    const own = this.known.has(top) ? [top] : []
    if (this.countDescendants(top) === 0) return own
    return [...own, ...[...this.known.keys()].filter(path => isBelow(path, top))]
  }

  private updateAncestorCounts(path: string, delta: 1 | -1): void {
    for (let slash = path.lastIndexOf('/'); slash >= this.root.length; slash = path.lastIndexOf('/', slash - 1)) {
      const ancestor = path.slice(0, slash)
      const count = this.countDescendants(ancestor) + delta
      if (count > 0) this.descendants.set(ancestor, count)
      else this.descendants.delete(ancestor)
    }
  }
}

/** Returns the directory that contains `path`. */
export const getParent = (path: string): string => path.slice(0, path.lastIndexOf('/'))
