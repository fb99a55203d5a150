// The cgroup reader: finds the tree that has the memory controller, and reads it in each sample.

import type { CollectorReader, Files, Host, ReaderOptions } from '../collector.ts'
import type { FileTexts } from './cgroup-file-reader.ts'
import { filterCgroupLines, findMounts, listMountsBelow, type MemoryMount, type MountProbe } from './mounts.ts'
import { TreeReader } from './tree-reader.ts'

const MOUNTS_INTERVAL = 30_000

/** Creates the reader of the memory cgroups. The reader throws if no cgroup mount can be read. */
export function openCgroups(host: Host, options: ReaderOptions = {}): CollectorReader {
  let treeReader: TreeReader | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  let mountTexts: FileTexts = {}
  let previousCounts: string | null | undefined
  const read: CollectorReader = (time, urgent, share) => {
    if (time - mountsReadAt >= MOUNTS_INTERVAL) {
      const { texts, memory, mountsBelow } = readMounts(host)
      mountsReadAt = time
      mountTexts = texts
      if (memory?.path !== treeReader?.mount.path) treeReader = memory && new TreeReader(host, memory, options)
      treeReader?.setMountsBelow(mountsBelow)
    }
    const counts = readOptional(host, '/proc/cgroups')
    if (counts['/proc/cgroups'] !== previousCounts) treeReader?.handleCountChange()
    previousCounts = counts['/proc/cgroups']
    return { ...mountTexts, ...counts, ...treeReader?.readSample(time, urgent, share) }
  }
  const expectPaths: CollectorReader['expectPaths'] = (time, urgent, share) => {
    const paths = treeReader?.expectPaths(time, urgent, share) ?? []
    const isMountsDue = time - mountsReadAt >= MOUNTS_INTERVAL
    return [...paths, ...Object.keys(isMountsDue ? mountTexts : {}).filter(path => !path.includes('/ns/'))]
  }
  return Object.assign(read, { expectPaths })
}

/**
 * Creates a reader of the kernel's own count of a v2 tree, one small file. It reads nothing on v1: there the dying cgroups are the
 * count minus the directories, and with an old number of directories every new cgroup would look like a dying one.
 */
export function openCounts(host: Host): CollectorReader {
  let root: string | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  return time => {
    if (time - mountsReadAt >= MOUNTS_INTERVAL) {
      const { memory } = readMounts(host)
      root = memory?.version === 2 ? memory.path : undefined
      mountsReadAt = time
    }
    return root === undefined ? {} : readOptional(host, `${root}/cgroup.stat`)
  }
}

interface ReadMounts {
  readonly texts: FileTexts
  readonly memory: MemoryMount | undefined
  /** mount points inside the tree */
  readonly mountsBelow: readonly string[]
}

function readMounts(host: Host): ReadMounts {
  const { path, text } = readMountinfo(host)
  const texts: FileTexts = { [path]: filterCgroupLines(text) }
  const namespace = host.readLink(getNamespacePath(path))
  if (namespace !== undefined) texts[getNamespacePath(path)] = namespace
  const read = (file: string): void => void Object.assign(texts, readOptional(host, file))
  const { memory } = findMounts(text, createMountProbe(texts, namespace, read))
  return { texts, memory, mountsBelow: memory ? listMountsBelow(text, memory.path) : [] }
}

/** Creates a probe that answers from texts; `read` is called for each file before it is used. */
export function createMountProbe(
  texts: Files,
  namespace: string | undefined,
  read: (file: string) => void = () => {},
): MountProbe {
  const readText = (file: string): string | null | undefined => {
    read(file)
    return texts[file]
  }
  return {
    namespace,
    hasMemory: mount => hasMemoryController(readText(`${mount}/cgroup.controllers`)),
    // kernel/cgroup: release_agent is CFTYPE_ONLY_ON_ROOT, cgroup.events is CFTYPE_NOT_ON_ROOT
    isRoot: (mount, version) =>
      version === 1 ? readText(`${mount}/release_agent`) != null : readText(`${mount}/cgroup.events`) == null,
  }
}

/** Returns the path of the cgroup namespace link of the process that a mountinfo path belongs to. */
export const getNamespacePath = (mountinfo: string): string => mountinfo.replace(/mountinfo$/, 'ns/cgroup')

/** Returns whether the text of a `cgroup.controllers` lists the memory controller. */
export const hasMemoryController = (controllers: string | null | undefined): boolean =>
  (controllers ?? '').split(/\s/).includes('memory')

// Reads the mountinfo of the first process whose mounts include a cgroup tree. If none does, the error of the first is thrown.
function readMountinfo(host: Host): { path: string; text: string } {
  const paths = host.processes.map(name => `/proc/${name}/mountinfo`)
  const mountinfos = paths.flatMap(path => Object.entries(readOptional(host, path)) as [string, string][])
  const [path, text] = mountinfos.find(([, lines]) => filterCgroupLines(lines) !== '') ??
    mountinfos[0] ?? [paths[0]!, host.readFile(paths[0]!)]
  return { path, text }
}

function readOptional(host: Host, path: string): FileTexts {
  try {
    return { [path]: host.readFile(path) }
  } catch {
    return {}
  }
}
