// A saved node: a folder with /proc, /sys and /dev/kmsg below it, for --root.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface NodeFixture {
  readonly root: string
  write(path: string, text: string): void
  remove(): void
}

const MEMINFO =
  'MemTotal: 8000000 kB\nMemFree: 4000000 kB\nMemAvailable: 6000000 kB\nBuffers: 0 kB\nCached: 2000000 kB\nAnonPages: 900000 kB\nSlab: 300000 kB\nSReclaimable: 200000 kB\nSUnreclaim: 100000 kB\nKernelStack: 4000 kB\nPageTables: 8000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'

/** A tree with the files given; paths that end in `/` are directories. Without files: just enough of a node. */
export function makeTree(files: Readonly<Record<string, string>> = { '/proc/meminfo': MEMINFO }): NodeFixture {
  const root = mkdtempSync(join(tmpdir(), 'kmt-tree-'))
  const write = (path: string, text: string): void => {
    const target = join(root, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, text, 'latin1')
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return { root, write, remove: () => rmSync(root, { recursive: true }) }
}

const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n'

/** A node with cgroup v2, one cgroup called `name`, and these records in its log. */
export function makeNode(name: string, kmsg: string): NodeFixture {
  const group = `/sys/fs/cgroup/${name}`
  return makeTree({
    '/proc/meminfo': MEMINFO,
    '/proc/sys/kernel/hostname': 'node-7\n',
    '/proc/sys/kernel/osrelease': '6.12.0\n',
    '/proc/1/mountinfo': V2,
    '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t3\t1\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
    '/sys/fs/cgroup/cgroup.stat': 'nr_descendants 1\nnr_dying_descendants 1\n',
    [`${group}/memory.current`]: '1048576\n',
    [`${group}/memory.max`]: '2097152\n',
    [`${group}/memory.events`]: 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n',
    '/dev/kmsg': kmsg,
  })
}
