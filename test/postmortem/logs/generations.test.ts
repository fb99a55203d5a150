// OOM reports of every kernel generation, saved as text: each part of each. Sources of the texts: fixtures/logs/README.md.
import { describe, expect, test } from 'vitest'
import { estimatePageSize } from '../../../src/collectors/kmsg/oom/page-size.ts'
import { parseLog, readSavedLog } from './log-formats.ts'

const kB = 1024
const NO_LIMIT = Number.POSITIVE_INFINITY

const only = (name: string) => {
  const tale = parseLog(readSavedLog(`${name}.dmesg`))
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

test.each(MEMCG)('%s is read as a whole', (name, expected) => {
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
  const { kills, events } = parseLog(readSavedLog('oom-nobody.4.19.dmesg'))
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

// Made from the form of each kernel with the same numbers: see fixtures/logs/README.md.
const JAVA = {
  victim: { pid: 4321, comm: 'java', totalVm: 20255636 * kB, anonRss: 995920 * kB, fileRss: 80 * kB },
  invoker: { comm: 'GC Thread#0', pid: 4399, order: 0, oomScoreAdj: 968 },
  memory: { usage: 1048576 * kB, limit: 1048576 * kB, failcnt: 189 },
  tasks: [
    { pid: 1200, comm: 'pause', columns: { rss: 1, oom_score_adj: -998 } },
    { pid: 4321, comm: 'java', columns: { uid: 1000, rss: 249000 } },
    { pid: 4500, comm: 'npm start', columns: { swapents: 5 } },
  ],
}
const [POD, CONTAINER] = [
  'pod951f6bc5-c5a5-11ea-8707-80e455f266a2',
  '024952d653ef1cd852f875a61bd27cf45cb1fd6cab3659ca7e5f12f037d99aa9',
]
const STAT = { cache: 12000 * kB, rss: 1020016 * kB }
const OLD = {
  oomMemcg: `/kubepods/burstable/${POD}`,
  taskMemcg: `/kubepods/burstable/${POD}/${CONTAINER}`,
  kmem: { usage: 16560 * kB, limit: NO_LIMIT },
  swap: { failcnt: 7 },
  stat: STAT,
}
const NEW = {
  constraint: 'CONSTRAINT_MEMCG',
  kmem: null,
  swap: { usage: 0, limit: NO_LIMIT, failcnt: 0 },
  stat: { anon: 1020016 * kB, file: 12000 * kB, slab: 9_216_000, pgfault: 1_234_567 },
}

test.each([
  [
    '3.10.0-957',
    'nr_ptes',
    { ...OLD, invoker: { gfpMask: '0xd0' }, victim: { uid: null, shmemRss: 0 }, reaped: false },
  ],
  ['4.9', 'nr_pmds', { ...OLD, invoker: { gfpMask: '0x24000c0(GFP_KERNEL)' }, reaped: true }],
  ['4.15', 'pgtables_bytes', { ...OLD, invoker: { gfpMask: '0x14000c0(GFP_KERNEL)' } }],
  ['5.10', 'pgtables_bytes', { ...NEW, victim: { uid: 1000, pgtables: 6644 * kB } }],
  ['5.15', 'pgtables_bytes', { ...NEW, stat: { ...NEW.stat, shmem: 0 } }],
  ['6.6', 'pgtables_bytes', { ...NEW, stat: { ...NEW.stat, kernel: 16560 * kB } }],
  ['6.14', 'rss_anon', { ...NEW, invoker: { gfpMask: '0xcc0(GFP_KERNEL)' } }],
])('a container of %s at its limit', (name, column, expected) => {
  const { kill, events } = only(`oom-memcg.${name}`)
  expect(kill).toMatchObject({ ...JAVA, complete: true, global: false, memInfo: null })
  expect(kill).toMatchObject(expected)
  expect(Object.keys(kill.tasks[0]!.columns)).toContain(column)
  expect(events).toEqual([])
})

test.each([
  ['4.4', 4096, {}],
  ['4.14', 4096, {}],
  ['4.15', 4096, {}],
  ['5.4', 4096, { constraint: 'CONSTRAINT_NONE' }],
  ['5.10-64k', 65_536, { memInfo: { pages: { RAM: 32_766 } } }],
  ['5.15', 4096, { constraint: 'CONSTRAINT_NONE' }],
  ['6.6', 4096, { constraint: 'CONSTRAINT_NONE' }],
])('the whole node, %s', (name, pageSize, expected) => {
  const { kill } = only(`oom-global.${name}`)
  expect(kill).toMatchObject({
    complete: true,
    global: true,
    oomMemcg: null,
    memory: null,
    victim: { pid: 4321, comm: 'prometheus' },
    invoker: { comm: 'kworker/u8:3+fl', pid: 4399 },
    memInfo: {
      pages: { free: 13_255, slab_reclaimable: 2325, active_file: 13, 'total pagecache': 2188, reserved: 11_487 },
      zones: [
        { name: 'DMA', free: 8316 * kB, min: 340 * kB, managed: 15_908 * kB },
        { name: 'DMA32', low: 55_888 * kB, present: 2_048_248 * kB },
      ],
      swapTotal: 524_284 * kB,
      swapFree: 0,
    },
  })
  expect(kill).toMatchObject(expected)
  expect(estimatePageSize(kill)).toBe(pageSize)
  const hasList = name !== '4.4' && name !== '4.14'
  expect(kill.unreclaimableSlab.map(({ name: cache }) => cache)).toEqual(
    hasList ? ['RAWv6', 'kmalloc-8k', 'anon_vma_chain(9:x.service)'] : [],
  )
})
