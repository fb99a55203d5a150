// Logs that are truncated, mixed or endless: everything that is still reported must be true.
import { describe, expect, test } from 'vitest'
import type { KernelRecord } from '../../../../src/collectors/kmsg/kernel-record.ts'
import {
  closeStaleReports,
  consumeOomRecord,
  type OomState,
} from '../../../../src/collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill } from '../../../../src/collectors/kmsg/oom/oom-kill.ts'
import { pickCases } from '../../../full.ts'
import {
  assembleAll,
  createDice,
  createRecords,
  emptyState,
  findKilledPids,
  findKills,
  parseCapture,
  renumber,
} from '../captures.ts'

const CAPTURES = [
  'oom-nested.v1-6.18',
  'oom-oddname.v1-6.18',
  'oom-utf8name.v1-6.18',
  'oom-cgname.v1-6.18',
  'oom-threads.v1-6.18',
  'oom-twoproc.v1-6.18',
  'oom-parallel.v1-6.18',
  'oom-repeated.v1-6.18',
  'oom-swap.v2-6.12',
  'oom-group.v2-6.1',
  'oom-group.v2-6.12',
  'oom-global.v2-6.1',
  'oom-global.v2-6.12',
]

/** The longest takes as long as the others together when it is cut at every line. */
const TORN = pickCases(
  CAPTURES.filter(name => name !== 'oom-repeated.v1-6.18'),
  CAPTURES,
)

const ROUNDS = pickCases(20, 60)

const whole = new Map(CAPTURES.map(name => [name, findKills(parseCapture(name))]))

/** Everything that was killed, the victim that is named twice once for each report. */
function pids(kills: readonly OomKill[]): readonly number[] {
  return kills.flatMap(({ victim, alsoKilled }) => [victim.pid, ...alsoKilled.map(({ pid }) => pid)])
}

/** Is all that a kill of a torn log says said by the kill of the whole log too? */
function expectTrue(said: OomKill, truth: OomKill): void {
  const { taskMemcg, oomMemcg, oomGroup, constraint, global, memory, swap, kmem } = truth
  if (isKnownTrue(said, truth)) return
  for (const [name, value] of Object.entries({
    taskMemcg,
    oomMemcg,
    oomGroup,
    constraint,
    global,
    memory,
    swap,
    kmem,
  })) {
    expect([null, value]).toContainEqual(said[name as keyof OomKill])
  }
  if (said.invoker) expect({ ...said.invoker, pid: truth.invoker?.pid }).toEqual(truth.invoker)
  if (said.invoker?.pid) expect(said.invoker.pid).toBe(truth.invoker?.pid)
  expect(truth.stat).toMatchObject(said.stat)
  for (const row of said.tasks) expect(truth.tasks).toContainEqual(row)
}

const checked = new WeakMap<OomKill, Set<string>>()

/** Whether the same was said before of the same kill, and was true: most cuts of a log change nothing in its other kills. */
function isKnownTrue(said: OomKill, truth: OomKill): boolean {
  const text = JSON.stringify(said)
  const known = checked.get(truth) ?? new Set()
  checked.set(truth, known)
  if (known.has(text)) return true
  known.add(text)
  return false
}

/** The kill of the whole log that a line belongs to. */
function truthOf(kills: readonly OomKill[], sequence: number): OomKill {
  return kills.find(({ logLines }) => sequence >= logLines!.first && sequence <= logLines!.last)!
}

