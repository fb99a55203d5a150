// The lines of older and other kernels, as quoted in KERNEL.md 2.3, and what no capture holds.
import { describe, expect, test } from 'vitest'
import { parseOomLine } from '../../../../src/collectors/kmsg/oom/oom-lines.ts'
import { parseOomSummary } from '../../../../src/collectors/kmsg/oom/oom-summary.ts'
import { estimatePageSize } from '../../../../src/collectors/kmsg/oom/page-size.ts'
import { assembleAll, createRecords, findKills, parseCapture, renumber } from '../captures.ts'

describe('a report of 3.10', () => {
  const path = '/kubepods/pod95387fa4-da9c-11e7-9d36-5254b24cbf5e/6895a3e13439'
  const [kill] = findKills(
    createRecords(
      'java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=-998',
      'java cpuset=1e479e759020fa0b6c72def90973540a2d33982fea2ad67a96373b4da751a820 mems_allowed=0',
      'CPU: 9 PID: 14881 Comm: java Tainted: G    B          ------------ T 3.10.0-327.4.5.el7.x86_64 #1',
      `Task in ${path} killed as a result of limit of /kubepods/pod95387fa4-da9c-11e7-9d36-5254b24cbf5e`,
      'memory: usage 1048576kB, limit 1048576kB, failcnt 189',
      'memory+swap: usage 1048576kB, limit 1048576kB, failcnt 0',
      'kmem: usage 0kB, limit 9007199254740988kB, failcnt 0',
      'Memory cgroup stats for /kubepods/pod95387fa4-da9c-11e7-9d36-5254b24cbf5e: cache:8KB rss:0KB swap:0KB',
      `Memory cgroup stats for ${path}: cache:32KB rss:524188KB rss_huge:370688KB mapped_file:0KB swap:524356KB`,
      '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
      '[28438]     0 28438  5063909   119961    1661   136409          -998 java',
      'Memory cgroup out of memory: Kill process 24572 (java) score 0 or sacrifice child',
      'Killed process 28438 (java) total-vm:20255636kB, anon-rss:466160kB, file-rss:13684kB',
    ),
  )

  test('is one kill, of the process that was killed and not of the one that was chosen', () => {
    expect(kill).toMatchObject({
      global: false,
      complete: true,
      constraint: null,
      nodes: null,
      taskMemcg: path,
      oomMemcg: '/kubepods/pod95387fa4-da9c-11e7-9d36-5254b24cbf5e',
      invoker: { comm: 'java', pid: 14881, gfpMask: '0xd0', oomScoreAdj: -998 },
      victim: { pid: 28438, uid: null, totalVm: 20255636 * 1024, shmemRss: null, pgtables: null },
      memory: { failcnt: 189 },
      kmem: { limit: Number.POSITIVE_INFINITY },
    })
  })

  test('has one stats line for each cgroup, and their sum', () => {
    expect(kill?.stat).toMatchObject({ cache: 40 * 1024, rss: 524188 * 1024, swap: 524356 * 1024 })
  })

  test('has its own columns', () => {
    expect(kill?.tasks).toEqual([
      {
        pid: 28438,
        comm: 'java',
        columns: {
          uid: 0,
          tgid: 28438,
          total_vm: 5063909,
          rss: 119961,
          nr_ptes: 1661,
          swapents: 136409,
          oom_score_adj: -998,
        },
      },
    ])
  })

  test('whose report was left out still says whose memory was short', () => {
    const kills = findKills(
      createRecords(
        'Out of memory: Kill process 4360 (idle-priority) score 660 or sacrifice child',
        'Killed process 4362 (normal-priority), UID 12, total-vm:4164kB, anon-rss:80kB, file-rss:0kB, shmem-rss:0kB',
      ),
    )
    expect(kills).toMatchObject([
      { global: true, complete: false, victim: { pid: 4362, comm: 'normal-priority', uid: 12 } },
    ])
  })
})

describe('the header', () => {
  test.each([
    ['gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=0, order=0, oom_score_adj=1000', 0, 1000],
    ['gfp_mask=0x14000c0(GFP_KERNEL), nodemask=(null),  order=0, oom_score_adj=-998', 0, -998],
    ['gfp_mask=0x6000c0(GFP_KERNEL), nodemask=0-1,3, order=2, oom_score_adj=999', 2, 999],
    ['gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0', -1, 0],
  ])('is read in the form of every version: %s', (rest, order, oomScoreAdj) => {
    const gfpMask = /=(.*?),/.exec(rest)?.[1]
    expect(parseOomLine(`CPU 2/KVM invoked oom-killer: ${rest}`)).toEqual({
      kind: 'invoked',
      invoker: { comm: 'CPU 2/KVM', pid: null, gfpMask, order, oomScoreAdj },
    })
  })

  test('is split at its last words, whatever the name is', () => {
    const text = 'x invoked oom-killer: y invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0'
    expect(parseOomLine(text)).toMatchObject({ invoker: { comm: 'x invoked oom-killer: y', gfpMask: '0xd0' } })
  })

  test('gets no pid from the stack of another', () => {
    const log = parseCapture('oom-threads.v1-6.18')
    const foreign = { ...log[1]!, text: 'CPU: 0 PID: 77 Comm: kworker/0:1 Not tainted 6.18.44 #1' }
    expect(findKills(renumber([log[0]!, foreign, ...log.slice(1)]))).toMatchObject([{ invoker: { pid: 2934 } }])
  })
})

