// The picture of the kmem leak on CentOS 7, from a tree in the formats that kernel documents: no such kernel runs here.
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROGRAM, runProgram } from './program.ts'
import { makeTree, type NodeFixture } from './tree.ts'

const MEMORY = '/sys/fs/cgroup/memory'
const UID = (pod: number): string => `3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c${pod}`
const ID = (pod: number): string => `${pod}`.repeat(32)
const SLABINFO = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
dentry            2100000 2100000    192   42    2 : tunables    0    0    0 : slabdata  50000  50000      0
kmem_cache        1159809 1159809    256   16    1 : tunables    0    0    0 : slabdata  72489  72489      0
kmem_cache_node   1160000 1160000     64   64    1 : tunables    0    0    0 : slabdata  18125  18125      0
`
const EIGHT_PODS = [10, 11, 12, 13, 14, 15, 16, 17]

/** A node with 8 pods, 12,000 memory cgroups in the kernel, and caches that dead pods left behind. */
function node(): NodeFixture {
  const tree = makeTree({
    '/proc/sys/kernel/osrelease': '3.10.0-957.el7.x86_64\n',
    '/proc/meminfo':
      'MemTotal: 395000000 kB\nMemFree: 9000000 kB\nBuffers: 0 kB\nCached: 2000000 kB\nAnonPages: 9000000 kB\nSlab: 349000000 kB\nSReclaimable: 9000000 kB\nSUnreclaim: 340000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
    '/proc/slabinfo': SLABINFO,
    '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t2\t30\t1\nmemory\t9\t12018\t1\n',
    '/proc/1/mountinfo': `33 24 0:28 / ${MEMORY} rw,nosuid,relatime shared:9 - cgroup cgroup rw,memory\n`,
    '/sys/kernel/slab/dentry/reclaim_account': '1\n',
    '/sys/kernel/slab/kmem_cache/reclaim_account': '0\n',
  })
  const group = (path: string, use: number, oom: string): void => {
    tree.write(`${MEMORY}${path}/memory.usage_in_bytes`, `${use}\n`)
    tree.write(`${MEMORY}${path}/memory.limit_in_bytes`, '9223372036854771712\n')
    tree.write(`${MEMORY}${path}/memory.kmem.usage_in_bytes`, `${use / 2}\n`)
    tree.write(`${MEMORY}${path}/memory.failcnt`, '0\n')
    tree.write(`${MEMORY}${path}/memory.oom_control`, oom)
  }
  const QUIET = 'oom_kill_disable 0\nunder_oom 0\n' // no oom_kill line before 4.13
  group('/kubepods', 900 * 2 ** 20, QUIET)
  for (const pod of EIGHT_PODS) {
    const path = `/kubepods/burstable/pod${UID(pod)}`
    group(path, 10 * 2 ** 20, QUIET)
    group(`${path}/${ID(pod)}`, 9 * 2 ** 20, pod === 17 ? 'oom_kill_disable 1\nunder_oom 1\n' : QUIET)
    tree.write(`${MEMORY}${path}/${ID(pod)}/memory.kmem.slabinfo`, `${SLABINFO.split('\n').slice(0, 3).join('\n')}\n`)
    tree.write(`/var/log/containers/web-${pod}_shop_nginx-${ID(pod)}.log`, '')
    tree.write(`/var/log/pods/shop_web-${pod}_${UID(pod)}/nginx/0.log`, '')
    tree.write(`/sys/kernel/slab/dentry(${pod}:${ID(pod)})/reclaim_account`, '1\n')
  }
  group('/kubepods/burstable', 880 * 2 ** 20, QUIET)
  for (let dead = 0; dead < 900; dead++)
    tree.write(`/sys/kernel/slab/dentry(${dead + 100}:${`${dead + 100_000}`.padStart(64, 'a')})/reclaim_account`, '1\n')
  return tree
}

const tree = node()

describe('a node with the leak', () => {
  const busybox = execFileSync('/bin/sh', ['-c', 'command -v busybox || :'], { encoding: 'utf8' }).trim()
  const places: readonly (readonly [string, readonly string[]])[] = [
    ['as a root', ['--root', tree.root]],
    ['over a shell', ['--root', tree.root, '--via', 'sh']],
    // in a root directory with nothing but busybox
    ...(busybox === '' || process.getuid?.() !== 0
      ? []
      : [['over a chroot', ['--via', `chroot ${tree.root} /busybox sh`]] as const]),
  ]
  if (places.length > 2) {
    cpSync(busybox, join(tree.root, 'busybox'))
    tree.write('/dev/', '')
    execFileSync('mknod', ['-m', '666', join(tree.root, '/dev/null'), 'c', '1', '3'])
    tree.write('/proc/uptime', '5000000.00 1.00\n')
    tree.write('/proc/self/mountinfo', `33 24 0:28 / ${MEMORY} rw,nosuid,relatime shared:9 - cgroup cgroup rw,memory\n`)
    tree.write('/proc/version', 'Linux version 3.10.0-957.el7.x86_64\n')
  }

  test.each(places)('%s: the dead, the copies they left, the error to come, whose pods live', (_, place) => {
    const args = ['-b', '-n', '3', '-i', '200ms', '--json', ...place]
    const lines = execFileSync(PROGRAM, args, { encoding: 'utf8' }).trim().split('\n')
    const { cgroup, slab, cgroups, alerts } = JSON.parse(lines.at(-1)!)
    const leak = alerts.find(({ detector }: { detector: string }) => detector === 'kmem-leak')
    expect(leak).toMatchObject({
      severity: 'critical',
      summary: expect.stringMatching(/3\.10\.0-957.* 11,999 dying cgroups, 889 copies of one cache/),
      evidence: { 'kmem accounting': 'active', SUnreclaim: 340_000_000 * 1024, 'slab caches': 1_159_809 },
    })
    expect(cgroup).toMatchObject({
      mode: 'v1',
      directories: 19,
      numCgroups: 12_018,
      dying: 12_018 - 19,
      kmemAccounting: 'active',
    })
    expect(cgroup.ids.errors).toEqual(['ENOSPC', 'ENOMEM'])
    expect(slab.caches.find(({ name }: { name: string }) => name === 'dentry').cgroupCopies).toEqual({
      count: 908,
      dead: 889, // of 900: 408 are not named, and 11 directories may be theirs
    })
    const pod = cgroups.find(({ path }: { path: string }) => path.endsWith(ID(12)))
    expect(pod).toMatchObject({
      pod: { namespace: 'shop', pod: 'web-12', container: 'nginx' },
      memory: { kernel: 4.5 * 2 ** 20 },
    })
    expect(cgroup.heldByDeleted[0]).toMatchObject({ path: '/kubepods/burstable', bytes: 800 * 2 ** 20 })
  })

  test('is shown on the screen: names, the stalled cgroup, and what kmem_cache means', async () => {
    await runProgram({ columns: 160, rows: 40, args: ['--root', tree.root, '-i', '200ms'] }, async terminal => {
      terminal.write('2')
      await terminal.waitFor(/shop\/web-17 nginx.*STALLED IN OOM/)
      await terminal.waitFor(/shop\/web-12 /)
      await terminal.waitFor(/dying +11,999/)
      terminal.write('3')
      await terminal.waitFor(/CACHE/)
      terminal.write('G') // kmem_cache_node, the smallest
      await terminal.waitFor(/▌kmem_cache_node/)
      terminal.write('\r')
      await terminal.waitFor(/the caches themselves/)
    })
    tree.remove()
  })
})
