// The cgroup reader: which files to read at this look. Cheap counters often, dear ones in rotation, a new cgroup at once.
import type { Files, Host, Look } from '../collector.ts'
import { cgroupLines, findMounts, type MemoryMount } from './mounts.ts'
import { Walk } from './walk.ts'

/** Read at every look for all cgroups up to this many; of more, only the largest and a slice in rotation. */
const ALL_UP_TO = 400
const HOT = 128
/** Looks until every cgroup's slow files have been read once; fewer on small nodes. */
const SLOW_ROUNDS = 10
const MOUNTS_EVERY = 30_000

const FILES = {
  1: {
    use: 'memory.usage_in_bytes',
    quick: ['memory.usage_in_bytes', 'memory.oom_control'],
    slow: ['memory.limit_in_bytes', 'memory.kmem.usage_in_bytes', 'memory.failcnt'],
  },
  2: {
    use: 'memory.current',
    quick: ['memory.current', 'memory.events'],
    slow: ['memory.max', 'memory.stat', 'memory.swap.current'],
  },
} as const

type Texts = Record<string, string | null>

/** Starts reading the memory cgroups. The Look throws when no cgroup mount can be found or read. */
export function openCgroups(host: Host): Look {
  let tree: TreeReader | undefined
  let mountsReadAt = Number.NEGATIVE_INFINITY
  let mountTexts: Texts = {}
  return (time, urgent) => {
    if (time - mountsReadAt >= MOUNTS_EVERY) {
      const { texts, memory } = readMounts(host)
      mountsReadAt = time
      mountTexts = texts
      if (memory?.path !== tree?.mount.path) tree = memory && new TreeReader(host, memory)
    }
    return { ...mountTexts, ...optional(host, '/proc/cgroups'), ...tree?.look(time, urgent) }
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

class TreeReader {
  readonly mount: MemoryMount
  private readonly host: Host
  private readonly walk: Walk
  private readonly use = new Map<string, number>()
  private turn = 0

  constructor(host: Host, mount: MemoryMount) {
    this.host = host
    this.mount = mount
    this.walk = new Walk(host, mount.path)
  }

  look(time: number, urgent: boolean): Files {
    const { came, went } = this.walk.look(time)
    const texts: Texts = {}
    for (const path of went) texts[`${path}/`] = null
    for (const [path, inode] of came) texts[`${path}/`] = `${inode}\n`
    if (this.mount.version === 2) Object.assign(texts, optional(this.host, `${this.mount.path}/cgroup.stat`))
    const { quick, slow } = FILES[this.mount.version]
    const paths = [...this.walk.known.keys()]
    this.turn++
    for (const path of urgent ? paths : this.quickPaths(paths, came)) this.readInto(texts, path, quick)
    const rounds = urgent && paths.length <= ALL_UP_TO ? 1 : Math.min(SLOW_ROUNDS, Math.ceil(paths.length / 20))
    for (const path of slice(paths, this.turn, rounds)) this.readInto(texts, path, slow)
    for (const path of came.keys()) if (this.walk.known.has(path)) this.readInto(texts, path, slow)
    return texts
  }

  private quickPaths(paths: readonly string[], came: ReadonlyMap<string, number>): Iterable<string> {
    if (paths.length <= ALL_UP_TO) return paths
    const hot = [...this.use].sort(([, a], [, b]) => b - a).slice(0, HOT)
    const rounds = Math.ceil(paths.length / (ALL_UP_TO - HOT))
    const fresh = [...came.keys()].filter(path => this.walk.known.has(path))
    return new Set([...hot.map(([path]) => path), ...slice(paths, this.turn, rounds), ...fresh])
  }

  // A cgroup that vanished is found by the next walk; a file this kernel does not have is no error.
  private readInto(texts: Texts, path: string, names: readonly string[]): void {
    for (const name of names) {
      try {
        const text = this.host.read(`${path}/${name}`)
        texts[`${path}/${name}`] = text
        if (name === FILES[this.mount.version].use) this.use.set(path, Number(text))
      } catch {
        this.use.delete(path)
      }
    }
  }
}

/** Every `rounds`-th of the paths, another part each turn. */
function slice(paths: readonly string[], turn: number, rounds: number): string[] {
  return paths.filter((_, i) => i % rounds === turn % rounds)
}