describe('unreclaimable slab', () => {
  const log = parseCapture('oom-global.v2-6.1')
  const table = log.findIndex(({ text }) => text.startsWith('Tasks state'))
  const lines = [
    'Unreclaimable slab info:',
    'Name                      Used          Total',
    'kmalloc-2048           59164KB      59164KB',
    'ext4_bio_post_read_ctx         15KB         16KB',
  ]

  test('is listed by the kernel when it is most of the memory, in bytes here', () => {
    const dumped = lines.map(text => ({ ...log[table]!, text }))
    const [kill] = findKills(renumber([...log.slice(0, table), ...dumped, ...log.slice(table)]))
    expect(kill?.unreclaimableSlab).toEqual([
      { name: 'kmalloc-2048', used: 59164 * 1024, total: 59164 * 1024 },
      { name: 'ext4_bio_post_read_ctx', used: 15 * 1024, total: 16 * 1024 },
    ])
    expect(kill).toMatchObject({ complete: true, global: true })
    expect(kill?.tasks).toHaveLength(7)
  })
})

describe('a stats record', () => {
  test('that the kernel cut loses its last number, which may be half of one', () => {
    const rows = Array.from({ length: 60 }, (_, i) => `counter_${i} 1234567890`)
    const cut = rows.join('\n').slice(0, 991)
    const line = parseOomLine(cut)
    expect(line?.kind).toBe('stat')
    const values = line?.kind === 'stat' ? Object.values(line.values) : []
    expect(values.length).toBeGreaterThan(30)
    expect(new Set(values)).toEqual(new Set([1234567890]))
  })

  test('that ends in a name has the numbers before it', () => {
    expect(parseOomLine('anon 4096\nfile 0\nworkingset_a')).toEqual({ kind: 'stat', values: { anon: 4096, file: 0 } })
  })
})

describe('the task table', () => {
  const header = '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name'
  const killed = 'Out of memory: Killed process 24999 (w) total-vm:8kB, anon-rss:4kB'
  const summary =
    'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,3,global_oom,task_memcg=/,task=w,pid=24999,uid=0'
  const row = (pid: number, rss: number, name: string): string =>
    `[${String(pid).padStart(7)}]     0 ${pid}     9825 ${String(rss).padStart(8)}   122880        0         -1000 ${name}`

  test('has names with blanks, brackets, digits, or none', () => {
    const names = ['npm start', '[x] 12 y', '7 z', '', ' lead']
    const [kill] = findKills(createRecords(header, ...names.map((name, i) => row(i, 5, name)), summary, killed))
    expect(kill?.tasks.map(({ comm }) => comm)).toEqual(names)
  })

  test('keeps the 200 largest and the victim of a long one, in their order', () => {
    const rows = Array.from({ length: 19_000 }, (_, i) => row(i, i % 1000, 'w'))
    const { oomKills, reports } = assembleAll(createRecords(header, ...rows, row(24999, 0, 'w'), summary, killed))
    const kept = oomKills[0]!.tasks
    expect(kept).toHaveLength(201)
    expect(kept.at(-1)?.pid).toBe(24999)
    expect(Math.min(...kept.slice(0, -1).map(({ columns }) => columns.rss!))).toBe(989)
    expect(kept.map(({ pid }) => pid)).toEqual(kept.map(({ pid }) => pid).toSorted((a, b) => a - b))
    expect(reports).toHaveLength(1)
  })

  test('is read to a bound, and the report goes on', () => {
    const rows = Array.from({ length: 21_000 }, (_, i) => row(i, 1, 'w'))
    const state = assembleAll(createRecords(header, ...rows))
    expect(state.reports[0]?.rows?.count).toBe(20_000)
    expect(assembleAll(createRecords(header, ...rows, summary, killed)).oomKills).toMatchObject([{ taskMemcg: '/' }])
  })
})

