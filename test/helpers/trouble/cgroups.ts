// Many empty memory groups below one of our own.
import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { canMakeGroup, findMemoryTree, type Group, makeGroup, removeGroup } from './memory-tree.ts'

/** The groups, until `release()`. */
export interface Cgroups {
  /** The group above them, as the kernel names it. */
  readonly path: string
  readonly directory: string
  readonly names: readonly string[]
  release(): Promise<void>
}

const MOST = 10_000
let made = 0

/** Why `mkdirCgroups` cannot be had; undefined when it can. */
export const canMkdirCgroups = canMakeGroup

function removeAll(parent: Group): void {
  for (const entry of readdirSync(parent.directory, { withFileTypes: true })) {
    if (entry.isDirectory()) rmdirSync(join(parent.directory, entry.name))
  }
}

/** Makes `count` groups named `g00000`, `g00001`, … below `kmt-many-PID-N`. Each costs the kernel some 10 KB. */
export function mkdirCgroups(count: number): Cgroups {
  if (count > MOST) throw new RangeError(`mkdirCgroups: at most ${MOST}, came ${count}`)
  const tree = findMemoryTree()
  if (!tree) throw new Error(canMkdirCgroups())
  made += 1
  const parent = makeGroup(tree, `kmt-many-${process.pid}-${made}`)
  const names = Array.from({ length: count }, (_, index) => `g${String(index).padStart(5, '0')}`)
  const onExit = () => {
    removeAll(parent)
    rmdirSync(parent.directory)
  }
  process.once('exit', onExit)
  for (const name of names) makeGroup(tree, name, parent)
  return {
    path: parent.path,
    directory: parent.directory,
    names,
    async release() {
      process.off('exit', onExit)
      removeAll(parent)
      await removeGroup(parent)
    },
  }
}
