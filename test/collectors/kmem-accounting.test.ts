// The probe of memory.kmem.slabinfo: on which kernels and where, and what its answers mean.
import { expect, test } from 'vitest'
import { kmem } from '../../src/collectors/kmem-accounting.ts'
import { session } from '../fixtures.ts'
import { createTree } from './cgroups/tree.ts'

const POD = '/sys/fs/cgroup/memory/kubepods/pod1'
const HEADER = 'slabinfo - version: 2.1\n# name            <active_objs> <num_objs>\n'

/** What the probe says on a v1 node of this release, whose pod has this file. */
function said(release: string, text: string | undefined) {
  const { host, write } = createTree()
  write('/proc/1/mountinfo', '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n')
  write('/proc/sys/kernel/osrelease', `${release}\n`)
  write('/sys/fs/cgroup/memory/aaa/memory.kmem.slabinfo', '')
  write(`${POD}/memory.kmem.slabinfo`, text ?? '')
  const read = (path: string): string => {
    if (text === undefined && path.startsWith(POD)) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
    return host.readFile(path)
  }
  return kmem.applyFiles(kmem.empty, kmem.openReader({ ...host, readFile: read })(0, false), 0, session)
}

test('caches of its own mean that kernel memory is accounted per cgroup', () =>
  expect(said('3.10.0-1062.el7.x86_64', `${HEADER}dentry 10 21 192 21 1\n`)).toEqual({ state: 'active', path: POD }))
test('the pod that is asked is one that runs: besteffort without any has no caches of its own', () => {
  const { host, write } = createTree()
  write('/proc/1/mountinfo', '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n')
  write('/proc/sys/kernel/osrelease', '4.19.0\n')
  const pod = '/sys/fs/cgroup/memory/kubepods/burstable/pod1/c'
  write('/sys/fs/cgroup/memory/kubepods/besteffort/memory.kmem.slabinfo', HEADER)
  write(`${pod}/memory.kmem.slabinfo`, `${HEADER}dentry 10 21 192 21 1\n`)
  const files = kmem.openReader(host)(0, false)
  expect(kmem.applyFiles(kmem.empty, files, 0, session)).toEqual({ state: 'active', path: pod })
})
test('EIO means that it is not', () => expect(said('3.10.0-1062.el7.x86_64', undefined).state).toBe('inactive'))
test('nothing but a header is empty', () => expect(said('4.19.0', HEADER).state).toBe('empty'))
test('from 5.9 on nothing is asked', () => expect(said('5.10.1', HEADER).state).toBeNull())