describe('the summary', () => {
  const victim = {
    pid: 5,
    comm: 'c',
    uid: 0,
    totalVm: 0,
    anonRss: 0,
    fileRss: 0,
    shmemRss: 0,
    pgtables: 0,
    oomScoreAdj: 0,
  }
  const line = (cgroups: string, comm = 'c'): string =>
    `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0-2,4${cgroups},task=${comm},pid=5,uid=9`

  test.each([
    ['/a', '/a', 'c'],
    ['/a', '/a/b', 'c'],
    ['/a,task_memcg=/x', '/a,task_memcg=/x/b', 'c'],
    ['/a', '/a/b,oom_memcg=/x,task_memcg=/y', 'c'],
    ['/a', '/a/b', 'c,pid=1'],
    ['/a', '/a/b', ',task=d'],
    ['/a,global_oom', '/a,global_oom/b', 'c'],
  ])('is cut right in %s %s %s', (oomMemcg, taskMemcg, comm) => {
    const text = line(`,oom_memcg=${oomMemcg},task_memcg=${taskMemcg}`, comm)
    expect(parseOomSummary(text, { ...victim, comm }, null)).toEqual({
      constraint: 'CONSTRAINT_MEMCG',
      nodes: null,
      global: false,
      oomMemcg,
      taskMemcg,
      uid: 9,
    })
  })

  test('trusts the cgroup of the stats line when its cpuset tries to mislead', () => {
    const text = line(',oom_memcg=/a,task_memcg=/a/b').replace('cpuset=/', 'cpuset=x,oom_memcg=/x,task_memcg=/x')
    expect(parseOomSummary(text, victim, '/a')).toMatchObject({ oomMemcg: '/a', taskMemcg: '/a/b' })
  })

  test('has no cgroup in a kernel without them', () => {
    const text = 'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=c,pid=5,uid=1000'
    expect(parseOomSummary(text, victim, null)).toMatchObject({ global: true, oomMemcg: null, taskMemcg: null })
  })

  test('that was cut does not say half a cgroup', () => {
    const text = 'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/a,task_memcg=/a/very-lo'
    expect(parseOomSummary(text, victim, null)).toMatchObject({ oomMemcg: '/a', taskMemcg: null, uid: null })
    expect(parseOomSummary(text.slice(0, -22), victim, null)).toMatchObject({ oomMemcg: null })
  })

  test('that came in pieces is put together', () => {
    const log = parseCapture('oom-nested.v1-6.18')
    const at = log.findIndex(({ text }) => text.startsWith('oom-kill:'))
    const { text } = log[at]!
    const cuts = [
      text.indexOf(',oom_memcg='),
      text.indexOf('/kmt'),
      text.indexOf(',task_memcg='),
      text.indexOf(',task='),
      text.length,
    ]
    const pieces = cuts.map((cut, i) => ({ ...log[at]!, text: text.slice(cuts[i - 1] ?? 0, cut) }))
    const [kill] = findKills(renumber([...log.slice(0, at), ...pieces, ...log.slice(at + 1)]))
    expect(kill).toMatchObject({ complete: true, oomMemcg: '/kmt-res-pod', taskMemcg: '/kmt-res-pod/ctr-a' })
  })
})

test('a process whose first thread is gone is in the table with the pid of another', () => {
  const [kill] = findKills(
    createRecords(
      'java invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0',
      'Mem-Info:',
      '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name',
      '[ 7747]     0  7748  3226957  2875051    5692        0             0 python',
      'Out of memory: Kill process 7748 (python) score 900 or sacrifice child',
      'Killed process 7748 (python) total-vm:12907828kB, anon-rss:11500204kB, file-rss:0kB',
    ).map(record => ({ ...record, unnumbered: true as const })),
  )
  expect(kill).toMatchObject({ complete: true, invoker: { comm: 'java' }, tasks: [{ pid: 7747 }] })
  expect(estimatePageSize(kill!)).toBe(4096)
})

test('a build between two forms: `Task in` and no summary, but the message before `Killed process`', () => {
  const [kill] = findKills(
    createRecords(
      'web invoked oom-killer: gfp_mask=0x6200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null), order=0, oom_score_adj=996',
      'web cpuset=/ mems_allowed=0',
      'Task in /pod/web killed as a result of limit of /pod',
      'memory: usage 2048kB, limit 2048kB, failcnt 3',
      'Tasks state (memory values in pages):',
      '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
      '[     41]     0    41     1000      400    65536        0           996 web',
      'Memory cgroup out of memory: Killed process 41 (web) total-vm:4000kB, anon-rss:1600kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:64kB oom_score_adj:996',
    ),
  )
  expect(kill).toMatchObject({
    complete: true,
    global: false,
    oomMemcg: '/pod',
    taskMemcg: '/pod/web',
    invoker: { comm: 'web' },
  })
})
