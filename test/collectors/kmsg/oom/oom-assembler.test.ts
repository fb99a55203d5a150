// OOM kills of real kernels: 6.18 with cgroup v1, 6.1 and 6.12 with v2.
import { describe, expect, test } from 'vitest'
import { consumeOomRecord } from '../../../../src/collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill } from '../../../../src/collectors/kmsg/oom/oom-kill.ts'
import {
  assembleAll,
  createRecords,
  emptyState,
  findKilledPids,
  findKills,
  parseCapture,
  renumber,
} from '../captures.ts'

const POD = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13.slice'
const CONTAINER = `${POD}/cri-containerd-9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938.scope`

function onlyKill(name: string): OomKill {
  const kills = findKills(parseCapture(name))
  expect(kills).toHaveLength(1)
  return kills[0]!
}

describe('a full report', () => {
  test('of a parent limit names the cgroup of the limit and that of the victim', () => {
    const [first, second] = findKills(parseCapture('oom-nested.v1-6.18'))
    expect(first).toMatchObject({
      constraint: 'CONSTRAINT_MEMCG',
      global: false,
      complete: true,
      oomMemcg: '/kmt-res-pod',
      taskMemcg: '/kmt-res-pod/ctr-a',
      invoker: { comm: 'ctr-b', pid: 2928, gfpMask: '0xcc0(GFP_KERNEL)', order: 0, oomScoreAdj: 0 },
      sequence: 505929,
      logLines: { first: 505850, last: 505929 },
      killedLines: 1,
      reaped: false,
    })
    expect(first?.victim).toEqual({
      pid: 2923,
      comm: 'ctr-a',
      uid: 0,
      totalVm: 39300 * 1024,
      anonRss: 28812 * 1024,
      fileRss: 4240 * 1024,
      shmemRss: 0,
      pgtables: 120 * 1024,
      oomScoreAdj: 0,
    })
    expect(second).toMatchObject({ complete: true, taskMemcg: '/kmt-res-pod/ctr-b', victim: { pid: 2928 } })
  })

  test('has the counters of cgroup v1 in bytes, and no limit is Infinity', () => {
    const [kill] = findKills(parseCapture('oom-nested.v1-6.18'))
    expect(kill?.memory).toEqual({ usage: 40960 * 1024, limit: 40960 * 1024, failcnt: 78 })
    expect(kill?.swap).toEqual({ usage: 40960 * 1024, limit: Number.POSITIVE_INFINITY, failcnt: 0 })
    expect(kill?.kmem).toEqual({ usage: 108 * 1024, limit: Number.POSITIVE_INFINITY, failcnt: 0 })
    expect(kill?.stat).toMatchObject({ cache: 0, total_rss: 41832448, hierarchical_memory_limit: 41943040 })
    expect(kill?.stat.hierarchical_memsw_limit).toBe(Number.POSITIVE_INFINITY)
    expect(Object.keys(kill?.stat ?? {})).toHaveLength(42)
  })

  test('has the counters of cgroup v2, where swap has its own limit', () => {
    const kill = onlyKill('oom-swap.v2-6.12')
    expect(kill.memory).toEqual({ usage: 65536 * 1024, limit: 65536 * 1024, failcnt: 6032 })
    expect(kill.swap).toEqual({ usage: 32588 * 1024, limit: 32768 * 1024, failcnt: 0 })
    expect(kill.kmem).toBeNull()
  })

  test('has its task table by the column names of its kernel', () => {
    const [kill] = findKills(parseCapture('oom-nested.v1-6.18'))
    expect(kill?.tasks.map(({ pid, comm }) => [pid, comm])).toEqual([
      [2923, 'ctr-a'],
      [2928, 'ctr-b'],
    ])
    expect(kill?.tasks[0]?.columns).toEqual({
      uid: 0,
      tgid: 2923,
      total_vm: 9825,
      rss: 8263,
      rss_anon: 7203,
      rss_file: 1060,
      rss_shmem: 0,
      pgtables_bytes: 122880,
      swapents: 0,
      oom_score_adj: 0,
    })
    expect(Object.keys(onlyKill('oom-group.v2-6.1').tasks[0]?.columns ?? {})).toEqual([
      'uid',
      'tgid',
      'total_vm',
      'rss',
      'pgtables_bytes',
      'swapents',
      'oom_score_adj',
    ])
  })

  test('has the same stats in one record (6.1) and in many (6.12)', () => {
    const [one, many] = [onlyKill('oom-group.v2-6.1').stat, onlyKill('oom-group.v2-6.12').stat]
    expect(one).toMatchObject({ anon: 100380672, slab_unreclaimable: 12024, zswpout: 0 })
    expect(many).toMatchObject({ file: 0, zswpout: 0 })
    expect(Object.keys(many)).toEqual(expect.arrayContaining(['anon', 'slab_unreclaimable', 'pgfault']))
  })

  test('distinguishes the invoking thread from the victim', () => {
    expect(onlyKill('oom-threads.v1-6.18')).toMatchObject({
      invoker: { comm: 'GC Thread#0', pid: 2934 },
      victim: { pid: 2933, comm: 'leader' },
    })
    expect(
      findKills(parseCapture('oom-twoproc.v1-6.18')).map(({ invoker, victim }) => [invoker?.comm, victim.comm]),
    ).toEqual([
      ['bigworker', 'sidecar'],
      ['bigworker', 'bigworker'],
    ])
  })

  test('of the whole node is global and names no limit', () => {
    for (const name of ['oom-global.v2-6.1', 'oom-global.v2-6.12']) {
      const [app, leaky] = findKills(parseCapture(name))
      expect(app).toMatchObject({
        constraint: 'CONSTRAINT_NONE',
        global: true,
        complete: true,
        oomMemcg: null,
        taskMemcg: CONTAINER,
        memory: null,
        victim: { comm: 'app', oomScoreAdj: 900 },
      })
      expect(app?.tasks).toHaveLength(7)
      expect(leaky).toMatchObject({
        taskMemcg: '/system.slice/sshd.service',
        complete: true,
        victim: { comm: 'leaky' },
      })
    }
  })

  test('may come from two CPUs at once, one after the other', () => {
    const kills = findKills(parseCapture('oom-parallel.v1-6.18'))
    expect(kills.map(({ victim, complete }) => [victim.comm, complete])).toEqual([
      ['par-left', true],
      ['par-right', true],
    ])
  })
})

