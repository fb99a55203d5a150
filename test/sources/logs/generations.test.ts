// OOM reports of every kernel generation, saved as text: each part of each. Sources of the texts: fixtures/logs/README.md.
import { describe, expect, test } from 'vitest'
import { savedLog, told } from './told.ts'

const kB = 1024
const NO_LIMIT = Number.POSITIVE_INFINITY

const only = (name: string) => {
  const tale = told(savedLog(`${name}.dmesg`))
  expect(tale.kills).toHaveLength(1)
  return { ...tale, kill: tale.kills[0]!.kill }
}

const MEMCG: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  [
    'oom-memcg.3.10.0-327',
    {
      invoker: { comm: 'java', pid: 14881, gfpMask: '0xd0', order: 0, oomScoreAdj: -998 },
      oomMemcg: '/kubepods/burstable/pod95387fa4-da9c-11e7-9d36-5254b24cbf5e',
      memory: { usage: 524288 * kB, limit: 524288 * kB, failcnt: 1893 },
      swap: { usage: 1048576 * kB, limit: NO_LIMIT, failcnt: 0 },
      kmem: { usage: 0, limit: NO_LIMIT, failcnt: 0 },
      victim: { pid: 28438, comm: 'java', uid: null, shmemRss: null, pgtables: null, oomScoreAdj: null },
      constraint: null,
      sysrq: null,
    },
  ],
  [
    'oom-memcg.3.10.0-1160',
    { victim: { pid: 42424, uid: 0, totalVm: 7296 * kB, shmemRss: 0 }, stat: { cache: 4000 * kB }, sysrq: null },
  ],
  [
    'oom-memcg.4.4',
    {
      memory: { failcnt: 11008165 },
      victim: { pid: 24387, shmemRss: null },
      tasks: [{ pid: 24387, columns: { nr_pmds: 3, nr_ptes: 59, rss: 25609 } }],
    },
  ],
  [
    'oom-memcg.4.14',
    {
      invoker: { gfpMask: '0x14000c0(GFP_KERNEL)', order: 0 },
      reaped: true,
      sysrq: false,
      stat: { shmem: 59000 * kB },
      kmem: { usage: 1200 * kB },
    },
  ],
  [
    'oom-memcg.4.19',
    {
      invoker: { comm: 'node', gfpMask: '0x6000c0(GFP_KERNEL)' },
      victim: { pid: 62769, comm: 'npm start' },
      tasks: [
        { pid: 62685, columns: { pgtables_bytes: 65536 } },
        { pid: 62769, comm: 'npm start' },
      ],
    },
  ],
  [
    'oom-memcg.5.0',
    {
      constraint: 'CONSTRAINT_MEMCG',
      invoker: { comm: 'runc:[1:CHILD]' },
      victim: { pid: 30001, comm: 'runc:[1:CHILD]', uid: 0, pgtables: null },
    },
  ],
  [
    'oom-memcg.5.4',
    {
      constraint: 'CONSTRAINT_MEMCG',
      oomMemcg: '/ltp_19257',
      taskMemcg: '/ltp_19257',
      stat: { anon: 84000, slab_unreclaimable: 135168 },
      victim: { pid: 19289, uid: 0, pgtables: 40 * kB, oomScoreAdj: 0 },
      reaped: true,
    },
  ],
  [
    'oom-memcg.7.3',
    {
      constraint: 'CONSTRAINT_MEMCG',
      invoker: { comm: 'node', pid: 7301, gfpMask: '0xcc0(GFP_KERNEL)' },
      memory: { usage: 65536 * kB, limit: 65536 * kB, failcnt: 6032 },
      swap: { usage: 32588 * kB, limit: 32768 * kB, failcnt: 0 },
      kmem: null,
      stat: { anon: 65781760, kernel: 249856, slab_unreclaimable: 5384 },
      victim: { pid: 7301, comm: 'node', uid: 0, anonRss: 64256 * kB, pgtables: 228 * kB, oomScoreAdj: 0 },
      tasks: [{ pid: 7301, columns: { rss: 16226, rss_anon: 16064, pgtables_bytes: 233472, swapents: 8128 } }],
    },
  ],
]

test.each(MEMCG)('%s is told whole', (name, expected) => {
  const { kill, events } = only(name)
  expect(kill).toMatchObject({ complete: true, global: false, memInfo: null, ...expected })
  expect(events).toEqual([])
})

describe('a report of the whole node', () => {
  test('of 3.10 has zones, free pages and blocks by order', () => {
    const { kill, boots } = only('oom-global.3.10.0-693')
    expect(kill).toMatchObject({ complete: true, global: true, oomMemcg: null, memory: null, victim: { pid: 10843 } })
    expect(kill.memInfo?.pages).toMatchObject({
      active_anon: 1201734,
      slab_unreclaimable: 2387451,
      free: 33567,
      RAM: 4194172,
      reserved: 113443,
      'total pagecache': 11204,
    })
    expect(kill.memInfo?.zones).toMatchObject([
      { node: 0, name: 'DMA', free: 15908 * kB, managed: 15908 * kB, blocks: [1, 0, 0, 1, 2, 1, 1, 0, 1, 1, 3] },
      { node: 0, name: 'Normal', min: 55520 * kB, low: 69400 * kB, high: 83280 * kB },
    ])
    expect(kill.memInfo?.swapTotal).toBe(0)
    expect(boots[0]?.kernel).toBe('3.10.0-693.el7.x86_64')
  })

  test('of 4.9 kills a child of the one that was chosen', () => {
    const { kill } = only('oom-global.4.9')
    expect(kill).toMatchObject({ complete: true, victim: { pid: 4362, comm: 'normal-priority' }, reaped: true })
    expect(kill.memInfo?.zones).toMatchObject([{ name: 'DMA', free: 1600 * kB, blocks: [4, 2, 0, 1, 0] }])
  })

  test('of 4.19 has the slab that cannot be reclaimed', () => {
    const { kill, events } = only('oom-global-slab.4.19')
    expect(kill).toMatchObject({
      complete: true,
      invoker: { comm: 'kworker/u8:3+flush-253:0' },
      victim: { comm: '(sd-pam)' },
    })
    expect(kill.unreclaimableSlab).toEqual([
      { name: 'kmalloc-2048', used: 1491640 * kB, total: 1491640 * kB },
      { name: 'ebitmap_node', used: 59164 * kB, total: 59164 * kB },
      { name: 'task_struct', used: 4803 * kB, total: 5020 * kB },
    ])
    expect(events.map(({ event }) => event.kind)).toEqual(['unreclaimable-slab', 'oom-reaper-failed'])
  })

  test('of 5.15, asked for by SysRq', () => {
    const { kill, events } = only('oom-sysrq.5.15')
    expect(kill).toMatchObject({
      complete: true,
      sysrq: true,
      invoker: { order: -1 },
      taskMemcg: '/system.slice/dbus.service',
    })
    expect(events.map(({ event }) => event.kind)).toEqual(['sysrq-oom'])
  })
})

test('nobody to kill is an event with what is known', () => {
  const { kills, events } = told(savedLog('oom-nobody.4.19.dmesg'))
  expect(kills).toEqual([])
  expect(events.map(({ event }) => event)).toMatchObject([
    {
      kind: 'oom-without-kill',
      reason: 'no killable process',
      global: false,
      oomMemcg: '/syz0',
      invoker: { comm: 'syz-executor', oomScoreAdj: -1000 },
      memory: { usage: 205168 * kB },
    },
  ])
})
