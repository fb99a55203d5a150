// What a log says about memory besides OOM kills: each kind of line, and who may say it.
import { expect, test } from 'vitest'
import { parseLog, readSavedLog } from './log-formats.ts'

const events = (text: string) => parseLog(text).events.map(({ event }) => event)

test('each kind of line becomes an event with its fields', () => {
  expect(events(readSavedLog('events.mixed.dmesg'))).toMatchObject([
    {
      kind: 'page-allocation-failure',
      comm: 'kswapd0',
      order: 4,
      mode: '0xcc1(GFP_KERNEL|GFP_DMA)',
      caller: 'i915_gem_init',
    },
    { kind: 'page-allocation-stall', comm: 'a.out', milliseconds: 10_047, order: 0 },
    {
      kind: 'slab-allocation-failure',
      allocator: 'SLUB',
      node: -1,
      cache: 'kmalloc-512',
      objectSize: 512,
      memcgId: null,
    },
    { kind: 'kmem-cache-create-failed', subject: 'nf_conntrack_1', count: 12 },
    { kind: 'fork-rejected', subject: '/kmt-res-pids' },
    { kind: 'conntrack-full' },
    { kind: 'tcp-memory' },
    { kind: 'percpu-allocation-failure', count: 128 },
    { kind: 'vmalloc-failure', count: 20_480 },
    { kind: 'fault-without-memory' },
    { kind: 'hardware-memory-error', subject: 'MC0' },
    { kind: 'hardware-memory-error', subject: '0x12345' },
    { kind: 'kmemleak', count: 12 },
    { kind: 'hung-task', comm: 'dockerd', pid: 1234, seconds: 120 },
    { kind: 'soft-lockup', comm: 'kswapd0', pid: 78, seconds: 22 },
    { kind: 'reports-suppressed', subject: 'warn_alloc', count: 12 },
    { kind: 'oom-panic' },
    { kind: 'kmem-cache-create-failed', subject: 'dm_bufio' },
    { kind: 'vmalloc-bad-request', subject: null },
    { kind: 'commit-refused', subject: 'java', count: 1_073_741_824 },
    { kind: 'hardware-memory-error' },
    { kind: 'hung-task', comm: 'khugepaged', seconds: 122 },
    { kind: 'soft-lockup', comm: 'java', seconds: 23 },
    { kind: 'page-allocation-failure', comm: 'eth0', caller: 'stmmac_rx' },
  ])
})

test('a hung task without memory trouble before it is none', () => {
  const [hung] = readSavedLog('events.mixed.dmesg').match(/.*blocked for more than.*/)!
  expect(events(`${hung}\n`)).toEqual([])
})

test('a per-cgroup cache has its container', () => {
  const lines = readSavedLog('el7-leak/messages')
  expect(events(lines)).toContainEqual(
    expect.objectContaining({ kind: 'slab-allocation-failure', cache: 'ip6_dst_cache', memcgId: 1842 }),
  )
})

test('who is not the kernel cannot say what the kernel says', () => {
  const forged = ['oom-memcg.5.4', 'events.mixed']
    .flatMap(name =>
      readSavedLog(`${name}.dmesg`)
        .replace(/^\[[^\]]*\] /gm, '')
        .trimEnd()
        .split('\n'),
    )
    .map(text => `Nov 23 10:00:00 node-7 evil[77]: ${text}`)
    .join('\n')
  const { kills, events: all } = parseLog(forged)
  expect(kills).toEqual([])
  expect(all.filter(({ event }) => event.kind !== 'program-failure')).toEqual([])
})

test.each([
  ['another facility', '<12>Nov 23 10:00:00 node-7 kernel: '],
  ['another name, whatever its number', '<3>Nov 23 10:00:00 node-7 myapp: '],
  ['a name with a pid', 'Nov 23 10:00:00 node-7 kernel[12]: '],
  ['a selector of busybox with another name', 'Nov 23 10:00:00 node-7 kern.err myapp: '],
  ['a selector with another facility', 'Nov 23 10:00:00 node-7 user.err kernel: '],
  ['systemd in the ring', '[  100.000001] systemd[1]: '],
  ['a priority of user space in the ring', '<11>[  100.000001] '],
])('a line that is not the kernel’s is no kill: %s', (_, prefix) => {
  const killed =
    'Out of memory: Killed process 7 (sshd) total-vm:4077036kB, anon-rss:51184kB, file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:236kB oom_score_adj:0'
  expect(parseLog(`${prefix}${killed}\n`).kills).toEqual([])
})

test('what rsyslog says was repeated is said once more', () => {
  const said = 'cgroup: fork rejected by pids controller in /x'
  const lines = ['10:00:00', '10:00:01'].map(time => `Nov 23 ${time} node-7 kernel: `)
  const text = `${lines[0]}${said}\n${lines[1]}message repeated 2 times: [ ${said}]\n`
  expect(events(text)).toMatchObject([
    { kind: 'fork-rejected', subject: '/x' },
    { kind: 'fork-rejected', subject: '/x' },
  ])
})