describe('names that try to mislead', () => {
  test('may have blanks and parentheses', () => {
    const kill = onlyKill('oom-oddname.v1-6.18')
    expect(kill).toMatchObject({
      complete: true,
      victim: { comm: 'my (odd) pr) x' },
      invoker: { comm: 'my (odd) pr) x' },
    })
    expect(kill.tasks.map(({ comm }) => comm)).toEqual(['my (odd) pr) x'])
  })

  test('may have UTF-8 letters, a newline, and the text of a next field', () => {
    const kill = onlyKill('oom-utf8name.v1-6.18')
    expect(kill).toMatchObject({
      complete: true,
      taskMemcg: '/kmt-res-utf8',
      victim: { pid: 2908, comm: 'naïve\n,pid=1' },
    })
    expect(kill.invoker).toMatchObject({ comm: 'naïve\n,pid=1', pid: 2908 })
    expect(kill.tasks.map(({ comm }) => comm)).toEqual(['naïve\n,pid=1'])
  })

  test('may be cgroups with the text of the end of the line', () => {
    expect(onlyKill('oom-cgname.v1-6.18')).toMatchObject({
      complete: true,
      oomMemcg: '/kmt-res a,task=evil,pid=1',
      taskMemcg: '/kmt-res a,task=evil,pid=1',
      victim: { pid: 3595, comm: 'plain' },
    })
  })

  test('cannot forge a kill: lines of user space are not read', () => {
    const records = ['oom-nested.v1-6.18', 'oom-group.v2-6.1'].flatMap(parseCapture)
    for (const facility of [1, 3, 255]) {
      expect(assembleAll(records.map(record => ({ ...record, facility })))).toBe(emptyState)
    }
    const forged = records.flatMap(record => [{ ...record, facility: 1, text: record.text.replace('29', '1') }, record])
    expect(findKills(renumber(forged)).map(({ victim }) => victim.pid)).toEqual([2923, 2928, 766])
  })
})

