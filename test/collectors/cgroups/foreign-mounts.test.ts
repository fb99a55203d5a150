// Another hierarchy mounted inside the cgroup2 tree: its mount point is a cgroup, the directories in it are not.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listMountsBelow } from '../../../src/collectors/cgroups/mounts.ts'
import { openCgroups } from '../../../src/collectors/cgroups/reader.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const MOUNTINFO =
  '24 1 0:22 / / rw - ext4 /dev/sda1 rw\n30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 none rw,nsdelegate\n31 30 0:40 / /sys/fs/cgroup/net_cls rw - cgroup net_cls rw,net_cls\n32 30 0:41 / /sys/fs/cgroup/a\\040b rw - tmpfs t rw\n'

test('mounts inside a tree are found whatever their type, and by their names', () => {
  expect(listMountsBelow(MOUNTINFO, '/sys/fs/cgroup')).toEqual(['/sys/fs/cgroup/net_cls', '/sys/fs/cgroup/a b'])
  expect(listMountsBelow(MOUNTINFO, '/sys/fs/cgroup/net')).toEqual([])
})

test('directories in a mount inside the tree are no memory cgroups', () => {
  const root = createTemporaryFolder()
  const tree = join(root, 'sys/fs/cgroup')
  for (const path of ['a', 'net_cls/vpn-exclusions', 'net_cls/x/y']) mkdirSync(join(tree, path), { recursive: true })
  mkdirSync(join(root, 'proc/1'), { recursive: true })
  writeFileSync(join(root, 'proc/1/mountinfo'), MOUNTINFO)
  writeFileSync(join(tree, 'cgroup.controllers'), 'cpu memory\n')
  const files = openCgroups(createLocalHost(root))(0, false)
  const directories = Object.keys(files).filter(path => path.startsWith('/sys/') && path.endsWith('/'))
  expect(directories.toSorted()).toEqual(['/sys/fs/cgroup/', '/sys/fs/cgroup/a/', '/sys/fs/cgroup/net_cls/'])
})
