// The cgroup reader: finds the tree that has the memory controller, and reads it look by look.
import type { Host, Look } from '../collector.ts'
import { cgroupLines, findMounts, type MemoryMount } from './mounts.ts'
import { TreeReader } from './tree-reader.ts'

const MOUNTS_EVERY = 30_000

type Texts = Record<string, string | null>

/** Starts reading the memory cgroups; `once`: all of them at the first look. The Look throws when no cgroup mount can be found or read. */
export function openCgroups(host: Host, once = false): Look {
  let tree: TreeReader | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  let mountTexts: Texts = {}
  return (time, urgent) => {
    if (time - mountsReadAt >= MOUNTS_EVERY) {
      const { texts, memory } = readMounts(host)
      mountsReadAt = time
      mountTexts = texts
      if (memory?.path !== tree?.mount.path) tree = memory && new TreeReader(host, memory, once)
    }
    return { ...mountTexts, ...optional(host, '/proc/cgroups'), ...tree?.look(time, urgent) }
  }
}

/**
 * The kernel's own count of a v2 tree, one small file. Of v1 nothing: there the dead are the count less the directories, and
 * with directories of some time ago every new cgroup would be taken for a dead one.
 */
export function openCounts(host: Host): Look {
  let root: string | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  return time => {
    if (time - mountsReadAt >= MOUNTS_EVERY) {
      const { memory } = readMounts(host)
      root = memory?.version === 2 ? memory.path : undefined
      mountsReadAt = time
    }
    return root === undefined ? {} : optional(host, `${root}/cgroup.stat`)
  }
}

function readMounts(host: Host): { texts: Texts; memory: MemoryMount | undefined } {
  const { path, text } = readMountinfo(host)
  const texts: Texts = { [path]: cgroupLines(text) }
  const { memory } = findMounts(text, mount => {
    const file = `${mount}/cgroup.controllers`
    Object.assign(texts, optional(host, file))
    return hasMemory(texts[file])
  })
  return { texts, memory }
}

/** Whether the text of a `cgroup.controllers` names the memory controller. */
export const hasMemory = (controllers: string | null | undefined): boolean =>
  (controllers ?? '').split(/\s/).includes('memory')

// The first process whose mounts have a cgroup tree; its refusal counts when none has.
function readMountinfo(host: Host): { path: string; text: string } {
  const paths = host.processes.map(name => `/proc/${name}/mountinfo`)
  const read = paths.flatMap(path => Object.entries(optional(host, path)) as [string, string][])
  const [path, text] = read.find(([, lines]) => cgroupLines(lines) !== '') ??
    read[0] ?? [paths[0]!, host.read(paths[0]!)]
  return { path, text }
}

function optional(host: Host, path: string): Texts {
  try {
    return { [path]: host.read(path) }
  } catch {
    return {}
  }
}