describe('the rate limit', () => {
  const records = parseCapture('oom-repeated.v1-6.18')
  const { oomKills, suppressed } = assembleAll(records)

  test('leaves the bare last line: 16 kills, 11 of them reported', () => {
    expect(oomKills.map(({ victim }) => victim.pid)).toEqual(findKilledPids(records))
    expect(oomKills).toHaveLength(16)
    expect(oomKills.map(({ complete }) => complete)).toEqual([...Array(10).fill(true), ...Array(5).fill(false), true])
  })

  test('leaves all else unknown', () => {
    expect(oomKills[10]).toEqual({
      time: oomKills[10]?.time,
      sequence: 508072,
      constraint: null,
      nodes: null,
      global: false,
      complete: false,
      invoker: null,
      oomMemcg: null,
      taskMemcg: null,
      oomGroup: null,
      victim: expect.objectContaining({ pid: 6166, comm: 'crashloop', uid: 0 }),
      alsoKilled: [],
      memory: null,
      swap: null,
      kmem: null,
      tasks: [],
      stat: {},
      unreclaimableSlab: [],
      memInfo: null,
      sysrq: null,
      logLines: { first: 508072, last: 508072 },
      reaped: false,
      killedLines: 1,
      likely: [],
    })
  })

  test('is counted by the kernel’s own number of suppressed reports', () => {
    expect(suppressed).toBe(2 + 5)
    expect(assembleAll(createRecords('net_ratelimit: 9 callbacks suppressed'))).toBe(emptyState)
  })

  test('leaves what the message says: the node, a cgroup, or neither', () => {
    const sizes = 'total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0'
    const said = ['Memory cgroup out of memory: ', 'Out of memory: ', 'Out of memory (oom_kill_allocating_task): ', '']
    const kills = findKills(createRecords(...said.map((message, i) => `${message}Killed process ${i} (x) ${sizes}`)))
    expect(kills.map(({ global, complete }) => [global, complete])).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [null, false],
    ])
  })
})

describe('memory.oom.group', () => {
  test('kills more, and names the first victim twice', () => {
    for (const [name, first, others] of [
      ['oom-group.v2-6.1', 'mysqld', ['php-fpm', 'nginx']],
      ['oom-group.v2-6.12', 'mysqld', ['nginx', 'php-fpm']],
    ] as const) {
      const kill = onlyKill(name)
      expect(kill.victim.comm).toBe(first)
      expect(new Set(kill.alsoKilled.map(({ comm }) => comm))).toEqual(new Set(others))
      expect(kill).toMatchObject({ killedLines: 4, complete: true, oomGroup: CONTAINER, taskMemcg: CONTAINER })
      expect(kill.logLines?.last).toBe(parseCapture(name).at(-1)?.sequence)
    }
  })

  test('shows its kill at the first line and fills it in as the others come', () => {
    const records = parseCapture('oom-group.v2-6.1')
    const first = records.findIndex(({ text }) => text.includes('Killed process'))
    let state = assembleAll(records.slice(0, first + 1))
    const seen = [state.oomKills]
    for (const record of records.slice(first + 1)) {
      state = consumeOomRecord(state, record)
      seen.push(state.oomKills)
    }
    expect(seen.map(kills => kills.length)).toEqual([1, 1, 1, 1, 1])
    expect(seen.map(([kill]) => kill?.killedLines)).toEqual([1, 1, 2, 3, 4])
    expect(seen.map(([kill]) => kill?.alsoKilled.length)).toEqual([0, 0, 1, 2, 2])
    expect(new Set(seen).size).toBe(5)
  })

  test('does not swallow the next kill that has no report, when the table shows it was not in the group', () => {
    const bare = 'Memory cgroup out of memory: Killed process 9999 (other) total-vm:8kB, anon-rss:4kB'
    const log = parseCapture('oom-group.v2-6.1')
    const next = { ...log.at(-1)!, sequence: log.at(-1)!.sequence! + 1, text: bare }
    expect(findKills([...log, next]).map(({ victim, killedLines }) => [victim.comm, killedLines])).toEqual([
      ['mysqld', 4],
      ['other', 1],
    ])
  })

  const killed = (pid: number, comm: string): string =>
    `Memory cgroup out of memory: Killed process ${pid} (${comm}) total-vm:8kB, anon-rss:4kB, UID:7`
  const group = (memcg: string): string => `Tasks in ${memcg} are going to be killed due to memory.oom.group set`

  test('is recognized if only bare lines of two groups are left', () => {
    const log = createRecords(
      killed(1, 'a'),
      group('/x'),
      killed(2, 'b'),
      killed(1, 'a'),
      killed(3, 'c'),
      group('/y'),
      killed(3, 'c'),
    )
    expect(findKills(log)).toMatchObject([
      {
        victim: { pid: 1 },
        oomGroup: '/x',
        alsoKilled: [{ pid: 2 }],
        killedLines: 3,
        complete: false,
        sequence: 100,
        logLines: { first: 100, last: 103 },
      },
      {
        victim: { pid: 3 },
        oomGroup: '/y',
        alsoKilled: [],
        killedLines: 2,
        complete: false,
        sequence: 104,
        logLines: { first: 104, last: 106 },
      },
    ])
  })

  test('skips members that are exiting', () => {
    const exiting = 'Memory cgroup out of memory: OOM victim 2 (b) is already exiting. Skip killing the task'
    const [kill] = findKills(createRecords(killed(1, 'a'), group('/x'), killed(1, 'a'), exiting, killed(4, 'd')))
    expect(kill).toMatchObject({ victim: { pid: 1 }, alsoKilled: [{ pid: 4 }], killedLines: 3 })
  })

  test('whose first line was lost is one kill of what is left', () => {
    const kills = findKills(createRecords(group('/x'), killed(2, 'b'), killed(1, 'a')))
    expect(kills).toMatchObject([{ victim: { pid: 2 }, alsoKilled: [{ pid: 1 }], oomGroup: '/x', complete: false }])
  })
})