describe('a log that begins anywhere', () => {
  test.each(TORN)('has a kill for each remaining line, and nothing wrong: %s', name => {
    const records = parseCapture(name)
    for (let start = 0; start <= records.length; start++) {
      const rest = records.slice(start)
      const kills = findKills(rest)
      const left = findKilledPids(rest)
      expect(new Set(pids(kills))).toEqual(new Set(left))
      expect(kills.reduce((sum, { killedLines }) => sum + killedLines, 0)).toBe(left.length)
      for (const kill of kills) expectTrue(kill, truthOf(whole.get(name)!, kill.sequence!))
    }
  })

  test('knows victim and cgroups from the last two lines', () => {
    const [kill] = findKills(parseCapture('oom-swap.v2-6.12').slice(-2))
    expect(kill).toMatchObject({
      complete: false,
      global: false,
      constraint: 'CONSTRAINT_MEMCG',
      invoker: null,
      memory: null,
    })
    expect(kill?.taskMemcg).toBe(whole.get('oom-swap.v2-6.12')?.[0]?.taskMemcg)
  })

  test('knows the cgroup that tries to mislead, even then', () => {
    const [kill] = findKills(parseCapture('oom-cgname.v1-6.18').slice(-2))
    expect(kill?.taskMemcg).toBe('/kmt-res a,task=evil,pid=1')
  })
})

describe('a log with holes', () => {
  test.each(TORN)('reports nothing wrong, and no incomplete report as complete: %s', name => {
    const records = parseCapture(name)
    const kills = whole.get(name)!
    const roll = createDice(records.length)
    for (let round = 0; round < ROUNDS; round++) {
      const holes = Array.from(
        { length: 1 + roll(3) },
        () => [roll(records.length), 1 + roll(round % 2 ? 5 : 90)] as const,
      )
      const isLost = (i: number): boolean => holes.some(([at, size]) => i >= at && i < at + size)
      const rest = records.filter((_, i) => i === records.length - 1 || !isLost(i))
      const there = new Set(rest.map(({ sequence }) => sequence))
      const found = findKills(rest)
      expect(found.reduce((sum, { killedLines }) => sum + killedLines, 0)).toBe(findKilledPids(rest).length)
      for (const kill of found) {
        const truth = truthOf(kills, kill.sequence!)
        expect(records.find(({ sequence }) => sequence === kill.sequence)?.text).toContain(
          `process ${kill.victim.pid} (`,
        )
        expectTrue(kill, truth)
        if (!kill.complete) continue
        for (let n = truth.logLines!.first; n <= truth.logLines!.last; n++) expect(there).toContain(n)
      }
    }
  })

  test('forgets the head of a report whose middle is lost, for what follows may be another’s', () => {
    const records = parseCapture('oom-nested.v1-6.18')
    const kills = findKills([...records.slice(0, 30), ...records.slice(120)])
    expect(kills).toMatchObject([{ victim: { pid: 2928 }, invoker: null, complete: false }])
  })
})

describe('a log that comes by the record', () => {
  test.each(CAPTURES)('gives the same result as the whole: %s', name => {
    const records = parseCapture(name)
    let state: OomState = emptyState
    for (const record of records) state = closeStaleReports(consumeOomRecord(state, record), record.time)
    expect(state.oomKills).toEqual(whole.get(name))
  })
})

