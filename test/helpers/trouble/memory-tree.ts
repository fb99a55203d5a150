// The tree of the memory controller, v1 or v2, and groups of our own in it: `kmt-…` directly below its root.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where groups with memory limits can be made. */
export interface MemoryTree {
  readonly version: 1 | 2
  /** Where the tree is mounted. */
  readonly mount: string
  /** How the kernel names the group that is mounted there: `/`, or a container's own group. */
  readonly root: string
}

/** A group of our own. `path` is what the kernel calls it, `directory` where its files are. */
export interface Group {
  readonly tree: MemoryTree
  readonly directory: string
  readonly path: string
}

// mountinfo escapes blanks and a few others as octal
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

function readControllers(directory: string): readonly string[] {
  const file = join(directory, 'cgroup.controllers')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : []
}

/** The mounted tree that has the memory controller, found in /proc/self/mountinfo; undefined when there is none. */
export function findMemoryTree(): MemoryTree | undefined {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, root = '', mount = '', type = '', options = ''] =
      /^\S+ \S+ \S+ (\S+) (\S+) .*? - (\S+) \S+ (\S+)/.exec(line) ?? []
    const [at, inside] = [unescapeOctal(mount), unescapeOctal(root)]
    if (type === 'cgroup' && options.split(',').includes('memory')) return { version: 1, mount: at, root: inside }
    if (type === 'cgroup2' && readControllers(at).includes('memory')) return { version: 2, mount: at, root: inside }
  }
  return undefined
}

/** v2: children of `directory` get the memory controller. */
function enableMemoryController(tree: MemoryTree, directory: string): void {
  if (tree.version === 2) writeFileSync(join(directory, 'cgroup.subtree_control'), '+memory')
  else if (directory !== tree.mount) writeFileSync(join(directory, 'memory.use_hierarchy'), '1') // 1 already since 5.11
}

/** Makes `NAME` below `parent`, or at the top of the tree. */
export function makeGroup(tree: MemoryTree, name: string, parent?: Group): Group {
  const container = parent ?? { directory: tree.mount, path: tree.root }
  enableMemoryController(tree, container.directory)
  const directory = join(container.directory, name)
  mkdirSync(directory)
  return { tree, directory, path: join(container.path, name) }
}

/** Limits memory, and by default swap where it is counted, so that a kill is the only way out. */
export function limitMemory({ tree, directory }: Group, bytes: number, { limitsSwap = true } = {}): void {
  const write = (file: string, value: number) => writeFileSync(join(directory, file), String(value))
  write(tree.version === 1 ? 'memory.limit_in_bytes' : 'memory.max', bytes)
  if (!limitsSwap) return
  const [swapFile, swap] = tree.version === 1 ? ['memory.memsw.limit_in_bytes', bytes] : ['memory.swap.max', 0]
  if (existsSync(join(directory, swapFile))) write(swapFile, swap)
}

/** How often the kernel killed in this group alone; undefined where it does not count that (before 4.13). */
export function countOomKills({ tree, directory }: Group): number | undefined {
  const file = tree.version === 1 ? 'memory.oom_control' : 'memory.events'
  const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync(join(directory, file), 'utf8')) ?? []
  return count === undefined ? undefined : Number(count)
}

/** How often a charge to this group met its limit of memory: then the kernel reclaims. Not the limit with swap of v1. */
export function countLimitHits({ tree, directory }: Group): number {
  if (tree.version === 1) return Number(readFileSync(join(directory, 'memory.failcnt'), 'utf8'))
  return Number(/^max (\d+)$/m.exec(readFileSync(join(directory, 'memory.events'), 'utf8'))?.[1])
}

/** Removes a group; one whose last process is just ending is busy for a moment. */
export async function removeGroup({ directory }: Group, tries = 100): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      return rmdirSync(directory)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || left === 0) throw error
      await sleep(20)
    }
  }
}

/** Why no group with a memory limit can be made here; undefined when it can. Tries it with a group that it removes. */
export function canMakeGroup(): string | undefined {
  const tree = findMemoryTree()
  if (!tree) return 'no cgroup tree with the memory controller is mounted'
  try {
    const group = makeGroup(tree, `kmt-probe-${process.pid}`)
    const limited = existsSync(join(group.directory, tree.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'))
    rmdirSync(group.directory)
    return limited ? undefined : `groups below ${tree.mount} have no memory limit`
  } catch (error) {
    return `no group can be made below ${tree.mount}: ${(error as Error).message}`
  }
}
