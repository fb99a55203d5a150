// A tree of directories with files as a cgroup has them, on a real file system, and a node that has it mounted.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Host } from '../../../src/collectors/collector.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'

const FILES = {
  'memory.current': '4096\n',
  'memory.max': 'max\n',
  'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n',
  'memory.stat': 'anon 1024\nfile 2048\nslab 512\n',
  'memory.swap.current': '0\n',
}
export const CGROUP_FILES = Object.keys(FILES)

// In memory where that can be had: ten thousand small files on a busy disk take ten seconds.
const PARENT_DIRECTORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export interface CgroupTreeFixture {
  /** where the files are */
  readonly root: string
  readonly host: Host & { close(): void }
  /** writes a file of the node */
  write(path: string, text: string): void
  /** makes a cgroup with its files, `/a/b` */
  makeCgroup(path: string): void
  remove(path: string): void
}

/** A node of its own below a temporary directory: gone when the test is over. */
export function createTree(): CgroupTreeFixture {
  const root = mkdtempSync(join(PARENT_DIRECTORY, 'kmemtop-'))
  const host = createLocalHost(root)
  onTestFinished(() => {
    host.close()
    rmSync(root, { recursive: true })
  })
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, text)
  }
  const makeCgroup = (path: string): void => {
    const directory = `${root}/sys/fs/cgroup${path}`
    mkdirSync(directory, { recursive: true })
    for (const [name, text] of Object.entries(FILES)) writeFileSync(`${directory}/${name}`, text)
  }
  write('/proc/1/mountinfo', '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')
  write('/sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n')
  write('/sys/fs/cgroup/cgroup.stat', 'nr_descendants 0\nnr_dying_descendants 0\n')
  write('/proc/cgroups', '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t1\t1\n')
  return { root, host, write, makeCgroup, remove: path => rmSync(`${root}/sys/fs/cgroup${path}`, { recursive: true }) }
}