describe('two reports at once', () => {
  const records = parseCapture('oom-parallel.v1-6.18')
  const second = records.findIndex(({ text }, i) => i > 0 && text.includes('invoked oom-killer'))
  const left = records.slice(0, second)
  const right = records.slice(second)
  const spoken = (by: string, lines: readonly KernelRecord[]): KernelRecord[] =>
    lines.map(line => ({ ...line, caller: by }))

  /** Both, in an order that keeps each in order. */
  function mixed(a: readonly KernelRecord[], b: readonly KernelRecord[], seed: number): readonly KernelRecord[] {
    const roll = createDice(seed)
    const [one, other] = [[...a], [...b]]
    const all: KernelRecord[] = []
    while (one.length + other.length > 0)
      all.push((roll(one.length + other.length) < one.length ? one : other).shift()!)
    return renumber(all)
  }

  /** A kill without what depends on its place in the log. */
  function placeless({ time, sequence, logLines, ...kill }: OomKill): Partial<OomKill> {
    return kill
  }

  test('are distinguished by their callers', () => {
    const expected = [...findKills(left), ...findKills(right)].map(placeless)
    for (let seed = 0; seed < 100; seed++) {
      const kills = findKills(mixed(spoken('T3599', left), spoken('T3600', right), seed)).map(placeless)
      expect(kills).toHaveLength(2)
      expect(kills).toEqual(expect.arrayContaining(expected))
    }
  })

  test('are distinguished by their callers with groups to kill', () => {
    const [a, b] = [parseCapture('oom-group.v2-6.1').slice(3), parseCapture('oom-group.v2-6.12').slice(3)]
    for (let seed = 0; seed < 50; seed++) {
      const kills = findKills(mixed(spoken('T766', a), spoken('C1', b), seed))
      for (const { killedLines, complete } of kills) expect([killedLines, complete]).toEqual([4, true])
      expect(kills).toHaveLength(2)
    }
  })

  test('without callers are not called complete, but victims and their cgroups are right', () => {
    for (let seed = 0; seed < 100; seed++) {
      const log = mixed(left, right, seed)
      const overlap = log.findIndex(({ text }) => text.includes('par-right invoked'))
      const found = findKills(log)
      expect(found.map(({ victim }) => victim.comm).sort()).toEqual(['par-left', 'par-right'])
      for (const { victim, taskMemcg, complete } of found) {
        expect([null, victim.comm === 'par-left' ? '/kmt-res-pl' : '/kmt-res-pr']).toContain(taskMemcg)
        if (overlap > 0 && overlap < left.length) expect(complete).toBe(false)
      }
    }
  })

  test('do not mind what others say in between', () => {
    const noise = createRecords(
      'audit: type=1400',
      'IPv6: ADDRCONF',
      'foo 12',
      '[drm] x',
      ', and',
      'Process accounting resumed',
    )
    const noisy = records.flatMap((record, i) => [record, { ...noise[i % noise.length]!, time: record.time }])
    const { oomKills } = assembleAll(renumber(noisy))
    const stat = (kill: OomKill): OomKill => ({ ...kill, stat: { ...kill.stat } })
    for (const [i, kill] of oomKills.entries()) {
      const { foo, ...rest } = stat(kill).stat
      expect(placeless({ ...kill, stat: rest })).toEqual(placeless(whole.get('oom-parallel.v1-6.18')![i]!))
    }
    expect(oomKills).toHaveLength(2)
  })
})

describe('an open report', () => {
  const head = parseCapture('oom-nested.v1-6.18').slice(0, 79)
  const last = parseCapture('oom-nested.v1-6.18')[79]!
  const idle = (count: number): KernelRecord[] =>
    Array.from({ length: count }, (_, i) => ({ ...last, sequence: last.sequence! + i, text: 'usb 1-1: new device' }))
  const closing = (count: number): KernelRecord => ({ ...last, sequence: last.sequence! + count })

  test('waits for its end through 399 foreign records, and no longer', () => {
    expect(findKills([...head, ...idle(399), closing(399)])).toMatchObject([{ complete: true }])
    expect(findKills([...head, ...idle(400), closing(400)])).toMatchObject([{ complete: false, taskMemcg: null }])
  })

  test('waits 2 s by the kernel clock, and no longer', () => {
    const late = (ms: number): KernelRecord => ({ ...last, time: head.at(-1)!.time + ms })
    expect(findKills([...head, late(1990)])).toMatchObject([{ complete: true }])
    expect(findKills([...head, late(2010)])).toMatchObject([{ complete: false }])
  })

  test('ends without a kill when its caller begins another', () => {
    const spoken = [...head, ...head].map(record => ({ ...record, caller: 'T1' }))
    expect(assembleAll(renumber(spoken)).reports).toHaveLength(1)
  })

  test('is one of at most eight', () => {
    const headers = Array.from({ length: 50 }, (_, i) => ({ ...head[0]!, caller: `T${i}` }))
    expect(assembleAll(renumber(headers)).reports).toHaveLength(8)
    const bare = Array.from({ length: 50 }, () => head[0]!)
    expect(assembleAll(renumber(bare)).reports).toHaveLength(8)
  })

  test('does not change what it was made from', () => {
    const states: OomState[] = [emptyState]
    for (const record of head) states.push(consumeOomRecord(states.at(-1)!, record))
    const before = JSON.stringify(states)
    for (const state of states) assembleAll([...head, last], state)
    expect(JSON.stringify(states)).toBe(before)
  })
})