describe('after the kill', () => {
  const records = parseCapture('oom-nested.v1-6.18')
  const reaped = (pid: number, comm: string): string =>
    `oom_reaper: reaped process ${pid} (${comm}), now anon-rss:0kB, file-rss:0kB, shmem-rss:4kB`

  test('the reaper confirms the one it names', () => {
    const state = assembleAll(records)
    const confirmed = assembleAll(createRecords(reaped(2923, 'ctr-a')), { ...state, reports: [] })
    expect(confirmed.oomKills.map(kill => kill.reaped)).toEqual([true, false])
  })

  test('the reaper confirms nothing when it names another, or the same again', () => {
    const state = { ...assembleAll(records), reports: [] }
    const others = assembleAll(createRecords(reaped(2923, 'ctr-b'), reaped(1, 'ctr-a')), state)
    expect(others.oomKills).toBe(state.oomKills)
    // the kills that it confirms are not in the log: their names are
    expect(others.events.slice(state.events.length)).toMatchObject([
      { kind: 'oom-reaped', subject: 'ctr-b', count: 2923 },
      { kind: 'oom-reaped', subject: 'ctr-a', count: 1 },
    ])
    const once = assembleAll(createRecords(reaped(2923, 'ctr-a')), state)
    expect(assembleAll(createRecords(reaped(2923, 'ctr-a')), once)).toBe(once)
  })

  test('a member of the group that is killed later does not undo the confirmation', () => {
    const log = parseCapture('oom-group.v2-6.1')
    const last = log.at(-1)!
    const between = { ...last, text: reaped(766, 'mysqld') }
    const [kill] = findKills([...log.slice(0, -1), between, { ...last, sequence: last.sequence! + 1 }])
    expect(kill).toMatchObject({ reaped: true, killedLines: 4 })
  })
})

describe('no kill', () => {
  test('comes of a victim that is exiting already', () => {
    const log = parseCapture('oom-nested.v1-6.18')
    const end = log.findIndex(({ text }) => text.includes('Killed process'))
    const skip = 'Memory cgroup out of memory: OOM victim 2923 (ctr-a) is already exiting. Skip killing the task'
    const state = assembleAll([...log.slice(0, end), { ...log[end]!, text: skip }])
    expect(state).toMatchObject({ oomKills: [], reports: [] })
    expect(assembleAll(log.slice(end + 1), state).oomKills).toMatchObject([{ victim: { pid: 2928 }, complete: true }])
  })

  test('comes of a report that finds nobody to kill', () => {
    const log = parseCapture('oom-nested.v1-6.18')
    const end = log.findIndex(({ text }) => text.startsWith('oom-kill:'))
    const nobody = { ...log[end]!, text: 'Out of memory and no killable processes...' }
    expect(assembleAll([...log.slice(0, end), nobody])).toMatchObject({ oomKills: [], reports: [] })
  })

  test('comes of ordinary records, which leave the state as it is', () => {
    expect(assembleAll(parseCapture('boot.v2-6.12'))).toBe(emptyState)
  })
})
