// A small node as files, with cgroups v2 whose numbers do not change.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

/** Writes a file below a root, with its directories. */
export function writeNodeFile(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** Builds the node with a number of pods; returns its root. */
export function buildNodeTree(pods: number): string {
  const root = createTemporaryFolder()
  writeNodeFile(root, 'proc/uptime', '77.5 1\n')
  writeNodeFile(root, 'proc/sys/kernel/random/boot_id', 'boot-1\n')
  const mount = '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  for (const pid of ['self', '1']) writeNodeFile(root, `proc/${pid}/mountinfo`, mount)
  writeNodeFile(root, 'sys/fs/cgroup/cgroup.controllers', 'memory\n')
  writeNodeFile(root, 'sys/fs/cgroup/cgroup.stat', `nr_descendants ${pods}\nnr_dying_descendants 0\n`)
  for (let i = 0; i < pods; i++) {
    const files = { events: 'low 0\noom_kill 0\n', current: '4096\n', max: 'max\n', stat: 'anon 4096\n' }
    for (const [name, text] of Object.entries(files)) writeNodeFile(root, `sys/fs/cgroup/pod${i}/memory.${name}`, text)
  }
  return root
}
