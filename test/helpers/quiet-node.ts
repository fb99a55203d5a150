// A quiet node in memory for figures that do not depend on the machine: 200 cgroups, and a counter for each call to the kernel.
import type { Host } from '../../src/collectors/collector.ts'
import { readFixture } from '../fixtures.ts'

const PER_POD = 20

export interface QuietNode {
  readonly host: Host
  /** lets a second pass: a little memory moves */
  advance(): void
  countCalls(): number
  /** removes a container and creates another in its pod, under a new name */
  replaceContainer(): void
  /** lets a container take memory and give it back */
  moveContainer(): void
}

/** What the node has. */
export interface QuietNodeOptions {
  readonly version: 1 | 2
  /** containers, 20 in each pod */
  readonly containers?: number
}

const V1_FILES = {
  'memory.usage_in_bytes': '4096\n',
  'memory.limit_in_bytes': '9223372036854771712\n',
  'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
  'memory.failcnt': '0\n',
  'memory.kmem.usage_in_bytes': '0\n',
  'memory.kmem.tcp.usage_in_bytes': '0\n',
  'memory.use_hierarchy': '1\n',
  'memory.stat': 'cache 0\nrss 4096\ntotal_cache 0\ntotal_rss 4096\n',
}

const V2_FILES = {
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
  'memory.events.local': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
  'memory.swap.current': '0\n',
  'memory.pressure': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'memory.stat': 'anon 1024\nfile 2048\nslab 512\n',
  'cgroup.stat': 'nr_descendants 0\nnr_dying_descendants 0\n',
}

const MOUNTS = {
  1: { root: '/sys/fs/cgroup/memory', line: '33 24 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' },
  2: { root: '/sys/fs/cgroup', line: '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n' },
}

function buildFiles(version: 1 | 2, pods: readonly string[]): Map<string, string> {
  const { root, line } = MOUNTS[version]
  const files = new Map([
    ['/proc/self/mountinfo', line],
    [
      '/proc/cgroups',
      `#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t${pods.length * (PER_POD + 1) + 1}\t1\n`,
    ],
    ['/dev/kmsg', ''],
    [`${root}/release_agent`, '\n'],
    [`${root}/cgroup.controllers`, 'cpu memory\n'],
    [`${root}/cgroup.stat`, `nr_descendants ${pods.length * (PER_POD + 1)}\nnr_dying_descendants 0\n`],
  ])
  for (const name of ['meminfo', 'vmstat', 'slabinfo', 'pressure/memory', 'uptime'])
    files.set(`/proc/${name}`, readFixture('6.12', `/proc/${name}`))
  const paths = pods.flatMap(pod => [pod, ...Array.from({ length: PER_POD }, (_, i) => `${pod}/container${i}`)])
  for (const path of paths)
    for (const [name, text] of Object.entries(version === 1 ? V1_FILES : V2_FILES)) files.set(`${path}/${name}`, text)
  if (version === 1) files.set(`${root}/memory.use_hierarchy`, '1\n')
  else files.delete(`${root}/release_agent`)
  return files
}

/** The names of the directories in each directory. */
function findDirectories(files: Iterable<string>): Map<string, Set<string>> {
  const directories = new Map<string, Set<string>>()
  for (const file of files) {
    const parts = file.split('/')
    for (let i = 1; i < parts.length; i++) {
      const path = parts.slice(0, i).join('/')
      const names = directories.get(path) ?? new Set()
      directories.set(path, names)
      if (i < parts.length - 1) names.add(parts[i]!)
    }
  }
  return directories
}

const throwNotFound = (path: string): never => {
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' })
}

/** Creates a node whose kernel announces changes, with a tree of cgroups of this version. */
export function createQuietNode({ version, containers = 200 }: QuietNodeOptions): QuietNode {
  const { root } = MOUNTS[version]
  const cgroupFiles = Object.entries(version === 1 ? V1_FILES : V2_FILES)
  const use = version === 1 ? 'memory.usage_in_bytes' : 'memory.current'
  const pods = Array.from({ length: containers / PER_POD }, (_, i) => `${root}/pod${i}`)
  const files = buildFiles(version, pods)
  const listeners = new Map<string, (name: string) => void>()
  let serial = 0
  const directories = findDirectories(files.keys())
  const meminfo = files.get('/proc/meminfo')!
  let [calls, seconds] = [0, 0]
  const count =
    <Result>(read: (path: string) => Result) =>
    (path: string): Result => {
      calls++
      return read(path)
    }
  const listDirectories = (path: string): readonly string[] => [...(directories.get(path) ?? throwNotFound(path))]
  return {
    host: {
      processes: ['self', '1'],
      readFile: count(path => files.get(path) ?? throwNotFound(path)),
      listDirectory: count(listDirectories),
      listSubdirectories: count(listDirectories),
      statFile: count(path => ({ inode: path.length, links: 2 + listDirectories(path).length })),
      readLink: () => undefined,
      drainDevice: count(path => files.get(path)!),
      watchDirectory: (path, onChange) => {
        listeners.set(path, onChange)
        return () => void listeners.delete(path)
      },
      notices: { isCgroupTree: () => true, watchFile: () => () => {} },
    },
    advance: () => {
      seconds++
      files.set(
        '/proc/meminfo',
        meminfo.replace(/^MemFree: +(\d+)/m, (_, free) => `MemFree: ${free - (seconds % 7) * 4}`),
      )
    },
    countCalls: () => calls,
    replaceContainer: () => {
      const pod = pods[serial % pods.length]!
      const [oldest] = directories.get(pod)!
      for (const [name] of cgroupFiles) files.delete(`${pod}/${oldest}/${name}`)
      directories.delete(`${pod}/${oldest}`)
      directories.get(pod)!.delete(oldest!)
      const created = `container${PER_POD + serial++}`
      for (const [name, text] of cgroupFiles) files.set(`${pod}/${created}/${name}`, text)
      directories.set(`${pod}/${created}`, new Set())
      directories.get(pod)!.add(created)
      for (const name of [oldest!, created]) listeners.get(pod)?.(name)
    },
    moveContainer: () => {
      const pod = pods[seconds % pods.length]!
      const [name] = directories.get(pod)!
      const bytes = `${(1 + (seconds % 50)) * 1_048_576}\n`
      for (const path of [pod, `${pod}/${name}`]) files.set(`${path}/${use}`, bytes)
    },
  }
}
