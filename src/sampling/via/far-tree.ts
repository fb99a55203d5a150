// The cgroup directories of a far node as they were last listed: answers the walker, and notifies it of created and removed directories.
import type { DirectoryList } from './parse-answers.ts'

type ChangeCallback = (name: string) => void

const getParent = (path: string): string => path.slice(0, path.lastIndexOf('/'))
const getName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** One tree, below `root`. */
export class FarTree {
  readonly root: string
  private directories: DirectoryList = new Map()
  private children = new Map<string, string[]>()
  private readonly watchers = new Map<string, Set<ChangeCallback>>()
  /** directories whose link count says that they have more children than could be listed: names that the shell cannot read */
  unlisted = 0

  constructor(root: string) {
    this.root = root
  }

  covers(path: string): boolean {
    return path === this.root || path.startsWith(`${this.root}/`)
  }

  /** Takes a new listing; gives the directories that went. Watchers are called for what differs. */
  update(directories: DirectoryList): readonly string[] {
    const before = this.directories
    this.directories = directories
    this.children = new Map()
    for (const path of directories.keys()) {
      const parent = getParent(path)
      if (directories.has(parent)) this.listChildren(parent).push(getName(path))
    }
    this.unlisted = [...directories].reduce((sum, [path, { links }]) => sum + this.countUnlisted(path, links), 0)
    const removed = [...before.keys()].filter(path => !directories.has(path))
    const added = [...directories].filter(([path, { inode }]) => before.get(path)?.inode !== inode)
    for (const path of [...removed, ...added.map(([path]) => path)])
      for (const notify of this.watchers.get(getParent(path)) ?? []) notify(getName(path))
    return removed
  }

  /** Inode and link count, counted from the listing; undefined: not there. */
  stat(path: string): { readonly inode: number; readonly links: number } | undefined {
    const directory = this.directories.get(path)
    return directory && { inode: directory.inode, links: 2 + (this.children.get(path)?.length ?? 0) }
  }

  /** Names of the directories in a directory; undefined: not there. */
  list(path: string): readonly string[] | undefined {
    return this.directories.has(path) ? (this.children.get(path) ?? []) : undefined
  }

  watch(path: string, onChange: ChangeCallback): () => void {
    const callbacks = this.watchers.get(path) ?? new Set()
    this.watchers.set(path, callbacks.add(onChange))
    return () => {
      callbacks.delete(onChange)
      if (callbacks.size === 0 && this.watchers.get(path) === callbacks) this.watchers.delete(path)
    }
  }

  private listChildren(path: string): string[] {
    const names = this.children.get(path) ?? []
    this.children.set(path, names)
    return names
  }

  // In cgroupfs `links - 2` is the number of children; a file system that does not count says 1.
  private countUnlisted(path: string, links: number): number {
    return links < 2 ? 0 : Math.max(0, links - 2 - (this.children.get(path)?.length ?? 0))
  }
}
