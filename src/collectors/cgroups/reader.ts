// The cgroup reader: finds the tree that has the memory controller, and reads it look by look.
import type { CollectorReader, Files, Host } from '../collector.ts'
import { filterCgroupLines, findMounts, type MemoryMount, type MountProbe } from './mounts.ts'
import { TreeReader } from './tree-reader.ts'

const MOUNTS_INTERVAL = 30_000

type FileTexts = Record<string, string | null>

/** Starts reading the memory cgroups; `once`: all of them at the first look. The Look throws when no cgroup mount can be found or read. */
export function openCgroups(host: Host, once = false): CollectorReader {
  let treeReader: TreeReader | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  let mountTexts: FileTexts = {}
  let previousCounts: string | null | undefined
  return (time, urgent, share) => {
    if (time - mountsReadAt >= MOUNTS_INTERVAL) {
      const { texts, memory } = readMounts(host)
      mountsReadAt = time
      mountTexts = texts
      if (memory?.path !== treeReader?.mount.path) treeReader = memory && new TreeReader(host, memory, once)
    }
    const counts = readOptional(host, '/proc/cgroups')
    if (counts['/proc/cgroups'] !== previousCounts) treeReader?.handleCountChange()
    previousCounts = counts['/proc/cgroups']
    return { ...mountTexts, ...counts, ...treeReader?.readSample(time, urgent, share) }
  }
}

/**
 * The kernel's own count of a v2 tree, one small file. Of v1 nothing: there the dead are the count less the directories, and
 * with directories of some time ago every new cgroup would be taken for a dead one.
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

function readMounts(host: Host): { texts: FileTexts; memory: MemoryMount | undefined } {
  const { path, text } = readMountinfo(host)
  const texts: FileTexts = { [path]: filterCgroupLines(text) }
  const namespace = host.readLink(getNamespacePath(path))
  if (namespace !== undefined) texts[getNamespacePath(path)] = namespace
  const read = (file: string): void => void Object.assign(texts, readOptional(host, file))
  const { memory } = findMounts(text, createMountProbe(texts, namespace, read))
  return { texts, memory }
}

/** The answers to what is asked of the mounts, from texts; `read` is called for each file before it is looked for. */
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

/** Where the cgroup namespace of the process is told whose mountinfo this is. */
export const getNamespacePath = (mountinfo: string): string => mountinfo.replace(/mountinfo$/, 'ns/cgroup')

/** Whether the text of a `cgroup.controllers` names the memory controller. */
export const hasMemoryController = (controllers: string | null | undefined): boolean =>
  (controllers ?? '').split(/\s/).includes('memory')

// The first process whose mounts have a cgroup tree; its refusal counts when none has.
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
